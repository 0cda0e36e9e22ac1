import { formatDurationMs, type StepGrid, type TimeRange } from "@hms-ops/model";
import { DEFAULT_SCRAPE_INTERVAL_MS, MOST_POINTS, PX_PER_POINT } from "../limits.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NICE_STEPS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28].map((n) => n * DAY),
];

/** The least round step that gives a point at most every few pixels of the plot. */
export function chooseStepMs(range: TimeRange, widthPx: number, leastMs = SECOND): number {
  const points = Math.min(MOST_POINTS, Math.max(10, widthPx / PX_PER_POINT));
  const wantedMs = Math.max(leastMs, (range.toMs - range.fromMs) / points);
  const nice = NICE_STEPS_MS.find((stepMs) => stepMs >= wantedMs);
  return nice ?? Math.ceil(wantedMs / DAY) * DAY;
}

/**
 * The steps inside the range, on multiples of the step since the epoch, so that a range that
 * slides on asks for the same moments again.
 */
export function stepGrid({ fromMs, toMs }: TimeRange, stepMs: number): StepGrid {
  const startMs = Math.ceil(fromMs / stepMs) * stepMs;
  const count = Math.max(0, Math.floor((toMs - startMs) / stepMs) + 1);
  return { startMs, stepMs, count };
}

export interface MacroValues {
  readonly range: TimeRange;
  readonly stepMs: number;
  /** How often the series is scraped; absent = 15 s. */
  readonly scrapeIntervalMs?: number;
}

/**
 * Replaces `$__interval`, `$__rate_interval` (never so short that `rate` sees one sample),
 * `$__range` and their `_s` and `_ms` forms. Other `$` words stay.
 */
export function expandMacros(expr: string, values: MacroValues): string {
  const scrapeMs = values.scrapeIntervalMs ?? DEFAULT_SCRAPE_INTERVAL_MS;
  const rateMs = Math.max(values.stepMs + scrapeMs, 4 * scrapeMs);
  const rangeMs = Math.round((values.range.toMs - values.range.fromMs) / SECOND) * SECOND;
  const spans: Readonly<Record<string, number>> = {
    interval: values.stepMs,
    rate_interval: rateMs,
    range: rangeMs,
  };
  return expr.replace(
    /\$(?:__(interval|rate_interval|range)(_ms|_s)?\b|\{__(interval|rate_interval|range)(_ms|_s)?\})/g,
    (_, bare: string, bareForm: string, braced: string, bracedForm: string) => {
      const spanMs = spans[bare ?? braced] ?? 0;
      const form = bareForm ?? bracedForm;
      if (form === "_ms") return String(spanMs);
      return form === "_s" ? String(spanMs / SECOND) : formatDurationMs(spanMs);
    },
  );
}
