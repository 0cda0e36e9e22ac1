import { bucketsOf, type HistogramBucket, type NativeHistogram } from "@hms-ops/model";
import { formatSampleValue } from "@hms-ops/wire/prometheus-api";

/** A native histogram for programs. */
export function histogramJson(histogram: NativeHistogram): object {
  const { count, sum } = histogram;
  return { count, sum, buckets: shownBuckets(histogram) };
}

/** `count 8, sum 17.5, average 2.19` */
export function histogramSummary({ count, sum }: NativeHistogram): string {
  const average = count > 0 ? `, average ${shortNumber(sum / count)}` : "";
  return `count ${shortNumber(count)}, sum ${shortNumber(sum)}${average}`;
}

const BAR_LENGTH = 40;

/** A line a bucket, with a bar as long as its share of the largest one. */
export function histogramBars(histogram: NativeHistogram): string {
  const rows = shownBuckets(histogram).map((bucket) => ({
    bounds: boundsText(bucket),
    count: shortNumber(bucket.count),
    share: bucket.count,
  }));
  const widest = Math.max(0, ...rows.map(({ bounds }) => bounds.length));
  const longest = Math.max(0, ...rows.map(({ count }) => count.length));
  const largest = Math.max(0, ...rows.map(({ share }) => share));
  return rows
    .map(({ bounds, count, share }) => {
      const length = largest > 0 ? Math.ceil((share / largest) * BAR_LENGTH) : 0;
      const bar = "█".repeat(Math.max(0, length));
      return `  ${bounds.padEnd(widest)}  ${count.padStart(longest)}  ${bar}`
        .trimEnd()
        .concat("\n");
    })
    .join("");
}

function shownBuckets(histogram: NativeHistogram): readonly HistogramBucket[] {
  return bucketsOf(histogram).filter(({ count }) => count !== 0);
}

function boundsText({ lower, upper, ...bucket }: HistogramBucket): string {
  const open = bucket.isLowerInclusive ? "[" : "(";
  return `${open}${shortNumber(lower)}, ${shortNumber(upper)}${bucket.isUpperInclusive ? "]" : ")"}`;
}

/** Four digits are enough for a person. */
function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return formatSampleValue(value);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
