/** A spark line, 24 px high, from 0. Gaps (NaN) stay gaps. */
export interface SparklineModel {
  /** Evenly spaced, oldest first; NaN where there is none. */
  readonly values: readonly number[];
  readonly limit?: number;
  /** In the status colour only if it breaks its limit, else `ink-2`. */
  readonly state: "calm" | "warn" | "crit";
}
