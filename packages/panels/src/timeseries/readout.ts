import type { TimestampMs } from "@hms-ops/model";
import { formatTogether } from "../numbers/format.ts";
import type { SeriesLook } from "../series/look.ts";
import { valueAt } from "../series/points.ts";
import { formatMoment } from "../time/clock-text.ts";
import type { TimeseriesModel } from "./model.ts";

/** All values at one moment, greatest first; NaN and what has none ("no data") come last. */
export interface Readout {
  /** `Tue 17 Nov 14:16:30 UTC` */
  readonly moment: string;
  readonly rows: readonly ReadoutRow[];
  /** `and 14 more`; empty when every series has its row. */
  readonly more: string;
}

interface ReadoutRow {
  readonly key: string;
  readonly name: string;
  readonly look: SeriesLook;
  readonly text: string;
}

/** Rows that a tooltip holds beside the chart. */
const MOST_ROWS = 10;
/** Names that are read out at one step; more would still be talking at the next. */
const MOST_SPOKEN = 4;

export function readoutAt(model: TimeseriesModel, atMs: TimestampMs): Readout {
  const named = model.lanes.flatMap((lane) => lane.series).filter(({ bundled }) => !bundled);
  const values = named.map((series) => valueAt(series, atMs, model.stepMs));
  const texts = formatTogether(values, model.unit, model.zone);
  const order = named
    .map((_, i) => i)
    .sort((a, b) => rankOf(values[b]) - rankOf(values[a]) || a - b);
  const rows = order.slice(0, MOST_ROWS).flatMap((i) => {
    const series = named[i];
    const text = texts[i]?.text ?? "";
    return series ? [{ key: series.key, name: series.name, look: series.look, text }] : [];
  });
  const left = named.length - rows.length + model.bundled;
  return {
    moment: formatMoment(atMs, model.zone),
    rows,
    more: left > 0 ? `and ${left} more` : "",
  };
}

function rankOf(value: number | undefined): number {
  return value === undefined || Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
}

/** `Tue 17 Nov 14:16:30 UTC: HMS-ACH 8.44 %, HMS-A2A 0.44 %` */
export function spokenReadout(readout: Readout): string {
  const spoken = readout.rows.slice(0, MOST_SPOKEN).map(({ name, text }) => `${name} ${text}`);
  return `${readout.moment}: ${spoken.join(", ") || "no data"}`;
}

/** The moments at which the chart has any point, for stepping with the keys. */
export function momentsOf(model: TimeseriesModel): readonly TimestampMs[] {
  const moments = new Set<TimestampMs>();
  for (const lane of model.lanes) {
    for (const { timesMs } of lane.series) for (const timeMs of timesMs) moments.add(timeMs);
  }
  return [...moments].sort((a, b) => a - b);
}
