import type { Matcher, QueryBudget, TimeRange } from "@hms-ops/model";

export interface CountedName {
  readonly name: string;
  readonly value: number;
}

/** What the index in memory holds: every series that came in since the store was opened. */
export interface TopCounts {
  readonly seriesCount: number;
  readonly labelPairCount: number;
  /** Chunks of samples in the head, the one that is being flushed included. */
  readonly chunkCount: number;
  /** Times of the head's samples; undefined while it is empty. */
  readonly range: TimeRange | undefined;
  readonly seriesByMetricName: readonly CountedName[];
  readonly valuesByLabelName: readonly CountedName[];
  /** Length of a label's values, each as often as series have it. */
  readonly bytesByLabelName: readonly CountedName[];
  /** Names are `label=value`. */
  readonly seriesByPair: readonly CountedName[];
}

export type CardinalityKey = "metric" | "label" | "value";
export type CardinalityOrder = "series" | "growth" | "created" | "ended";

export interface CardinalityRequest {
  readonly by: CardinalityKey;
  /** Sets of matchers, joined by "or"; empty = every series. */
  readonly matcherSets: readonly (readonly Matcher[])[];
  readonly nowMs: number;
  /** Rows; the totals count all. */
  readonly limit: number;
  /** Greatest first; growth, created and ended are those of the day. */
  readonly order: CardinalityOrder;
  readonly budget: QueryBudget;
}

/**
 * Series by when they had their first and last sample. A series lives from its first sample until
 * five minutes after its last one; one that has not been seen for two days is taken to be new.
 */
export interface CardinalityCounts {
  /** Alive now. */
  readonly series: number;
  readonly seriesHourAgo: number;
  readonly seriesDayAgo: number;
  readonly createdHour: number;
  readonly createdDay: number;
  readonly endedHour: number;
  readonly endedDay: number;
}

export interface CardinalityRow extends CardinalityCounts {
  /** A metric's name, a label's name, or `label="value"`'s label. */
  readonly name: string;
  /** Of key `value`. */
  readonly value?: string;
  /** Of key `label`: different values among the series alive now. */
  readonly values?: number;
}

export interface Cardinality {
  readonly rows: readonly CardinalityRow[];
  /** Rows that there are, beyond the limit too. */
  readonly rowCount: number;
  readonly total: CardinalityCounts;
  /** First sample of the two days that were looked at; undefined if there is none. */
  readonly sinceMs: number | undefined;
}
