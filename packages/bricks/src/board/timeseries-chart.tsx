import {
  type Mounted,
  mountTimeseries,
  type TimeseriesModel,
  type TimeseriesOptions,
} from "@hms-ops/panels";
import { useEffect, useRef } from "react";

export interface TimeseriesChartProps extends TimeseriesOptions {
  readonly model: TimeseriesModel;
}

/** The chart of panels as a brick: mounted once, updated after. */
export function TimeseriesChart({ model, ...options }: TimeseriesChartProps) {
  const ref = useRef<HTMLDivElement>(null);
  const mounted = useRef<Mounted<TimeseriesModel>>(undefined);
  const latest = useRef({ model, options });
  latest.current = { model, options };
  const { clock, crosshair, heightPx, sentenceId } = options;
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const chart = mountTimeseries(element, latest.current.model, {
      clock,
      crosshair,
      ...(heightPx === undefined ? {} : { heightPx }),
      ...(sentenceId === undefined ? {} : { sentenceId }),
      onZoom: (range) => latest.current.options.onZoom?.(range),
      onZoomOut: () => latest.current.options.onZoomOut?.(),
      ...(latest.current.options.onTable
        ? { onTable: () => latest.current.options.onTable?.() }
        : {}),
    });
    mounted.current = chart;
    return () => {
      mounted.current = undefined;
      chart.destroy();
    };
  }, [clock, crosshair, heightPx, sentenceId]);
  useEffect(() => mounted.current?.update(model), [model]);
  return (
    <div ref={ref} className="hms-chart" style={heightPx ? { minHeight: heightPx } : undefined} />
  );
}
