import {
  bucketBound,
  bucketsOf,
  type HistogramBucket,
  type HistogramBuckets,
  type NativeHistogram,
} from "@hms-ops/model";
import { compensation } from "../functions/sums.ts";
import { hasCustomBounds, indexedBuckets } from "./layout.ts";

/** What NaN observations, which are in no bucket, did to a quantile. */
export type NanEffect = "none" | "result-nan" | "skewed";

export interface NativeQuantile {
  readonly value: number;
  readonly nanEffect: NanEffect;
}

interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Quantile of a native histogram (promql/quantile.go, HistogramQuantile): inside a bucket values
 * are taken to lie evenly on a logarithmic scale, in the zero bucket and between custom bounds on a
 * linear one.
 */
export function nativeQuantile(phi: number, histogram: NativeHistogram): NativeQuantile {
  const plain = (value: number): NativeQuantile => ({ value, nanEffect: "none" });
  if (phi < 0) return plain(Number.NEGATIVE_INFINITY);
  if (phi > 1) return plain(Number.POSITIVE_INFINITY);
  if (histogram.count === 0 || Number.isNaN(phi)) return plain(Number.NaN);
  const hasNan = Number.isNaN(histogram.sum);
  const buckets = bucketsOf(histogram);
  // From the near end; where NaN was observed the far end is not known.
  const forward = hasNan || phi < 0.5;
  if (!forward) buckets.reverse();
  const rank = (forward ? phi : 1 - phi) * histogram.count;
  let count = 0;
  let at = 0;
  for (; at < buckets.length; at++) {
    count += buckets[at]!.count;
    if (count >= rank) break;
  }
  const found = buckets[at] ?? lastBucket(histogram, forward);
  const edge = hasCustomBounds(histogram) ? edgeValue(found) : undefined;
  if (edge !== undefined) return plain(edge);
  const interval =
    hasCustomBounds(histogram) && Number.isFinite(found.lower)
      ? found
      : halvedZero(found, histogram);
  count = Math.min(count, histogram.count);
  if (count < rank) {
    return hasNan ? { value: Number.NaN, nanEffect: "result-nan" } : plain(interval.upper);
  }
  const inside = forward ? rank - (count - found.count) : count - rank;
  if (!hasNan) return plain(interpolated(interval, inside / found.count, histogram));
  // To see whether NaN was observed Prometheus goes on to the last bucket, and stays there: the
  // share is one of the bucket where the rank was reached, but of that bucket's bounds and count.
  const all = buckets.slice(at + 1).reduce((sum, one) => sum + one.count, count);
  const last = lastBucket(histogram, true);
  const isLast = last.lower === found.lower && last.upper === found.upper;
  const shown = isLast ? interval : last;
  const value = interpolated(shown, inside / (isLast ? found.count : last.count), histogram);
  return { value, nanEffect: all < histogram.count ? "skewed" : "none" };
}

interface CountedInterval extends Interval {
  readonly count: number;
}

/** Where a walk over all buckets ends, from the lowest on or from the highest; empty ones count. */
function lastBucket(histogram: NativeHistogram, forward: boolean): CountedInterval {
  const { schema, customBounds, zeroThreshold, zeroCount } = histogram;
  const positive = edgeBucket(histogram.positive, forward);
  const negative = edgeBucket(histogram.negative, !forward);
  const ofPositive = positive && {
    lower: bucketBound(schema, positive.index - 1, customBounds),
    upper: bucketBound(schema, positive.index, customBounds),
    count: positive.count,
  };
  const ofNegative = negative && {
    lower: -bucketBound(schema, negative.index),
    upper: Math.min(-bucketBound(schema, negative.index - 1), -zeroThreshold),
    count: negative.count,
  };
  const zero =
    zeroCount > 0 ? { lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount } : undefined;
  const isClipped = ofPositive && !hasCustomBounds(histogram) && ofPositive.lower < zeroThreshold;
  const above = isClipped ? { ...ofPositive, lower: zeroThreshold } : ofPositive;
  const found = forward ? (above ?? zero ?? ofNegative) : (ofNegative ?? zero ?? above);
  return found ?? { lower: 0, upper: 0, count: 0 };
}

/** Of one side, the bucket that is farthest out or nearest to zero. */
function edgeBucket(buckets: HistogramBuckets, farthest: boolean) {
  const { indexes, counts } = indexedBuckets(buckets);
  const at = farthest ? indexes.length - 1 : 0;
  const index = indexes[at];
  return index === undefined ? undefined : { index, count: counts[at]! };
}

/** Of the outermost custom buckets, where nothing is known about how values lie. */
function edgeValue({ lower, upper }: Interval): number | undefined {
  if (lower === Number.NEGATIVE_INFINITY) return upper <= 0 ? upper : undefined;
  return upper === Number.POSITIVE_INFINITY ? lower : undefined;
}

/** The zero bucket has one half where all other buckets are on one side. */
function halvedZero({ lower, upper }: Interval, histogram: NativeHistogram): Interval {
  if (!(lower <= 0 && upper >= 0)) return { lower, upper };
  const hasPositive = histogram.positive.counts.length > 0;
  const hasNegative = histogram.negative.counts.length > 0;
  if (hasPositive && !hasNegative) return { lower: 0, upper };
  return hasNegative && !hasPositive ? { lower, upper: 0 } : { lower, upper };
}

function isLinear({ lower, upper }: Interval, histogram: NativeHistogram): boolean {
  return hasCustomBounds(histogram) || (lower <= 0 && upper >= 0);
}

function interpolated(interval: Interval, share: number, histogram: NativeHistogram): number {
  const { lower, upper } = interval;
  if (isLinear(interval, histogram)) return lower + (upper - lower) * share;
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * share);
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - share)));
}

export interface NativeFraction {
  readonly value: number;
  /** NaN was observed; it is in no bucket, so all fractions together are below 1. */
  readonly hasNan: boolean;
}

/** Share of the observations between two values (promql/quantile.go, HistogramFraction). */
export function nativeFraction(
  lower: number,
  upper: number,
  histogram: NativeHistogram,
): NativeFraction {
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) {
    return { value: Number.NaN, hasNan: false };
  }
  if (lower >= upper) return { value: 0, hasNan: false };
  const buckets = bucketsOf(histogram);
  const inBuckets = buckets.reduce((sum, { count }) => sum + count, 0);
  const couldBeNan = Number.isNaN(histogram.sum);
  const most = couldBeNan ? inBuckets : histogram.count;
  const value =
    (rankOf(upper, buckets, histogram, most) - rankOf(lower, buckets, histogram, most)) /
    histogram.count;
  return { value, hasNan: couldBeNan && inBuckets < histogram.count };
}

/** Observations below a value; `most` if it is above all buckets. */
function rankOf(
  value: number,
  buckets: readonly HistogramBucket[],
  histogram: NativeHistogram,
  most: number,
): number {
  let rank = 0;
  for (const bucket of buckets) {
    const interval = halvedZero(bucket, histogram);
    if (interval.lower >= value) return Math.min(rank, most);
    if (interval.upper > value) {
      return Math.min(rankInside(value, rank, bucket.count, interval, histogram), most);
    }
    rank += bucket.count;
  }
  return most;
}

function rankInside(
  value: number,
  rank: number,
  count: number,
  interval: Interval,
  histogram: NativeHistogram,
): number {
  const { lower, upper } = interval;
  if (isLinear(interval, histogram)) {
    if (lower === Number.NEGATIVE_INFINITY) return count;
    return rank + (count * (value - lower)) / (upper - lower);
  }
  return rank + count * logShare(value, interval);
}

/** Where a value lies between two bounds of its own sign, on a logarithmic scale. */
export function logShare(value: number, { lower, upper }: Interval): number {
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  const logValue = Math.log2(Math.abs(value));
  if (value > 0) return (logValue - logLower) / (logUpper - logLower);
  return 1 - (logValue - logUpper) / (logLower - logUpper);
}

/** Population variance; each bucket counts at its middle. */
export function nativeVariance(histogram: NativeHistogram): number {
  const mean = histogram.sum / histogram.count;
  let variance = 0;
  let lost = 0;
  for (const bucket of bucketsOf(histogram)) {
    const distance = middleOf(bucket, histogram) - mean;
    const square = bucket.count * distance * distance;
    lost += compensation(variance, square);
    variance += square;
  }
  return (variance + lost) / histogram.count;
}

function middleOf({ lower, upper }: Interval, histogram: NativeHistogram): number {
  if (hasCustomBounds(histogram)) return (upper + lower) / 2;
  if (lower <= 0 && upper >= 0) return 0;
  const middle = Math.sqrt(upper * lower);
  return upper < 0 ? -middle : middle;
}
