import { type NativeHistogram, STALE_NAN_HIGH, STALE_NAN_LOW } from "@hms-ops/model";
import { BitWriter } from "./bit-writer.ts";
import { HISTOGRAM_HEADER_BYTES, type HistogramSamples } from "./histogram-chunk.ts";
import { type CountWriter, DoubleWriter, WholeWriter } from "./histogram-columns.ts";
import { flagsOf, layoutOf, writeLayout } from "./histogram-layout.ts";

/**
 * Rows `from` to `to` (not included), at most 65,535, rising in time: one histogram or more of one
 * layout, all integer (encoding 2) or all float (encoding 3), then maybe staleness markers. Counts
 * of integers are exact up to 2^51. The first one's reset hint becomes the chunk's.
 */
export function encodeHistogramChunk(
  { timesMs, histograms }: Omit<HistogramSamples, "count">,
  from: number,
  to: number,
): Uint8Array<ArrayBuffer> {
  const first = histograms[from]!;
  const chunk = new HistogramChunkWriter(first, to - from);
  for (let row = from; row < to; row++) {
    const histogram = histograms[row];
    if (histogram === undefined) chunk.addStale(timesMs[row]!);
    else chunk.add(timesMs[row]!, histogram);
  }
  return chunk.finish();
}

class HistogramChunkWriter {
  readonly #writer = new BitWriter(HISTOGRAM_HEADER_BYTES);
  readonly #time = new WholeWriter();
  readonly #count: CountWriter;
  readonly #zeroCount: CountWriter;
  readonly #sum = new DoubleWriter();
  readonly #positive: readonly CountWriter[];
  readonly #negative: readonly CountWriter[];
  #isFirst = true;

  constructor(first: NativeHistogram, count: number) {
    const column = () => (first.isInteger ? new WholeWriter() : new DoubleWriter());
    const columns = (length: number) => Array.from({ length }, column);
    const writer = this.#writer;
    writer.setByte(0, count >>> 8);
    writer.setByte(1, count & 0xff);
    writer.setByte(2, flagsOf(first.resetHint));
    writeLayout(writer, layoutOf(first));
    this.#count = column();
    this.#zeroCount = column();
    this.#positive = columns(first.positive.counts.length);
    this.#negative = columns(first.negative.counts.length);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#writer.finish();
  }

  add(timeMs: number, { isInteger, count, zeroCount, sum, ...sides }: NativeHistogram): void {
    const writer = this.#writer;
    if (this.#isFirst) this.#time.startBucket(writer, timeMs);
    else this.#time.next(writer, timeMs);
    this.#total(this.#count, count);
    this.#total(this.#zeroCount, zeroCount);
    this.#total(this.#sum, sum);
    this.#buckets(this.#positive, sides.positive.counts, isInteger);
    this.#buckets(this.#negative, sides.negative.counts, isInteger);
    this.#isFirst = false;
  }

  /** Counts go on as if nothing had happened: one bit each. */
  addStale(timeMs: number): void {
    const writer = this.#writer;
    this.#time.next(writer, timeMs);
    writer.bits(0, 2);
    this.#sum.nextWords(writer, STALE_NAN_HIGH, STALE_NAN_LOW);
  }

  #total(column: CountWriter, value: number): void {
    if (this.#isFirst) column.startTotal(this.#writer, value);
    else column.next(this.#writer, value);
  }

  #buckets(columns: readonly CountWriter[], counts: Float64Array, isInteger: boolean): void {
    const writer = this.#writer;
    let before = 0;
    for (let i = 0; i < columns.length; i++) {
      const count = counts[i]!;
      const number = isInteger ? count - before : count;
      if (this.#isFirst) columns[i]!.startBucket(writer, number);
      else columns[i]!.next(writer, number);
      before = count;
    }
  }
}
