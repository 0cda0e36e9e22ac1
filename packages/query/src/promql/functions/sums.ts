/** What adding loses (Neumaier); nothing once the sum is infinite. */
export function compensation(sum: number, add: number): number {
  const total = sum + add;
  if (!Number.isFinite(total)) return 0;
  return Math.abs(sum) >= Math.abs(add) ? sum - total + add : add - total + sum;
}

/** Sum of values[from] … values[to − 1]. */
export function compensatedSum(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  let lost = 0;
  for (let i = from; i < to; i++) {
    lost += compensation(sum, values[i]!);
    sum += values[i]!;
  }
  return Number.isFinite(sum) ? sum + lost : sum;
}

/**
 * The mean of values[from] … values[to − 1]: the sum by the count, and from where the sum would
 * overflow on a running mean, both compensated (promql/functions.go, funcAvgOverTime).
 */
export function mean(values: Float64Array, from: number, to: number): number {
  let sum = values[from]!;
  let lost = 0;
  for (let i = from + 1; i < to; i++) {
    const next = sum + values[i]!;
    if (next === Number.POSITIVE_INFINITY || next === Number.NEGATIVE_INFINITY) {
      return runningMean(values, from, to, i, sum, lost);
    }
    lost += compensation(sum, values[i]!);
    sum = next;
  }
  return sum / (to - from) + lost / (to - from);
}

/** `sum` and `lost` are of the rows before `at`. */
function runningMean(
  values: Float64Array,
  from: number,
  to: number,
  at: number,
  sum: number,
  lost: number,
): number {
  let average = sum / (at - from);
  let averageLost = lost / (at - from);
  for (let i = at; i < to; i++) {
    const count = i - from + 1;
    const kept = (count - 1) / count;
    const add = values[i]! / count;
    const before = kept * average;
    const next = before + add;
    averageLost = Number.isFinite(next) ? kept * averageLost + compensation(before, add) : 0;
    average = next;
  }
  return average + averageLost;
}

/** Splits a number's 53 bits in two halves, whose products are exact. */
const SPLIT = 2 ** 27 + 1;

/** What the product of two numbers lost when it became `product` (Dekker); none may overflow. */
export function productLost(a: number, b: number, product: number): number {
  const aLarge = a * SPLIT;
  const aHead = aLarge - (aLarge - a);
  const aTail = a - aHead;
  const bLarge = b * SPLIT;
  const bHead = bLarge - (bLarge - b);
  const bTail = b - bHead;
  return aHead * bHead - product + aHead * bTail + aTail * bHead + aTail * bTail;
}
