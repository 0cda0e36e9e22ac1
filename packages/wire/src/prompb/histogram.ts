import { type BucketSpan, type HistogramBuckets, NO_BUCKETS, type ResetHint } from "@hms-ops/model";
import { type CheckedHistogram, checkHistogram } from "./histogram-check.ts";
import { type ProtoReader, WIRE_BYTES, WIRE_FIXED_64, WIRE_VARINT } from "./proto-reader.ts";

/** By number. */
export const RESET_HINTS: readonly ResetHint[] = ["unknown", "reset", "not-reset", "gauge"];

/** A prometheus.Histogram; both versions of remote write and remote read have the same. */
export type ReadHistogram = { readonly timeMs: number } & (
  | CheckedHistogram
  | { readonly isStale: true }
);

const NO_NUMBERS: readonly number[] = [];

/** Reads one Histogram message and judges it as Prometheus does. */
export function readHistogram(reader: ProtoReader, end: number): ReadHistogram {
  const fields = new HistogramFields(reader);
  fields.read(end);
  const { timeMs, isStale } = fields;
  return isStale ? { timeMs, isStale } : { timeMs, ...checkHistogram(fields.histogram()) };
}

/** What has been read of a message, field by field in any order. */
class HistogramFields {
  readonly #reader: ProtoReader;
  #isInteger = true;
  #count = 0;
  #sum = 0;
  #schema = 0;
  #zeroThreshold = 0;
  #zeroCount = 0;
  readonly #positive = new BucketFields();
  readonly #negative = new BucketFields();
  #resetHint = 0;
  #customBounds: number[] = [];
  timeMs = 0;
  isStale = false;

  constructor(reader: ProtoReader) {
    this.#reader = reader;
  }

  histogram() {
    return {
      isInteger: this.#isInteger,
      resetHint: RESET_HINTS[this.#resetHint] ?? "unknown",
      schema: this.#schema,
      zeroThreshold: this.#zeroThreshold,
      zeroCount: this.#zeroCount,
      count: this.#count,
      sum: this.#sum,
      positive: this.#positive.buckets(this.#isInteger),
      negative: this.#negative.buckets(this.#isInteger),
      customBounds: Float64Array.from(this.#customBounds),
    };
  }

  read(end: number): void {
    const reader = this.#reader;
    while (reader.position < end) {
      const tag = reader.uint32(end);
      const kind = tag & 7;
      const field = tag >>> 3;
      if (kind === WIRE_VARINT) this.#number(field, kind, end);
      else if (kind === WIRE_FIXED_64) this.#double(field, reader.fixed64(end));
      else if (kind === WIRE_BYTES) this.#packed(field, reader.lengthEnd(end));
      else reader.skip(kind, end);
    }
  }

  #number(field: number, kind: number, end: number): void {
    const reader = this.#reader;
    if (field === 1) this.#count = reader.uint64(end);
    else if (field === 4) this.#schema = reader.zigzag(end);
    else if (field === 6) this.#zeroCount = reader.uint64(end);
    else if (field === 9) this.#negative.deltas.push(reader.zigzag(end));
    else if (field === 12) this.#positive.deltas.push(reader.zigzag(end));
    else if (field === 14) this.#resetHint = reader.uint32(end);
    else if (field === 15) this.timeMs = reader.int64(end);
    else reader.skip(kind, end);
  }

  #double(field: number, at: number): void {
    const reader = this.#reader;
    const value = reader.double(at);
    if (field === 2) {
      this.#count = value;
      this.#isInteger = false;
    } else if (field === 3) {
      this.#sum = value;
      this.isStale = reader.isStaleMarker(at);
    } else if (field === 5) this.#zeroThreshold = value;
    else if (field === 7) this.#zeroCount = value;
    else if (field === 10) this.#negative.counts.push(value);
    else if (field === 13) this.#positive.counts.push(value);
    else if (field === 16) this.#customBounds.push(value);
  }

  /** Spans, and lists whose elements stand in one field. */
  #packed(field: number, end: number): void {
    const reader = this.#reader;
    if (field === 8) this.#negative.spans.push(readSpan(reader, end));
    else if (field === 11) this.#positive.spans.push(readSpan(reader, end));
    else if (field === 9) readZigzags(reader, end, this.#negative.deltas);
    else if (field === 12) readZigzags(reader, end, this.#positive.deltas);
    else if (field === 10) readDoubles(reader, end, this.#negative.counts);
    else if (field === 13) readDoubles(reader, end, this.#positive.counts);
    else if (field === 16) readDoubles(reader, end, this.#customBounds);
    reader.position = end;
  }
}

class BucketFields {
  readonly spans: BucketSpan[] = [];
  readonly deltas: number[] = [];
  readonly counts: number[] = [];

  buckets(isInteger: boolean): HistogramBuckets {
    const { spans } = this;
    const numbers = isInteger ? absolute(this.deltas) : this.counts;
    if (spans.length === 0 && numbers.length === 0) return NO_BUCKETS;
    return { spans, counts: Float64Array.from(numbers) };
  }
}

/** Of integer histograms each bucket is the difference to the one before. */
function absolute(deltas: readonly number[]): readonly number[] {
  if (deltas.length === 0) return NO_NUMBERS;
  let count = 0;
  return deltas.map((delta) => {
    count += delta;
    return count;
  });
}

function readSpan(reader: ProtoReader, end: number): BucketSpan {
  let offset = 0;
  let length = 0;
  while (reader.position < end) {
    const tag = reader.uint32(end);
    if (tag === ((1 << 3) | WIRE_VARINT)) offset = reader.zigzag(end);
    else if (tag === ((2 << 3) | WIRE_VARINT)) length = reader.uint32(end);
    else reader.skip(tag & 7, end);
  }
  return { offset, length };
}

function readZigzags(reader: ProtoReader, end: number, into: number[]): void {
  while (reader.position < end) into.push(reader.zigzag(end));
}

function readDoubles(reader: ProtoReader, end: number, into: number[]): void {
  while (reader.position < end) into.push(reader.double(reader.fixed64(end)));
}
