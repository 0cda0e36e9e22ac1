import type { TimestampMs } from "@hms-ops/model";
import type { TimeText } from "../time/grammar.ts";

export interface InstantRequest {
  readonly expr: string;
  /** Undefined = asked once. */
  readonly refreshMs: number | undefined;
  /** Absent = now, at each refresh. */
  readonly atMs?: TimestampMs;
  /** Understand `latency_ms_p95` and dotted names; off = strict PromQL. */
  readonly shortForms?: boolean;
}

export interface RangeRequest {
  readonly expr: string;
  readonly time: TimeText;
  readonly zone: string;
  /** Decides the step; a chart gives its plot's width. */
  readonly widthPx: number;
  /** Undefined = asked once. */
  readonly refreshMs: number | undefined;
  /** How often the series is scraped, for `$__rate_interval`. */
  readonly scrapeIntervalMs?: number;
  readonly shortForms?: boolean;
}
