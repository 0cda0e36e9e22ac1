import {
  bucketsOf,
  type HistogramBucket,
  type HistogramBuckets,
  type NativeHistogram,
} from "@hms-ops/model";
import { compact } from "../promql/histograms/layout.ts";
import type { ShownHistogram } from "./target.ts";

const TOLERANCE = 1e-12;

/** Equal but for rounding; an infinity is near nothing else. */
export function near(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
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

export function sameShownHistogram(expected: NativeHistogram, actual: ShownHistogram): boolean {
  const buckets = bucketsOf(expected);
  return (
    nearAll([expected.count, expected.sum], [actual.count, actual.sum]) &&
    buckets.length === actual.buckets.length &&
    buckets.every((bucket, i) => sameBucket(bucket, actual.buckets[i]!))
  );
}

function sameBucket(a: HistogramBucket, b: HistogramBucket): boolean {
  return (
    a.isLowerInclusive === b.isLowerInclusive &&
    a.isUpperInclusive === b.isUpperInclusive &&
    nearAll([a.lower, a.upper, a.count], [b.lower, b.upper, b.count])
  );
}

function sameBuckets(a: HistogramBuckets, b: HistogramBuckets): boolean {
  return JSON.stringify(a.spans) === JSON.stringify(b.spans) && nearAll(a.counts, b.counts);
}

function nearAll(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, i) => near(value, b[i]!));
}
