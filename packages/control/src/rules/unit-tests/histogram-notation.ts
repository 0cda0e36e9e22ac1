import {
  CUSTOM_BOUNDS_SCHEMA,
  type HistogramBuckets,
  type NativeHistogram,
  NO_BUCKETS,
  type ResetHint,
  SCHEMA_MAX,
  SCHEMA_MIN,
} from "@hms-ops/model";

const FIELD = /\s*([a-z_]+):(?:\[([^\]]*)\]|([^\s\]}]+))/y;
const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|nan)$/i;
const LISTS = ["buckets", "n_buckets", "custom_values"];
const NUMBERS = ["schema", "sum", "count", "z_bucket", "z_bucket_w", "offset", "n_offset"];
const WHOLE = ["schema", "offset", "n_offset"];

const HINTS: ReadonlyMap<string, ResetHint> = new Map([
  ["unknown", "unknown"],
  ["reset", "reset"],
  ["not_reset", "not-reset"],
  ["gauge", "gauge"],
]);

/**
 * Reads `{{schema:1 sum:5 count:4 offset:-1 buckets:[1 2 1]}}`; all fields are optional, in any
 * order. The text is what is wrong.
 */
export function readHistogramNotation(text: string): NativeHistogram | string {
  const inner = /^\{\{(.*)\}\}$/s.exec(text)?.[1];
  if (inner === undefined) return `${text} is no histogram`;
  const fields = new Map<string, string>();
  let at = 0;
  while (at < inner.trimEnd().length) {
    FIELD.lastIndex = at;
    const match = FIELD.exec(inner);
    if (!match) return `${inner.slice(at).trim()} is not understood in a histogram`;
    const [, name = "", list, word] = match;
    const problem = problemOf(name, list, word);
    if (problem !== undefined) return problem;
    if (fields.has(name)) return `a histogram has two ${name}`;
    fields.set(name, list ?? word ?? "");
    at = FIELD.lastIndex;
  }
  return histogramOf(fields);
}

function problemOf(
  name: string,
  list: string | undefined,
  word: string | undefined,
): string | undefined {
  if (name === "counter_reset_hint") {
    return HINTS.has(word ?? "") ? undefined : `${name}:${word ?? list} is no hint`;
  }
  const isList = LISTS.includes(name);
  if (!isList && !NUMBERS.includes(name)) return `a histogram has no ${name}`;
  if (isList !== (list !== undefined)) return `${name} must be ${isList ? "a list" : "a number"}`;
  const bad = wordsOf(list ?? word ?? "").find((one) => !NUMBER.test(one));
  if (bad !== undefined) return `${bad} is not a number`;
  if (WHOLE.includes(name) && !/^[+-]?\d+$/.test(word ?? "")) return `${name} must be whole`;
  return undefined;
}

function histogramOf(fields: ReadonlyMap<string, string>): NativeHistogram | string {
  const number = (name: string) => readNumber(fields.get(name) ?? "0");
  const numbers = (name: string) =>
    Float64Array.from(wordsOf(fields.get(name) ?? ""), (word) => readNumber(word));
  const side = (offset: string, counts: string): HistogramBuckets => {
    const values = numbers(counts);
    if (values.length === 0) return NO_BUCKETS;
    return { spans: [{ offset: number(offset), length: values.length }], counts: values };
  };
  const customBounds = numbers("custom_values");
  const schema = customBounds.length > 0 ? CUSTOM_BOUNDS_SCHEMA : number("schema");
  const isKnown = schema === CUSTOM_BOUNDS_SCHEMA || (schema >= SCHEMA_MIN && schema <= SCHEMA_MAX);
  if (!isKnown) return `there is no schema ${schema}`;
  return {
    isInteger: false,
    resetHint: HINTS.get(fields.get("counter_reset_hint") ?? "") ?? "unknown",
    schema,
    zeroThreshold: number("z_bucket_w"),
    zeroCount: number("z_bucket"),
    count: number("count"),
    sum: number("sum"),
    positive: side("offset", "buckets"),
    negative: side("n_offset", "n_buckets"),
    customBounds,
  };
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

/** A number as test files write it, also `Inf` and `NaN` in any case. */
export function readNumber(text: string): number {
  const infinity = /^([+-]?)inf$/i.exec(text);
  if (infinity) return infinity[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
