import { type Columns, HISTOGRAM_HIGH, isStaleMarker } from "../memory/columns.ts";

/** Sums of samples this large may overflow on the way: such series are answered from samples. */
const SIZE_MAX = 1e290;
/** Sums of whole numbers up to here are exact in any order. */
const EXACT_MAX = 2 ** 53;
const NOT_FINITE = 0x7ff0_0000;

/** Buckets of one series as columns, rising in time. Re-used. */
export class BucketRows {
  count = 0;
  /** End of the bucket divided by its width. */
  numbers = new Float64Array(0);
  counts = new Float64Array(0);
  /** See `BucketBatch` of the model. */
  sums = new Float64Array(0);
  lows = new Float64Array(0);
  errors = new Float64Array(0);
  minimums = new Float64Array(0);
  maximums = new Float64Array(0);
  /** Sums of the values times a power of ten, each rounded. */
  wholes = new Float64Array(0);

  /** Makes room for so many more. */
  reserve(rows: number): void {
    const needed = this.count + rows;
    if (needed <= this.numbers.length) return;
    const capacity = Math.max(needed, 2 * this.numbers.length, 64);
    this.numbers = widened(this.numbers, capacity);
    this.counts = widened(this.counts, capacity);
    this.sums = widened(this.sums, capacity);
    this.lows = widened(this.lows, capacity);
    this.errors = widened(this.errors, capacity);
    this.minimums = widened(this.minimums, capacity);
    this.maximums = widened(this.maximums, capacity);
    this.wholes = widened(this.wholes, capacity);
  }
}

function widened(column: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(capacity);
  wider.set(column);
  return wider;
}

/**
 * Adds the buckets of rows [from, to), which rise in time. False if they cannot tell what the rows
 * do: a histogram among them, or numbers whose sum may overflow. Hot.
 */
export function sumUp(
  rows: Columns,
  from: number,
  to: number,
  widthMs: number,
  into: BucketRows,
  scale = 1,
): boolean {
  const { timesMs, values, valueWords } = rows;
  for (let row = from; row < to; ) {
    const number = Math.ceil(timesMs[row]! / widthMs) + 0;
    const endMs = number * widthMs;
    let count = 0;
    let sum = 0;
    let low = 0;
    let size = 0;
    let least = Number.NaN;
    let most = Number.NaN;
    let whole = 0;
    let isWhole = true;
    for (; row < to && timesMs[row]! <= endMs; row++) {
      const value = values[row]!;
      if ((valueWords[2 * row + 1]! & NOT_FINITE) === NOT_FINITE) {
        const high = valueWords[2 * row + 1]!;
        if (high === HISTOGRAM_HIGH) return false;
        if (isStaleMarker(valueWords[2 * row]!, high)) continue;
      } else {
        size += Math.abs(value);
        const total = sum + value;
        low += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
      }
      count++;
      sum += value;
      whole += Math.round(value * scale);
      if (value < least || Number.isNaN(least)) least = value;
      if (value > most || Number.isNaN(most)) most = value;
      if (Math.trunc(value) !== value) isWhole = false;
    }
    if (size > SIZE_MAX) return false;
    if (count === 0) continue;
    into.reserve(1);
    const at = into.count++;
    into.numbers[at] = number;
    into.counts[at] = count;
    into.sums[at] = sum;
    into.lows[at] = Number.isFinite(sum) ? low : 0;
    into.errors[at] = isWhole && size <= EXACT_MAX ? 0 : errorOf(count, size);
    into.minimums[at] = least;
    into.maximums[at] = most;
    into.wholes[at] = whole;
  }
  return true;
}

/**
 * By how much a compensated sum of `count` numbers may be off, beside its last bit: Ogita, Rump,
 * Oishi, "Accurate sum and dot product" (2005), proposition 4.5, with room to spare.
 */
export function errorOf(count: number, size: number): number {
  return count * count * 2 ** -104 * size;
}
