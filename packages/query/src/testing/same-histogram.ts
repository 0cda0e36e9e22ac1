import type { HistogramBuckets, NativeHistogram } from "@hms-ops/model";
import { compact } from "../promql/histograms/layout.ts";

const TOLERANCE = 1e-12;

/** Equal but for rounding. */
export function near(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}

/** Empty buckets do not count; a hint counts where the expectation has one. */
export function sameHistogram(expected: NativeHistogram, actual: NativeHistogram): boolean {
  const left = compact(expected);
  const right = compact(actual);
  return (
    (left.resetHint === "unknown" || left.resetHint === right.resetHint) &&
    left.schema === right.schema &&
    nearAll(
      [left.count, left.sum, left.zeroCount, left.zeroThreshold],
      [right.count, right.sum, right.zeroCount, right.zeroThreshold],
    ) &&
    nearAll(left.customBounds, right.customBounds) &&
    sameBuckets(left.positive, right.positive) &&
    sameBuckets(left.negative, right.negative)
  );
}

function sameBuckets(a: HistogramBuckets, b: HistogramBuckets): boolean {
  return JSON.stringify(a.spans) === JSON.stringify(b.spans) && nearAll(a.counts, b.counts);
}

function nearAll(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, i) => near(value, b[i]!));
}
