import {
  CUSTOM_BOUNDS_SCHEMA,
  type HistogramBuckets,
  type NativeHistogram,
  NO_BUCKETS,
  type ResetHint,
} from "@hms-ops/model";

const FIELD = /([a-z_]+):(?:\[([^\]]*)\]|([^\s}]+))/g;

const HINTS: Readonly<Record<string, ResetHint>> = {
  unknown: "unknown",
  reset: "reset",
  not_reset: "not-reset",
  gauge: "gauge",
};

/**
 * A native histogram as scripts write it: `{{schema:1 sum:5 count:4 offset:-1 buckets:[1 2 1]}}`,
 * with z_bucket, z_bucket_w, n_offset, n_buckets, custom_values and counter_reset_hint. Throws with
 * the line where it is wrong.
 */
export function readHistogram(text: string, line: number): NativeHistogram {
  const fields = new Map<string, string>();
  for (const [, name = "", list, word = ""] of text.matchAll(FIELD)) fields.set(name, list ?? word);
  const number = (name: string, word = fields.get(name) ?? "0"): number => {
    const value = /^[+-]?inf$/i.test(word)
      ? Number(`${word}inity`.replace(/inf/i, "Inf"))
      : Number(word);
    if (Number.isNaN(value) && !/^nan$/i.test(word)) {
      throw new Error(`line ${line}: not a number in a histogram: ${name}:${word}`);
    }
    return value;
  };
  const numbers = (name: string): Float64Array =>
    Float64Array.from((fields.get(name) ?? "").split(/\s+/).filter(Boolean), (word) =>
      number(name, word),
    );
  const side = (offset: string, counts: string): HistogramBuckets => {
    const values = numbers(counts);
    if (values.length === 0) return NO_BUCKETS;
    return { spans: [{ offset: number(offset), length: values.length }], counts: values };
  };
  const customBounds = numbers("custom_values");
  return {
    isInteger: false,
    resetHint: HINTS[fields.get("counter_reset_hint") ?? "unknown"] ?? "unknown",
    schema: customBounds.length > 0 ? CUSTOM_BOUNDS_SCHEMA : number("schema"),
    zeroThreshold: number("z_bucket_w"),
    zeroCount: number("z_bucket"),
    count: number("count"),
    sum: number("sum"),
    positive: side("offset", "buckets"),
    negative: side("n_offset", "n_buckets"),
    customBounds,
  };
}

/** The same notation, empty buckets and what is 0 left out. */
export function histogramLiteral(histogram: NativeHistogram): string {
  const { schema, count, sum, zeroCount, zeroThreshold, customBounds, resetHint } = histogram;
  const fields = Object.entries({
    schema,
    count,
    sum,
    z_bucket: zeroCount,
    z_bucket_w: zeroThreshold,
  }).flatMap(([name, value]) => (value === 0 ? [] : [`${name}:${value}`]));
  if (customBounds.length > 0) fields.push(`custom_values:[${customBounds.join(" ")}]`);
  if (resetHint !== "unknown") fields.push(`counter_reset_hint:${resetHint.replace("-", "_")}`);
  for (const [name, { spans, counts }] of [
    ["buckets", histogram.positive],
    ["n_buckets", histogram.negative],
  ] as const) {
    const texts = spans.map(({ offset, length }) => `${offset}/${length}`);
    if (counts.length > 0) fields.push(`${name}(${texts.join(" ")}):[${counts.join(" ")}]`);
  }
  return `{{${fields.join(" ")}}}`;
}
