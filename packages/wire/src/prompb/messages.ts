import {
  type HistogramBuckets,
  type Labels,
  type NativeHistogram,
  STALE_NAN_HIGH,
  STALE_NAN_LOW,
} from "@hms-ops/model";
import { RESET_HINTS } from "./histogram.ts";
import { numberFieldSize, type ProtoWriter } from "./proto-writer.ts";

/** Samples as columns of equal length. */
export interface SampleColumns {
  readonly timesMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** 1 = staleness marker; absent = none is one. */
  readonly stale?: ArrayLike<number>;
}

export interface HistogramAt {
  readonly timeMs: number;
  /** "stale" = the series ended. */
  readonly histogram: NativeHistogram | "stale";
}

/** Label messages in field 1. */
export function writeLabels(writer: ProtoWriter, labels: Labels): void {
  for (let i = 0; i < labels.length; i += 2) {
    writer.message(1, () => {
      writer.text(1, labels[i]!);
      writer.text(2, labels[i + 1]!);
    });
  }
}

const VALUE_FIELD_BYTES = 9;

/** One Sample message in field 2. Hot in answers to remote read. */
export function writeSample(
  writer: ProtoWriter,
  { timesMs, values, stale }: SampleColumns,
  row: number,
): void {
  const timeMs = timesMs[row]!;
  writer.head(2, VALUE_FIELD_BYTES + numberFieldSize(timeMs));
  if (stale?.[row]) writer.words(1, STALE_NAN_LOW, STALE_NAN_HIGH);
  else writer.double(1, values[row]!);
  writer.number(2, timeMs);
}

/** One Histogram message; its field number differs between the messages that hold it. */
export function writeHistogram(
  writer: ProtoWriter,
  field: number,
  { timeMs, histogram }: HistogramAt,
): void {
  writer.message(field, () => {
    if (histogram === "stale") writer.words(3, STALE_NAN_LOW, STALE_NAN_HIGH);
    else writeFields(writer, histogram);
    writer.number(15, timeMs);
  });
}

function writeFields(writer: ProtoWriter, histogram: NativeHistogram): void {
  const { isInteger, count, zeroCount, customBounds } = histogram;
  if (isInteger) writer.wholeNumber(1, count);
  else writer.double(2, count);
  writer.double(3, histogram.sum);
  writer.zigzag(4, histogram.schema);
  if (histogram.zeroThreshold !== 0) writer.double(5, histogram.zeroThreshold);
  if (isInteger) writer.wholeNumber(6, zeroCount);
  else writer.double(7, zeroCount);
  writeBuckets(writer, 8, histogram.negative, isInteger);
  writeBuckets(writer, 11, histogram.positive, isInteger);
  writer.number(14, RESET_HINTS.indexOf(histogram.resetHint));
  writer.packedDoubles(16, customBounds);
}

/** Spans in the field, differences in the next one or counts in the one after. */
function writeBuckets(
  writer: ProtoWriter,
  field: number,
  { spans, counts }: HistogramBuckets,
  isInteger: boolean,
): void {
  for (const { offset, length } of spans) {
    writer.message(field, () => {
      writer.zigzag(1, offset);
      writer.number(2, length);
    });
  }
  if (isInteger) writer.packedZigzags(field + 1, differences(counts));
  else writer.packedDoubles(field + 2, counts);
}

function differences(counts: Float64Array): readonly number[] {
  return Array.from(counts, (count, i) => count - (i === 0 ? 0 : counts[i - 1]!));
}
