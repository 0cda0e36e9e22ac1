/**
 * `GET /api/ops/v1/cardinality?by=metric|label|value&match[]=…&order=series|growth|created|ended&limit=…`:
 * how many series there are, and how many came and went.
 */
export const CARDINALITY_PATH = "/api/ops/v1/cardinality";

export type CardinalityBy = "metric" | "label" | "value";
/** Greatest first; growth, created and ended are those of the last day. */
export type CardinalityOrder = "series" | "growth" | "created" | "ended";

export const CARDINALITY_BY: readonly CardinalityBy[] = ["metric", "label", "value"];
export const CARDINALITY_ORDERS: readonly CardinalityOrder[] = [
  "series",
  "growth",
  "created",
  "ended",
];

export interface CardinalityReport {
  readonly nowMs: number;
  /** First sample of the two days that were looked at; null if there is none. */
  readonly sinceMs: number | null;
  readonly total: CardinalityFigures;
  /** The first `limit` in the order asked for. */
  readonly rows: readonly CardinalityEntry[];
  /** Entries that there are, beyond the limit too. */
  readonly rowCount: number;
}

/**
 * A series lives from its first sample until five minutes after its last one; one that was not
 * seen for two days is new when it comes again.
 */
export interface CardinalityFigures {
  /** Alive now. */
  readonly series: number;
  readonly seriesHourAgo: number;
  readonly seriesDayAgo: number;
  readonly createdHour: number;
  readonly createdDay: number;
  readonly endedHour: number;
  readonly endedDay: number;
}

export interface CardinalityEntry extends CardinalityFigures {
  /** Of a metric or a label. */
  readonly name: string;
  /** By value: what the label `name` says. */
  readonly value?: string;
  /** By label: how many different values its living series have. */
  readonly values?: number;
}
