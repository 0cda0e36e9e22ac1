import { bucketBound, type NativeHistogram } from "@hms-ops/model";
import { goNumber } from "../exec/numbers.ts";
import { eachBucket, hasCustomBounds } from "./layout.ts";

/** A histogram as a label value of `count_values`: `{count:3, sum:5, [-1,1]:1, (1,2]:2}`. */
export function histogramLabel(histogram: NativeHistogram): string {
  const { schema, customBounds, zeroCount, zeroThreshold } = histogram;
  const isCustom = hasCustomBounds(histogram);
  const negative: string[] = [];
  eachBucket(histogram.negative, (index, count) => {
    const lower = goNumber(-bucketBound(schema, index));
    const upper = goNumber(-bucketBound(schema, index - 1));
    negative.unshift(`[${lower},${upper}):${goNumber(count)}`);
  });
  const zero: string[] = [];
  if (zeroCount !== 0) {
    const bounds = `${goNumber(-zeroThreshold)},${goNumber(zeroThreshold)}`;
    zero.push(`[${bounds}]:${goNumber(zeroCount)}`);
  }
  const positive: string[] = [];
  eachBucket(histogram.positive, (index, count) => {
    const lower = goNumber(bucketBound(schema, index - 1, customBounds));
    const upper = goNumber(bucketBound(schema, index, customBounds));
    const open = isCustom && index === 0 ? "[" : "(";
    positive.push(`${open}${lower},${upper}]:${goNumber(count)}`);
  });
  const totals = [`count:${goNumber(histogram.count)}`, `sum:${goNumber(histogram.sum)}`];
  return `{${[...totals, ...negative, ...zero, ...positive].join(", ")}}`;
}
