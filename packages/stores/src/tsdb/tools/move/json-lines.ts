import {
  type BucketSpan,
  CUSTOM_BOUNDS_SCHEMA,
  type HistogramBuckets,
  isValidText,
  type Labels,
  labelsFromPairs,
  labelsToRecord,
  type NativeHistogram,
  SCHEMA_MAX,
  SCHEMA_MIN,
} from "@hms-ops/model";
import { formatSampleValue } from "@hms-ops/wire/exposition";

/**
 * A line of JSON lines: some samples of one series, drawn in docs/guides/backup-and-move.md. It is
 * the form of VictoriaMetrics' export, with native histograms and staleness as values of their own.
 */
export interface JsonLine {
  readonly labels: Labels;
  readonly timesMs: readonly number[];
  readonly values: readonly JsonLineValue[];
}

export type JsonLineValue = number | "stale" | NativeHistogram;

const HINTS = ["unknown", "reset", "not-reset", "gauge"] as const;
const WORDS: Readonly<Record<string, number | "stale">> = {
  NaN: Number.NaN,
  "+Inf": Number.POSITIVE_INFINITY,
  "-Inf": Number.NEGATIVE_INFINITY,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  stale: "stale",
};

/** `values` are texts made by `numberText`, `histogramText` or STALE_TEXT. */
export function jsonLine(
  labels: Labels,
  timesMs: readonly number[],
  values: readonly string[],
): string {
  const metric = JSON.stringify(labelsToRecord(labels));
  return `{"metric":${metric},"values":[${values.join(",")}],"timestamps":[${timesMs.join(",")}]}\n`;
}

export const STALE_TEXT = '"stale"';

/** JSON has no word for what is not finite. */
export function numberText(value: number): string {
  const text = formatSampleValue(value);
  return Number.isFinite(value) ? text : `"${text}"`;
}

export function histogramText(histogram: NativeHistogram): string {
  const { isInteger, resetHint, schema, positive, negative, customBounds } = histogram;
  const numbers = (list: Float64Array) => `[${Array.from(list, numberText).join(",")}]`;
  const side = ({ spans, counts }: HistogramBuckets) => {
    const pairs = spans.map(({ offset, length }) => `[${offset},${length}]`).join(",");
    return `{"spans":[${pairs}],"counts":${numbers(counts)}}`;
  };
  const head = `"integer":${isInteger},"reset":"${resetHint}","schema":${schema}`;
  const zero = `"zero_threshold":${numberText(histogram.zeroThreshold)},"zero_count":${numberText(histogram.zeroCount)}`;
  const sums = `"count":${numberText(histogram.count)},"sum":${numberText(histogram.sum)}`;
  const sides = `"positive":${side(positive)},"negative":${side(negative)}`;
  return `{${head},${zero},${sums},${sides},"custom_bounds":${numbers(customBounds)}}`;
}

/** What is wrong with the line, in words, if it cannot be read. */
export function readJsonLine(text: string): JsonLine | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return "it is not JSON";
  }
  const { metric, values, timestamps } = record(parsed) ?? {};
  const labels = readLabels(metric);
  if (typeof labels === "string") return labels;
  if (!Array.isArray(values) || !Array.isArray(timestamps))
    return "values or timestamps are missing";
  if (values.length !== timestamps.length) return "there are not as many timestamps as values";
  if (!timestamps.every((time) => Number.isSafeInteger(time))) {
    return "a timestamp is no whole number of milliseconds";
  }
  const read: JsonLineValue[] = [];
  for (const value of values) {
    const understood = readValue(value);
    if (understood === undefined) return `${JSON.stringify(value).slice(0, 60)} is no value`;
    read.push(understood);
  }
  return { labels, timesMs: timestamps, values: read };
}

function readLabels(metric: unknown): Labels | string {
  const pairs = Object.entries(record(metric) ?? {});
  if (pairs.length === 0) return "metric has no labels";
  const texts: [string, string][] = [];
  for (const [name, value] of pairs) {
    if (typeof value !== "string") return `the label ${name} is no text`;
    if (!isValidText(name) || !isValidText(value)) return `the label ${name} is not Unicode`;
    texts.push([name, value]);
  }
  return labelsFromPairs(texts);
}

function readValue(value: unknown): JsonLineValue | undefined {
  if (typeof value === "object" && value !== null) return readHistogram(value);
  return value === null ? Number.NaN : readNumber(value);
}

function readNumber(value: unknown): number | "stale" | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && Object.hasOwn(WORDS, value) ? WORDS[value] : undefined;
}

function readHistogram(value: object): NativeHistogram | undefined {
  const found = record(value) ?? {};
  const resetHint = HINTS.find((hint) => hint === found.reset);
  const schema = found.schema;
  const positive = readSide(found.positive);
  const negative = readSide(found.negative);
  const customBounds = readList(found.custom_bounds);
  const [zeroThreshold, zeroCount, count, sum] = [
    readNumber(found.zero_threshold),
    readNumber(found.zero_count),
    readNumber(found.count),
    readNumber(found.sum),
  ];
  const isWhole =
    isSchema(schema) && isCount(zeroThreshold) && isCount(zeroCount) && isCount(count);
  if (!isWhole || !resetHint || !positive || !negative || !customBounds) return undefined;
  if (typeof sum !== "number") return undefined;
  const isInteger = found.integer === true;
  const shape = { isInteger, resetHint, schema, zeroThreshold, customBounds };
  return { ...shape, zeroCount, count, sum, positive, negative };
}

function readSide(value: unknown): HistogramBuckets | undefined {
  const { spans, counts } = record(value) ?? {};
  const list = readList(counts);
  if (!list?.every(isCount) || !Array.isArray(spans)) return undefined;
  const read: BucketSpan[] = [];
  let buckets = 0;
  for (const span of spans) {
    const [offset, length] = Array.isArray(span) ? span : [];
    const isSpan = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && length >= 0;
    if (!isSpan || (read.length > 0 && offset < 0)) return undefined;
    buckets += length;
    read.push({ offset, length });
  }
  return buckets === list.length ? { spans: read, counts: list } : undefined;
}

function readList(value: unknown): Float64Array | undefined {
  if (!Array.isArray(value)) return undefined;
  const numbers = value.map(readNumber);
  return numbers.every((number) => typeof number === "number")
    ? Float64Array.from(numbers)
    : undefined;
}

function isSchema(value: unknown): value is number {
  if (value === CUSTOM_BOUNDS_SCHEMA) return true;
  return Number.isInteger(value) && Number(value) >= SCHEMA_MIN && Number(value) <= SCHEMA_MAX;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
