import {
  type BucketSpan,
  CUSTOM_BOUNDS_SCHEMA,
  type NativeHistogram,
  type ResetHint,
  SCHEMA_MAX,
  SCHEMA_MIN,
} from "@hms-ops/model";
import type { BitReader } from "./bit-reader.ts";
import type { BitWriter } from "./bit-writer.ts";

/** What all histograms of one chunk share. */
export interface HistogramLayout {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly positiveSpans: readonly BucketSpan[];
  readonly negativeSpans: readonly BucketSpan[];
  readonly customBounds: Float64Array;
}

/** By the two high bits of the flags. */
const HINTS: readonly ResetHint[] = ["unknown", "not-reset", "reset", "gauge"];
const ZERO_THRESHOLD_WHOLE = 255;
/** Added to the exponent of a power of two (of one half times it), so that one byte holds it. */
const EXPONENT_BIAS = 243;
/** Bounds with at most three decimals are whole numbers up to this when taken a thousandfold. */
const CUSTOM_SCALE = 1_000;
const CUSTOM_SCALED_MAX = 33_554_430;
const scratch = new DataView(new ArrayBuffer(8));

export function hintOf(flags: number): ResetHint {
  return HINTS[flags >>> 6]!;
}

export function flagsOf(hint: ResetHint): number {
  return HINTS.indexOf(hint) << 6;
}

export function layoutOf(histogram: NativeHistogram): HistogramLayout {
  const { schema, zeroThreshold, positive, negative, customBounds } = histogram;
  const [positiveSpans, negativeSpans] = [positive.spans, negative.spans];
  return { schema, zeroThreshold, positiveSpans, negativeSpans, customBounds };
}

export function isSameLayout(a: NativeHistogram, b: NativeHistogram): boolean {
  return (
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    areSameSpans(a.positive.spans, b.positive.spans) &&
    areSameSpans(a.negative.spans, b.negative.spans) &&
    a.customBounds.length === b.customBounds.length &&
    a.customBounds.every((bound, i) => bound === b.customBounds[i])
  );
}

function areSameSpans(a: readonly BucketSpan[], b: readonly BucketSpan[]): boolean {
  if (a.length !== b.length) return false;
  return a.every(({ offset, length }, i) => offset === b[i]!.offset && length === b[i]!.length);
}

export function bucketCount(spans: readonly BucketSpan[]): number {
  let count = 0;
  for (const { length } of spans) count += length;
  return count;
}

export function readLayout(reader: BitReader): HistogramLayout {
  const zeroThreshold = readZeroThreshold(reader);
  const schema = reader.varbitInt();
  const isKnown = schema === CUSTOM_BOUNDS_SCHEMA || (schema >= SCHEMA_MIN && schema <= SCHEMA_MAX);
  if (!isKnown) reader.fail(`histograms of schema ${schema} are unknown`);
  const positiveSpans = readSpans(reader);
  const negativeSpans = readSpans(reader);
  const customBounds =
    schema === CUSTOM_BOUNDS_SCHEMA ? readCustomBounds(reader) : new Float64Array(0);
  return { schema, zeroThreshold, positiveSpans, negativeSpans, customBounds };
}

export function writeLayout(writer: BitWriter, layout: HistogramLayout): void {
  writeZeroThreshold(writer, layout.zeroThreshold);
  writer.varbitInt(layout.schema);
  writeSpans(writer, layout.positiveSpans);
  writeSpans(writer, layout.negativeSpans);
  if (layout.schema === CUSTOM_BOUNDS_SCHEMA) writeCustomBounds(writer, layout.customBounds);
}

function readZeroThreshold(reader: BitReader): number {
  const byte = reader.bits(8);
  if (byte === 0) return 0;
  return byte === ZERO_THRESHOLD_WHOLE ? readDouble(reader) : 2 ** (byte - EXPONENT_BIAS - 1);
}

function writeZeroThreshold(writer: BitWriter, threshold: number): void {
  if (threshold === 0) {
    writer.bits(0, 8);
    return;
  }
  const byte = Math.log2(threshold) + EXPONENT_BIAS + 1;
  const isPower =
    byte >= 1 && byte < ZERO_THRESHOLD_WHOLE && 2 ** Math.round(Math.log2(threshold)) === threshold;
  if (isPower) writer.bits(Math.round(byte), 8);
  else {
    writer.bits(ZERO_THRESHOLD_WHOLE, 8);
    writeDouble(writer, threshold);
  }
}

function readSpans(reader: BitReader): readonly BucketSpan[] {
  const spans: BucketSpan[] = [];
  const count = reader.varbitUint();
  let buckets = 0;
  for (let i = 0; i < count; i++) {
    const length = reader.varbitUint();
    const offset = reader.varbitInt();
    if (i > 0 && offset < 0) reader.fail("spans of buckets overlap");
    buckets += length;
    // A bucket takes one bit at least.
    if (buckets > reader.left) reader.fail("it claims more buckets than it can hold");
    spans.push({ offset, length });
  }
  return spans;
}

function writeSpans(writer: BitWriter, spans: readonly BucketSpan[]): void {
  writer.varbitUint(spans.length);
  for (const { offset, length } of spans) {
    writer.varbitUint(length);
    writer.varbitInt(offset);
  }
}

function readCustomBounds(reader: BitReader): Float64Array {
  const count = reader.varbitUint();
  const bounds: number[] = [];
  for (let i = 0; i < count; i++) {
    const scaled = reader.varbitUint();
    const bound = scaled === 0 ? readDouble(reader) : (scaled - 1) / CUSTOM_SCALE;
    // The first one may be -Inf (since Prometheus 3.8).
    const isRising = bound < Number.POSITIVE_INFINITY && (i === 0 || bound > bounds[i - 1]!);
    if (!isRising) reader.fail("bounds of buckets do not rise");
    bounds.push(bound);
  }
  return Float64Array.from(bounds);
}

function writeCustomBounds(writer: BitWriter, bounds: Float64Array): void {
  writer.varbitUint(bounds.length);
  for (const bound of bounds) {
    const scaled = bound * CUSTOM_SCALE;
    const isWhole = scaled >= 0 && scaled <= CUSTOM_SCALED_MAX && Number.isInteger(scaled);
    // Some decimals do not come back from their thousandfold: those stand whole.
    if (isWhole && scaled / CUSTOM_SCALE === bound) writer.varbitUint(scaled + 1);
    else {
      writer.bits(0, 1);
      writeDouble(writer, bound);
    }
  }
}

function readDouble(reader: BitReader): number {
  scratch.setUint32(0, reader.bits(32));
  scratch.setUint32(4, reader.bits(32));
  return scratch.getFloat64(0);
}

function writeDouble(writer: BitWriter, value: number): void {
  scratch.setFloat64(0, value);
  writer.bits(scratch.getUint32(0), 32);
  writer.bits(scratch.getUint32(4), 32);
}
