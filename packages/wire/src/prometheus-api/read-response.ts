import {
  type Labels,
  labelsFromPairs,
  type MatrixSeries,
  type NativeHistogram,
  OpsError,
  type QueryValue,
  type VectorElement,
} from "@hms-ops/model";
import { WIRE_ERRORS } from "../errors.ts";
import { histogramFromBuckets } from "./read-histogram.ts";

/** What a client learns from an answer of /api/v1/query or /api/v1/query_range. */
export type QueryResponse =
  | {
      readonly status: "success";
      readonly value: QueryValue;
      readonly warnings: readonly string[];
      readonly infos: readonly string[];
    }
  | { readonly status: "error"; readonly errorType: string; readonly error: string };

/** Takes the parsed JSON body. Throws an OpsError when it is no answer of this API. */
export function readQueryResponse(json: unknown): QueryResponse {
  const { status, data, errorType, error, warnings, infos } = object(json, "the body");
  if (status === "error") {
    return { status, errorType: String(errorType), error: String(error) };
  }
  if (status !== "success") unreadable("`status` is neither success nor error");
  const { resultType, result } = object(data, "`data`");
  return {
    status: "success",
    value: readValue(resultType, result),
    warnings: texts(warnings),
    infos: texts(infos),
  };
}

function unreadable(reason: string): never {
  throw new OpsError(WIRE_ERRORS.queryAnswerUnreadable, { reason });
}

function object(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    unreadable(`${what} is not an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function list(value: unknown, what: string): readonly unknown[] {
  return Array.isArray(value) ? value : unreadable(`${what} is not a list`);
}

function texts(value: unknown): readonly string[] {
  return value === undefined ? [] : list(value, "the notes").map(String);
}

function readValue(resultType: unknown, result: unknown): QueryValue {
  if (resultType === "vector") {
    return { kind: "vector", elements: list(result, "`result`").map(readElement) };
  }
  if (resultType === "matrix") {
    return { kind: "matrix", series: list(result, "`result`").map(readSeries) };
  }
  if (resultType === "scalar") {
    const { timeMs, value } = readPoint(result);
    return { kind: "scalar", timeMs, value };
  }
  if (resultType === "string") {
    const [time, text] = list(result, "`result`");
    return { kind: "string", timeMs: readTime(time), value: String(text) };
  }
  return unreadable(`the result type ${String(resultType)} is not known`);
}

function readElement(item: unknown): VectorElement {
  const { metric, value, histogram } = object(item, "an element");
  const labels = readLabels(metric);
  if (histogram === undefined) return { labels, ...readPoint(value) };
  const [timeMs, read] = readHistogramPoint(histogram);
  return { labels, timeMs, value: Number.NaN, histogram: read };
}

function readSeries(item: unknown): MatrixSeries {
  const { metric, values, histograms } = object(item, "a series");
  const points = list(values ?? [], "`values`").map(readPoint);
  const read = list(histograms ?? [], "`histograms`").map(readHistogramPoint);
  return {
    labels: readLabels(metric),
    timesMs: Float64Array.from(points, ({ timeMs }) => timeMs),
    values: Float64Array.from(points, ({ value }) => value),
    ...(read.length > 0 && { histograms: read }),
  };
}

function readHistogramPoint(point: unknown): readonly [timeMs: number, NativeHistogram] {
  const [time, shown] = list(point, "a histogram");
  const { count, sum, buckets } = object(shown, "a histogram");
  const listed = list(buckets ?? [], "`buckets`").map((bucket) => {
    const [rule, ...numbers] = list(bucket, "a bucket");
    const [lower = 0, upper = 0, inside = 0] = numbers.map((one) => readSampleValue(String(one)));
    return { rule: Number(rule), lower, upper, count: inside };
  });
  const total = readSampleValue(String(count));
  return [readTime(time), histogramFromBuckets(total, readSampleValue(String(sum)), listed)];
}

function readLabels(metric: unknown): Labels {
  const pairs = Object.entries(object(metric, "`metric`"));
  return labelsFromPairs(pairs.map(([name, value]): [string, string] => [name, String(value)]));
}

function readPoint(point: unknown): { timeMs: number; value: number } {
  const [time, text] = list(point, "a sample");
  return { timeMs: readTime(time), value: readSampleValue(String(text)) };
}

function readTime(time: unknown): number {
  if (typeof time !== "number") unreadable("a time is not a number");
  return Math.round(time * 1_000);
}

/** The opposite of `formatSampleValue`. */
export function readSampleValue(text: string): number {
  if (text === "+Inf" || text === "Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  if (text === "NaN") return Number.NaN;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isNaN(value) ? unreadable(`${text} is not a number`) : value;
}
