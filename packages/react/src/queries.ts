import {
  type HubAnswer,
  type LiveState,
  LOADING,
  type RangePicture,
  type TimeText,
} from "@hms-ops/panels";
import { useHub } from "./hub-provider.tsx";
import { useLive, useLiveList } from "./live.ts";
import { useTimeRange } from "./time-range.ts";

export interface QueryOptions {
  /** Absent = the page's refresh interval. */
  readonly refreshMs?: number;
  /** False: off screen, so not asked. */
  readonly visible?: boolean;
  /** Understand `latency_ms_p95` and dotted names; off = strict PromQL, as boards are. */
  readonly shortForms?: boolean;
}

export interface RangeQueryOptions extends QueryOptions {
  /** Absent = the page's range. */
  readonly time?: TimeText;
  readonly widthPx: number;
  readonly scrapeIntervalMs?: number;
}

/** An empty expression asks nothing and stays `loading`. */
export function useInstantQuery(expr: string, options: QueryOptions = {}): LiveState<HubAnswer> {
  const page = useHub();
  const { refreshMs } = useTimeRange();
  const { shortForms } = options;
  const request = { expr, refreshMs: options.refreshMs ?? refreshMs, shortForms };
  const asked = (options.visible ?? true) && expr.trim() !== "";
  return useLive(page.instant(request), asked);
}

export function useRangeQuery(expr: string, options: RangeQueryOptions): LiveState<RangePicture> {
  const [state] = useRangeQueries([expr], options);
  return state ?? LOADING;
}

/** As many as there are expressions, in their order. */
export function useRangeQueries(
  exprs: readonly string[],
  options: RangeQueryOptions,
): readonly LiveState<RangePicture>[] {
  const page = useHub();
  const { time, zone, refreshMs } = useTimeRange();
  const { widthPx, scrapeIntervalMs, shortForms } = options;
  const sources = exprs.map((expr) =>
    page.range({
      expr,
      time: options.time ?? time,
      zone,
      widthPx,
      refreshMs: options.refreshMs ?? refreshMs,
      scrapeIntervalMs,
      shortForms,
    }),
  );
  const asked = widthPx > 0 && exprs.every((expr) => expr.trim() !== "");
  return useLiveList(sources, (options.visible ?? true) && asked);
}

/** The least interval at which a number on a page is asked again when the page has none. */
const METRIC_REFRESH_MS = 15_000;

/**
 * The metric's value now, as a plain number; short forms and dotted names are understood. Several
 * series are no plain number: name one (`finance.api_ms{instance="a"}`) or sum them.
 *
 * @returns undefined while loading, on an error, and when there is no data.
 */
export function useMetric(name: string): number | undefined {
  const page = useHub();
  const request = { expr: name, refreshMs: METRIC_REFRESH_MS, shortForms: true };
  const { status, data } = useLive(page.instant(request), name.trim() !== "");
  if (status !== "ready" || !data) return undefined;
  const { value } = data;
  const number =
    value.kind === "scalar"
      ? value.value
      : value.kind === "vector" && value.elements.length === 1
        ? value.elements[0]?.value
        : undefined;
  return number === undefined || Number.isNaN(number) ? undefined : number;
}
