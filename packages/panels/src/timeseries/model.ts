import type { TimeRange, TimestampMs, Unit } from "@hms-ops/model";
import type { SeriesLook } from "../series/look.ts";

/** Everything a chart shows, as data. Made by `timeseriesModel`, drawn by `mountTimeseries`. */
export interface TimeseriesModel {
  readonly title: string;
  readonly unit: Unit;
  /** Beside the title, once: `per minute`, `ms, from 180`. */
  readonly unitText: string;
  readonly range: TimeRange;
  /** Two points further apart than one and a half steps have a gap between them. */
  readonly stepMs: number;
  /** IANA name or `UTC`. */
  readonly zone: string;
  /** One plot, or two with one time axis for two sizes of thing; top first. */
  readonly lanes: readonly ChartLane[];
  readonly bands: readonly ChartBand[];
  readonly annotations: readonly ChartAnnotation[];
  /** What moved, from, to, since; for a screen reader as for everybody. Empty before an answer. */
  readonly sentence: string;
  /** How many series the grey bundle holds ("and 14 more"); 0 = there is none. */
  readonly bundled: number;
  /** Shown in the middle: why nothing is drawn, and one way out. Empty where a point is. */
  readonly emptyText: string;
  /** Why the picture is old ("■ OPS-1210 … · as of 14:32:07 UTC"); it is drawn dimmed. */
  readonly stale?: string;
}

export interface ChartLane {
  readonly series: readonly ChartSeries[];
  readonly limits: readonly ChartLimit[];
  readonly axis: LaneAxis;
}

/** Both ends lie at or beyond the data and the limits. */
export interface LaneAxis {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly AxisTick[];
}

export interface AxisTick {
  readonly value: number;
  readonly text: string;
}

export interface ChartSeries {
  /** Told apart by this; names may repeat. */
  readonly key: string;
  readonly name: string;
  /** Written at the line's end instead of the name: `7.8 % now`. */
  readonly endText?: string;
  readonly look: SeriesLook;
  /** The one that the sentence is about is drawn thicker. */
  readonly emphasis: boolean;
  /** Part of the grey bundle: thin, without a name, a marker or a row in the tooltip. */
  readonly bundled: boolean;
  /** Rising. */
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

export interface ChartLimit {
  readonly value: number;
  readonly state: "warn" | "crit";
  /** `limit 5 %` */
  readonly text: string;
  readonly bad: "above" | "below";
}

export interface ChartBand {
  readonly fromMs: TimestampMs;
  readonly toMs: TimestampMs;
  readonly kind: "pending" | "firing";
  /** `firing`; may be empty. */
  readonly text: string;
}

export interface ChartAnnotation {
  readonly atMs: TimestampMs;
  /** `deploy 2.18.0` */
  readonly text: string;
}
