import {
  type HistogramBuckets,
  type NativeHistogram,
  type ResetHint,
  STALE_NAN_HIGH,
  STALE_NAN_LOW,
} from "@hms-ops/model";
import { BitReader } from "./bit-reader.ts";
import { type CountReader, DoubleReader, WholeReader } from "./histogram-columns.ts";
import { bucketCount, type HistogramLayout, hintOf, readLayout } from "./histogram-layout.ts";

export interface HistogramSamples {
  readonly count: number;
  /** Whole milliseconds since the epoch. */
  readonly timesMs: Float64Array;
  /** Undefined = staleness marker. */
  readonly histograms: readonly (NativeHistogram | undefined)[];
}

export const HISTOGRAM_HEADER_BYTES = 3;

/**
 * Reads the data of a chunk of integer histograms (encoding 2) or of float histograms (encoding 3),
 * without length, encoding and checksum. Throws an OpsError when it is damaged. The first reset
 * hint is the chunk's; later ones are "not-reset", of gauges "gauge". Counts beyond 2^53 are
 * rounded. Source: Prometheus' tsdb/docs/format/chunks.md.
 */
export function decodeHistogramChunk(data: Uint8Array, isInteger: boolean): HistogramSamples {
  const header = new BitReader(data, 0);
  const count = header.bits(16);
  const hint = hintOf(header.bits(8));
  const timesMs = new Float64Array(count);
  const histograms: (NativeHistogram | undefined)[] = [];
  if (count === 0) return { count, timesMs, histograms };
  // A sample takes four bits at least.
  if (count > data.length * 2) header.fail("it claims more samples than it can hold");
  const chunk = new HistogramChunkReader(data, isInteger, hint);
  let beforeMs = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < count; row++) {
    histograms.push(chunk.next());
    timesMs[row] = chunk.timeMs;
    if (chunk.timeMs <= beforeMs) header.fail("its times do not rise");
    beforeMs = chunk.timeMs;
  }
  return { count, timesMs, histograms };
}

class HistogramChunkReader {
  timeMs = 0;
  readonly #reader: BitReader;
  readonly #isInteger: boolean;
  readonly #layout: HistogramLayout;
  readonly #time = new WholeReader();
  readonly #count: CountReader;
  readonly #zeroCount: CountReader;
  readonly #sum = new DoubleReader();
  readonly #positive: readonly CountReader[];
  readonly #negative: readonly CountReader[];
  #hint: ResetHint;
  #isFirst = true;

  constructor(data: Uint8Array, isInteger: boolean, hint: ResetHint) {
    const reader = new BitReader(data, HISTOGRAM_HEADER_BYTES);
    const column = () => (isInteger ? new WholeReader() : new DoubleReader());
    const columns = (length: number) => Array.from({ length }, column);
    const layout = readLayout(reader);
    this.#reader = reader;
    this.#isInteger = isInteger;
    this.#layout = layout;
    this.#count = column();
    this.#zeroCount = column();
    this.#positive = columns(bucketCount(layout.positiveSpans));
    this.#negative = columns(bucketCount(layout.negativeSpans));
    this.#hint = hint;
  }

  next(): NativeHistogram | undefined {
    const reader = this.#reader;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    this.timeMs = isFirst ? this.#time.startBucket(reader) : this.#time.next(reader);
    const count = this.#total(this.#count, isFirst);
    const zeroCount = this.#total(this.#zeroCount, isFirst);
    const sum = this.#total(this.#sum, isFirst);
    // Behind the sum a staleness marker holds nothing.
    if (this.#sum.high === STALE_NAN_HIGH && this.#sum.low === STALE_NAN_LOW) return undefined;
    if (!(count >= 0 && zeroCount >= 0)) reader.fail("a histogram counts less than nothing");
    const { schema, zeroThreshold, positiveSpans, negativeSpans, customBounds } = this.#layout;
    const positive = { spans: positiveSpans, counts: this.#buckets(this.#positive, isFirst) };
    const negative = { spans: negativeSpans, counts: this.#buckets(this.#negative, isFirst) };
    const resetHint = this.#hint;
    if (resetHint !== "gauge") this.#hint = "not-reset";
    const isInteger = this.#isInteger;
    const shape = { isInteger, resetHint, schema, zeroThreshold, customBounds };
    return { ...shape, count, zeroCount, sum, positive, negative };
  }

  #total(column: CountReader, isFirst: boolean): number {
    return isFirst ? column.startTotal(this.#reader) : column.next(this.#reader);
  }

  /** Of integers the difference to the bucket before stands there. */
  #buckets(columns: readonly CountReader[], isFirst: boolean): HistogramBuckets["counts"] {
    const reader = this.#reader;
    const counts = new Float64Array(columns.length);
    let before = 0;
    for (let i = 0; i < counts.length; i++) {
      const column = columns[i]!;
      const number = isFirst ? column.startBucket(reader) : column.next(reader);
      const count = this.#isInteger ? before + number : number;
      if (!(count >= 0)) reader.fail("a bucket counts less than nothing");
      counts[i] = count;
      before = count;
    }
    return counts;
  }
}
