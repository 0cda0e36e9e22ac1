import { labelValue, type MatrixSeries } from "@hms-ops/model";
import type { RangePicture } from "../live/range-picture.ts";
import type { ChartBand } from "../timeseries/model.ts";

/** Pending and firing stretches, from the range picture of `ALERTS{alertname="…"}`. */
export function alertBands(picture: RangePicture | undefined): readonly ChartBand[] {
  const bands = (picture?.series ?? []).flatMap((series) => bandsOf(series, picture?.stepMs ?? 1));
  return bands.sort((a, b) => a.fromMs - b.fromMs);
}

function bandsOf({ labels, timesMs }: MatrixSeries, stepMs: number): readonly ChartBand[] {
  const kind = labelValue(labels, "alertstate") === "firing" ? "firing" : "pending";
  const text = kind === "firing" ? "firing" : "";
  const bands: ChartBand[] = [];
  let fromMs: number | undefined;
  let lastMs = 0;
  for (const timeMs of timesMs) {
    if (fromMs !== undefined && timeMs - lastMs > stepMs * 1.5) {
      bands.push({ fromMs, toMs: lastMs + stepMs, kind, text });
      fromMs = undefined;
    }
    fromMs ??= timeMs;
    lastMs = timeMs;
  }
  if (fromMs !== undefined) bands.push({ fromMs, toMs: lastMs + stepMs, kind, text });
  return bands;
}
