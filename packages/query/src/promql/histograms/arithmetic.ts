import { type HistogramBuckets, type NativeHistogram, NO_BUCKETS } from "@hms-ops/model";
import { HistogramSum } from "./histogram-sum.ts";
import { compact, sameBounds } from "./layout.ts";

/** A negative factor makes a gauge of it: counts that fall are no counter's. */
export function scaled(histogram: NativeHistogram, factor: number): NativeHistogram {
  return eachNumber(histogram, (number) => number * factor, factor < 0);
}

/** Dividing by 0 leaves ±Inf or NaN as count, sum and zero bucket, and no other bucket. */
export function divided(histogram: NativeHistogram, divisor: number): NativeHistogram {
  const result = eachNumber(histogram, (number) => number / divisor, divisor < 0);
  return divisor === 0 ? { ...result, positive: NO_BUCKETS, negative: NO_BUCKETS } : result;
}

function eachNumber(
  histogram: NativeHistogram,
  compute: (number: number) => number,
  becomesGauge: boolean,
): NativeHistogram {
  const side = ({ spans, counts }: HistogramBuckets) => ({ spans, counts: counts.map(compute) });
  return compact({
    ...histogram,
    isInteger: false,
    resetHint: becomesGauge ? "gauge" : histogram.resetHint,
    zeroCount: compute(histogram.zeroCount),
    count: compute(histogram.count),
    sum: compute(histogram.sum),
    positive: side(histogram.positive),
    negative: side(histogram.negative),
  });
}

export interface HistogramOutcome {
  readonly histogram: NativeHistogram;
  /** One says that its counter was reset, the other that it was not. */
  readonly hintsCollide: boolean;
  /** Custom bounds differed, and some were given up. */
  readonly boundsReconciled: boolean;
}

/** Undefined where one of both has custom bounds and the other has not. */
export function added(a: NativeHistogram, b: NativeHistogram): HistogramOutcome | undefined {
  return combined(a, b, 1);
}

/** A difference is always a gauge. */
export function subtracted(a: NativeHistogram, b: NativeHistogram): HistogramOutcome | undefined {
  const outcome = combined(a, b, -1);
  return outcome && { ...outcome, histogram: { ...outcome.histogram, resetHint: "gauge" } };
}

function combined(a: NativeHistogram, b: NativeHistogram, factor: 1 | -1) {
  const sum = new HistogramSum(a);
  const outcome = sum.add(b, factor);
  if (outcome === "incompatible") return undefined;
  const boundsReconciled = outcome === "reconciled";
  return { histogram: sum.result(), hintsCollide: sum.hintsCollide, boundsReconciled };
}

/** To the bit: count, sum, bounds and every bucket with observations. Hints may differ. */
export function equalHistograms(a: NativeHistogram, b: NativeHistogram): boolean {
  const numbers =
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    Object.is(a.zeroCount, b.zeroCount) &&
    Object.is(a.count, b.count) &&
    Object.is(a.sum, b.sum);
  if (!numbers || !sameBounds(a.customBounds, b.customBounds)) return false;
  const left = compact(a);
  const right = compact(b);
  return sameBuckets(left.positive, right.positive) && sameBuckets(left.negative, right.negative);
}

function sameBuckets(a: HistogramBuckets, b: HistogramBuckets): boolean {
  const sameSpans =
    a.spans.length === b.spans.length &&
    a.spans.every(
      ({ offset, length }, i) => offset === b.spans[i]?.offset && length === b.spans[i].length,
    );
  return sameSpans && a.counts.every((count, i) => Object.is(count, b.counts[i]));
}
