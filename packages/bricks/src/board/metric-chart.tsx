import { isLegacyMetricName, type Unit } from "@hms-ops/model";
import { useMemo } from "react";
import { BoardPanel } from "./board-panel.tsx";

export interface MetricChartProps {
  /** A metric's name; dotted names are fine: `finance.api_ms`. */
  readonly metric: string;
  readonly unit?: Unit;
  /** Absent = the metric's name. */
  readonly title?: string;
  readonly heightPx?: number;
}

/** One metric over the page's time range; says "Loading" and "no data", never draws a false zero. */
export function MetricChart({
  metric,
  unit = "none",
  title = metric,
  heightPx = 200,
}: MetricChartProps) {
  const panel = useMemo(
    () => ({
      id: 1,
      title,
      kind: "timeseries" as const,
      grid: { x: 0, y: 0, w: 24, h: 8 },
      queries: [{ expr: selectorOf(metric) }],
      unit,
    }),
    [metric, title, unit],
  );
  return <BoardPanel panel={panel} heightPx={heightPx} shortForms />;
}

function selectorOf(metric: string): string {
  return isLegacyMetricName(metric) ? metric : `{${JSON.stringify(metric)}}`;
}
