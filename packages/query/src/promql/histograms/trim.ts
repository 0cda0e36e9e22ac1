import { bucketBound, type HistogramBuckets, type NativeHistogram } from "@hms-ops/model";
import { eachBucket, hasCustomBounds, packBuckets } from "./layout.ts";
import { logShare } from "./quantile.ts";

/** `h </ x` keeps what is below x, `h >/ x` what is above. */
export type KeptSide = "below" | "above";

/** What stays of a bucket, and the value at which it counts in the sum. */
interface Rest {
  readonly count: number;
  readonly middle: number;
}

interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  /** Values inside lie evenly, not on a logarithmic scale. */
  readonly isLinear: boolean;
}

/**
 * Cuts observations off. Count and sum are computed anew from what is left, each bucket at its
 * middle; a histogram of which nothing is cut stays as it is.
 */
export function trimmed(histogram: NativeHistogram, at: number, kept: KeptSide): NativeHistogram {
  const { schema, customBounds, positive, negative, zeroCount, zeroThreshold } = histogram;
  const isLinear = hasCustomBounds(histogram);
  const sum = { count: 0, value: 0, cut: false };
  const side = (buckets: HistogramBuckets, sign: 1 | -1) => {
    const rests = new Map<number, number>();
    eachBucket(buckets, (index, count) => {
      const inner = sign * bucketBound(schema, index - 1, customBounds);
      const outer = sign * bucketBound(schema, index, customBounds);
      const lower = sign > 0 ? inner : outer;
      const upper = sign > 0 ? outer : inner;
      const rest = restOf({ lower, upper, count, isLinear }, at, kept);
      rests.set(index, rest.count);
      take(rest, count);
    });
    return rests;
  };
  const take = (rest: Rest, count: number) => {
    sum.count += rest.count;
    sum.value += rest.middle * rest.count;
    sum.cut ||= rest.count !== count;
  };
  const left = { positive: side(positive, 1), negative: side(negative, -1) };
  let zeroRest = zeroCount;
  if (zeroCount > 0) {
    const hasPositive = left.positive.size > 0;
    const hasNegative = left.negative.size > 0;
    const lower = hasPositive && !hasNegative ? 0 : -zeroThreshold;
    const upper = hasNegative && !hasPositive ? 0 : zeroThreshold;
    // Of the zero bucket a share is kept in any case, of NaN one that is no number.
    const rest = Number.isNaN(at)
      ? { count: Number.NaN, middle: Number.NaN }
      : restOf({ lower, upper, count: zeroCount, isLinear: true }, at, kept);
    zeroRest = rest.count;
    take(rest, zeroCount);
  }
  if (!sum.cut) return histogram;
  return {
    ...histogram,
    isInteger: false,
    zeroCount: zeroRest,
    count: sum.count,
    sum: sum.value,
    positive: packBuckets(left.positive),
    negative: packBuckets(left.negative),
  };
}

function restOf(bucket: Bucket, at: number, kept: KeptSide): Rest {
  const { lower, upper, count } = bucket;
  const whole = { count, middle: middleOf(bucket) };
  const gone = { count: 0, middle: 0 };
  // Of a first bound of -Inf: the bucket below it has both ends there.
  if (upper === Number.NEGATIVE_INFINITY && upper === at) return whole;
  // NaN is on no side of anything: nothing is kept.
  if (!(lower < at)) return kept === "below" || Number.isNaN(at) ? gone : whole;
  if (upper <= at) return kept === "below" ? whole : gone;
  if (!Number.isFinite(lower) || !Number.isFinite(upper)) return restOfInfinite(bucket, at, kept);
  const share = bucket.isLinear ? (at - lower) / (upper - lower) : logShare(at, bucket);
  const below = count * share;
  return kept === "below"
    ? { count: below, middle: middleOf({ ...bucket, upper: at }) }
    : { count: count - below, middle: middleOf({ ...bucket, lower: at }) };
}

/**
 * How values lie in a bucket without an end is not known: it is kept or dropped whole, but the
 * lowest one is taken to begin at 0 where its bound is positive.
 */
function restOfInfinite({ lower, upper, count }: Bucket, at: number, kept: KeptSide): Rest {
  if (lower === Number.NEGATIVE_INFINITY) {
    const beginsAtZero = upper > 0 && upper !== Number.POSITIVE_INFINITY;
    if (kept === "below") {
      if (at > 0 && beginsAtZero) return { count: (count * at) / upper, middle: at / 2 };
      return upper <= 0 ? { count, middle: at } : { count: 0, middle: 0 };
    }
    if (at >= 0 && beginsAtZero) {
      return { count: count * (1 - at / upper), middle: (at + upper) / 2 };
    }
    return { count: 0, middle: 0 };
  }
  return kept === "above" && at >= lower ? { count, middle: at } : { count: 0, middle: 0 };
}

function middleOf({ lower, upper, isLinear }: Bucket): number {
  if (lower === Number.NEGATIVE_INFINITY) {
    if (Math.abs(upper) === Number.POSITIVE_INFINITY) return 0;
    return upper > 0 ? upper / 2 : upper;
  }
  if (upper === Number.POSITIVE_INFINITY) return lower;
  if (isLinear) return (lower + upper) / 2;
  const middle = Math.sqrt(Math.abs(lower * upper));
  return upper > 0 ? middle : -middle;
}
