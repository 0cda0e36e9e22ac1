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
  const sum = new HistogramSum(a, "plain");
  const outcome = sum.add(b, factor);
  if (outcome === "incompatible") return undefined;
  const boundsReconciled = outcome === "reconciled";
  return { histogram: sum.result(), hintsCollide: sum.hintsCollide, boundsReconciled };
}

/**
 * To the bit: count, sum, bounds and every bucket with observations. Hints may differ, and empty
 * buckets, which Prometheus' chunks give to all of their samples alike.
 */
export function equalHistograms(a: NativeHistogram, b: NativeHistogram): boolean {
  return haveSameNumbers(a, b) && haveSameSides(compact(a), compact(b));
}

/** The same with empty buckets, as `==` has it. */
export function identicalHistograms(a: NativeHistogram, b: NativeHistogram): boolean {
  return haveSameNumbers(a, b) && haveSameSides(a, b);
}

function haveSameNumbers(a: NativeHistogram, b: NativeHistogram): boolean {
  return (
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    Object.is(a.zeroCount, b.zeroCount) &&
    Object.is(a.count, b.count) &&
    Object.is(a.sum, b.sum) &&
    sameBounds(a.customBounds, b.customBounds)
  );
}

function haveSameSides(a: NativeHistogram, b: NativeHistogram): boolean {
  return sameBuckets(a.positive, b.positive) && sameBuckets(a.negative, b.negative);
}

function sameBuckets(a: HistogramBuckets, b: HistogramBuckets): boolean {
  const [left, right] = [fullSpans(a), fullSpans(b)];
  return (
    left.length === right.length &&
    left.every(
      ({ offset, length }, i) => offset === right[i]!.offset && length === right[i]!.length,
    ) &&
    a.counts.length === b.counts.length &&
    a.counts.every((count, i) => Object.is(count, b.counts[i]))
  );
}

/** Without spans of no length, which only move the next one. */
function fullSpans({ spans }: HistogramBuckets): HistogramBuckets["spans"] {
  if (spans.every(({ length }) => length > 0)) return spans;
  let moved = 0;
  return spans.flatMap(({ offset, length }) => {
    moved += offset;
    if (length === 0) return [];
    const span = { offset: moved, length };
    moved = 0;
    return [span];
  });
}
