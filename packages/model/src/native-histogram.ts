/**
 * A native histogram: observations counted in buckets whose bounds follow from a schema. Schemas −4
 * to 8: bucket i ends at 2^(i · 2^−schema), upper bound inclusive, mirrored for negative values; the
 * zero bucket is [−zeroThreshold, zeroThreshold]. Schema −53: bounds are `customBounds`, all
 * observations on the positive side, the last bucket ends at +Inf.
 * Source: Prometheus' native histogram specification.
 */
export interface NativeHistogram {
  /** Integer histograms were sent as whole counts and are given back as such. */
  readonly isInteger: boolean;
  readonly resetHint: ResetHint;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  /** Of the observed values. */
  readonly sum: number;
  readonly positive: HistogramBuckets;
  readonly negative: HistogramBuckets;
  /** Finite and rising; empty unless the schema is CUSTOM_BOUNDS_SCHEMA. */
  readonly customBounds: Float64Array;
}

/** Whether the counter was set to zero since the sample before. */
export type ResetHint = "unknown" | "reset" | "not-reset" | "gauge";

/** Counts of the buckets that spans cover, one after the other; absolute, not differences. */
export interface HistogramBuckets {
  readonly spans: readonly BucketSpan[];
  /** As many as the spans' lengths add up to. */
  readonly counts: Float64Array;
}

export interface BucketSpan {
  /** Buckets left out since the end of the span before; of the first span, its start index. */
  readonly offset: number;
  readonly length: number;
}

export const CUSTOM_BOUNDS_SCHEMA = -53;
export const SCHEMA_MIN = -4;
export const SCHEMA_MAX = 8;

export const NO_BUCKETS: HistogramBuckets = { spans: [], counts: new Float64Array(0) };
