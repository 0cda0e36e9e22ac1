import {
  type BucketSpan,
  bug,
  type HistogramBuckets,
  type NativeHistogram,
  type ResetHint,
} from "@hms-ops/model";
import { ByteWriter } from "../block/byte-writer.ts";

/**
 * A native histogram as bytes; drawn in docs/formats/block.md. Equal histograms have equal bytes.
 *   | flags | schema i8 | zero threshold f64 | sum f64 | count | zero count | positive | negative |
 *   | n | custom bounds, n × f64 |
 * flags: bit 0 integer, bits 1–2 reset hint, bit 3 counts are varints, else doubles. Buckets:
 * | n spans | (offset, zigzag varint; length, varint) … | counts … |, each varint as the difference
 * to the count before, zigzag.
 */
const HINTS: readonly ResetHint[] = ["unknown", "reset", "not-reset", "gauge"];
const INTEGER = 1;
const VARINTS = 8;
/** Differences of larger ones would not be exact. */
const VARINT_MAX = 2 ** 51;

const writer = new ByteWriter();

export function encodeHistogram(histogram: NativeHistogram): Uint8Array {
  const { isInteger, customBounds } = histogram;
  const isWhole = isInteger && histogram.count <= VARINT_MAX;
  writer.clear();
  const hint = HINTS.indexOf(histogram.resetHint) << 1;
  writer.u8((isInteger ? INTEGER : 0) | hint | (isWhole ? VARINTS : 0));
  writer.u8(histogram.schema & 0xff);
  writer.f64(histogram.zeroThreshold);
  writer.f64(histogram.sum);
  writeCount(histogram.count, isWhole);
  writeCount(histogram.zeroCount, isWhole);
  writeBuckets(histogram.positive, isWhole);
  writeBuckets(histogram.negative, isWhole);
  writeVarint(customBounds.length);
  for (const bound of customBounds) writer.f64(bound);
  return writer.take();
}

export function decodeHistogram(bytes: Uint8Array): NativeHistogram {
  const reader = new Reader(bytes);
  const flags = reader.u8();
  const isWhole = (flags & VARINTS) !== 0;
  return {
    isInteger: (flags & INTEGER) !== 0,
    resetHint: HINTS[(flags >>> 1) & 3] ?? bug("a histogram with an unknown reset hint"),
    schema: (reader.u8() << 24) >> 24,
    zeroThreshold: reader.f64(),
    sum: reader.f64(),
    count: reader.count(isWhole),
    zeroCount: reader.count(isWhole),
    positive: reader.buckets(isWhole),
    negative: reader.buckets(isWhole),
    customBounds: Float64Array.from({ length: reader.varint() }, () => reader.f64()),
  };
}

function writeCount(count: number, isWhole: boolean): void {
  if (isWhole) writeVarint(count);
  else writer.f64(count);
}

function writeBuckets({ spans, counts }: HistogramBuckets, isWhole: boolean): void {
  writeVarint(spans.length);
  for (const { offset, length } of spans) {
    writeVarint(zigzag(offset));
    writeVarint(length);
  }
  let previous = 0;
  for (const count of counts) {
    if (isWhole) writeVarint(zigzag(count - previous));
    else writer.f64(count);
    previous = count;
  }
}

/** Whole numbers below 2^53. */
function writeVarint(value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    writer.u8((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  writer.u8(rest);
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

class Reader {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#view.getUint8(this.#at++);
  }

  f64(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  count(isWhole: boolean): number {
    return isWhole ? this.varint() : this.f64();
  }

  buckets(isWhole: boolean): HistogramBuckets {
    const spans: BucketSpan[] = Array.from({ length: this.varint() }, () => ({
      offset: this.zigzag(),
      length: this.varint(),
    }));
    const count = spans.reduce((sum, { length }) => sum + length, 0);
    let previous = 0;
    const counts = Float64Array.from({ length: count }, () => {
      previous = isWhole ? previous + this.zigzag() : this.f64();
      return previous;
    });
    return { spans, counts };
  }
}
