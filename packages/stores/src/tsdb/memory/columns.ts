import { STALE_NAN_HIGH, STALE_NAN_LOW } from "@hms-ops/model";

/**
 * High word of a row that is a histogram; the low word is its place in `blobs`. A NaN that no
 * machine computes: a float that comes with it is stored as plain NaN.
 */
export const HISTOGRAM_HIGH = 0xffff_4853;

/** Bits that the high words of NaN, of infinities and of histograms have. */
const NOT_FINITE = 0x7ff0_0000;

/**
 * Rows in columns, grown as needed. Values are handled as pairs of words, low first: the staleness
 * marker is a NaN whose payload would not survive as a number.
 */
export class Columns {
  count = 0;
  timesMs: Float64Array<ArrayBuffer>;
  values: Float64Array<ArrayBuffer>;
  /** The same memory as `values`. */
  valueWords: Uint32Array<ArrayBuffer>;
  /** False once a row was added that may be NaN, infinite or a histogram. */
  isFinite = true;
  /** Histograms of the rows whose high word is HISTOGRAM_HIGH, as `encodeHistogram` wrote them. */
  readonly blobs: Uint8Array[] = [];

  constructor(capacity = 256) {
    this.timesMs = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
    this.valueWords = new Uint32Array(this.values.buffer);
  }

  /** Forgets all rows; keeps the memory. */
  clear(): void {
    this.count = 0;
    this.isFinite = true;
    if (this.blobs.length > 0) this.blobs.length = 0;
  }

  reserve(rows: number): void {
    const needed = this.count + rows;
    if (needed <= this.timesMs.length) return;
    const capacity = Math.max(needed, this.timesMs.length * 2);
    const { timesMs, valueWords } = this;
    this.timesMs = new Float64Array(capacity);
    this.timesMs.set(timesMs);
    this.values = new Float64Array(capacity);
    this.valueWords = new Uint32Array(this.values.buffer);
    this.valueWords.set(valueWords);
  }

  /** Looks whether the rows from `start` on are finite numbers. */
  note(start: number, count: number): void {
    if (!this.isFinite) return;
    const { valueWords } = this;
    for (let row = start; row < start + count; row++) {
      if ((valueWords[2 * row + 1]! & NOT_FINITE) !== NOT_FINITE) continue;
      this.isFinite = false;
      return;
    }
  }

  /** Index of the first row at or after a time, among [from, count). */
  firstAt(timeMs: number, from = 0): number {
    let low = from;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timesMs[middle]! < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A row behind all others. */
  push(timeMs: number, low: number, high: number): void {
    this.reserve(1);
    this.isFinite = false;
    const row = this.count++;
    this.timesMs[row] = timeMs;
    this.valueWords[2 * row] = low;
    this.valueWords[2 * row + 1] = high;
  }

  insert(at: number, timeMs: number, low: number, high: number): void {
    this.reserve(1);
    this.isFinite = false;
    this.timesMs.copyWithin(at + 1, at, this.count);
    this.values.copyWithin(at + 1, at, this.count);
    this.count++;
    this.timesMs[at] = timeMs;
    this.valueWords[2 * at] = low;
    this.valueWords[2 * at + 1] = high;
  }

  /** Keeps of the rows from `start` on those in [fromMs, toMs]. */
  cut(start: number, fromMs: number, toMs: number): void {
    const first = this.firstAt(fromMs, start);
    this.count = this.firstAt(toMs + 1, first);
    if (first === start) return;
    this.timesMs.copyWithin(start, first, this.count);
    this.values.copyWithin(start, first, this.count);
    this.count -= first - start;
  }
}

export function isStaleMarker(low: number, high: number): boolean {
  return high === STALE_NAN_HIGH && low === STALE_NAN_LOW;
}

/** Hears of rows as they are decoded, at least once in 1,000; may throw to end the reading. */
export interface RowMeter {
  decoded(rows: number): void;
}
