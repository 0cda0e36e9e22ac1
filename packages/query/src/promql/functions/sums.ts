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

/** Sum by count, unless the sum overflows though the mean does not. */
export function mean(values: Float64Array, from: number, to: number): number {
  const sum = compensatedSum(values, from, to);
  return Number.isFinite(sum) ? sum / (to - from) : incrementalMean(values, from, to);
}

function incrementalMean(values: Float64Array, from: number, to: number): number {
  let average = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const count = i - from + 1;
    if (!Number.isFinite(average)) {
      if (average === value || Number.isNaN(average)) continue;
      if (Number.isFinite(value)) continue;
    }
    average += value / count - average / count;
  }
  return average;
}
