import type { TimeRange } from "@hms-ops/model";
import type { ChartSeries } from "./model.ts";

/** Times and one column a series on the same steps; null where a series has no sample. */
export interface GridData {
  readonly timesMs: Float64Array;
  readonly columns: readonly (readonly (number | null)[])[];
}

/** A gap stays a gap because every step of the range has its place, filled or not. */
export function gridData(
  { fromMs, toMs }: TimeRange,
  stepMs: number,
  series: readonly ChartSeries[],
): GridData {
  const startMs = Math.ceil(fromMs / stepMs) * stepMs;
  const count = Math.max(0, Math.floor((toMs - startMs) / stepMs) + 1);
  const timesMs = new Float64Array(count);
  for (let i = 0; i < count; i++) timesMs[i] = startMs + i * stepMs;
  const columns = series.map((one) => {
    const column = new Array<number | null>(count).fill(null);
    for (let i = 0; i < one.timesMs.length; i++) {
      const index = Math.round(((one.timesMs[i] ?? 0) - startMs) / stepMs);
      const value = one.values[i];
      if (index < 0 || index >= count || value === undefined || !Number.isFinite(value)) continue;
      column[index] = value;
    }
    return column;
  });
  return { timesMs, columns };
}
