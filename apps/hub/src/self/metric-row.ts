/** One metric of our own. */
export interface SelfMetricRow {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets; absent = SELF_BUCKETS. */
  readonly buckets?: readonly number[];
}
