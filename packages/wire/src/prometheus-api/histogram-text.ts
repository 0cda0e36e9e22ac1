import { bucketsOf, type HistogramBucket, type NativeHistogram } from "@hms-ops/model";
import { formatSampleValue } from "../number-text.ts";

/** A native histogram as the HTTP API shows it: only buckets with observations in them. */
export function histogramText(histogram: NativeHistogram): string {
  const count = formatSampleValue(histogram.count);
  const sum = formatSampleValue(histogram.sum);
  const buckets = bucketsOf(histogram).map(bucketText);
  const listed = buckets.length > 0 ? `,"buckets":[${buckets.join(",")}]` : "";
  return `{"count":"${count}","sum":"${sum}"${listed}}`;
}

function bucketText(bucket: HistogramBucket): string {
  const bounds = [bucket.lower, bucket.upper, bucket.count].map(formatSampleValue);
  return `[${boundaryRule(bucket)},"${bounds.join('","')}"]`;
}

/** 0 = open left, 1 = open right, 2 = open both, 3 = closed both. */
function boundaryRule({ isLowerInclusive, isUpperInclusive }: HistogramBucket): number {
  if (isLowerInclusive) return isUpperInclusive ? 3 : 1;
  return isUpperInclusive ? 0 : 2;
}
