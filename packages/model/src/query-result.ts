import type { Labels } from "./labels.ts";
import type { NativeHistogram } from "./native-histogram.ts";
import type { TimestampMs } from "./time.ts";

/** The times at which a query is evaluated: startMs + k·stepMs for k in [0, count). */
export interface StepGrid {
  readonly startMs: TimestampMs;
  /** Above 0; 1 for an instant query (count 1). */
  readonly stepMs: number;
  readonly count: number;
}

/** One element of an instant vector. */
export interface VectorElement {
  readonly labels: Labels;
  readonly timeMs: TimestampMs;
  /** NaN where there is a histogram. */
  readonly value: number;
  readonly histogram?: NativeHistogram;
}

/** One series of a matrix; times rise, of the floats and of the histograms. */
export interface MatrixSeries {
  readonly labels: Labels;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** Absent where there are none. */
  readonly histograms?: readonly (readonly [timeMs: TimestampMs, histogram: NativeHistogram])[];
}

export type QueryValue =
  | { readonly kind: "scalar"; readonly timeMs: TimestampMs; readonly value: number }
  | { readonly kind: "string"; readonly timeMs: TimestampMs; readonly value: string }
  | { readonly kind: "vector"; readonly elements: readonly VectorElement[] }
  | { readonly kind: "matrix"; readonly series: readonly MatrixSeries[] };

/** A query's answer; warnings and infos are worded as Prometheus words them. */
export interface QueryAnswer {
  readonly value: QueryValue;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly stats: QueryStats;
}

export interface QueryStats {
  readonly samplesRead: number;
  readonly seriesSelected: number;
  readonly parseMs: number;
  readonly readMs: number;
  readonly evaluateMs: number;
}
