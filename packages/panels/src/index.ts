import type {
  Clock,
  Labels,
  MatrixSeries,
  Panel,
  PanelLimit,
  StepGrid,
  TimeRange,
  TimestampMs,
  Unit,
} from "@hms-ops/model";
import type { HubAnswer, HubPort } from "./live/hub-port.ts";
import type { LiveSource } from "./live/live-state.ts";
import type { LightsModel } from "./lights/model.ts";
import type { ShownNumber } from "./numbers/format.ts";
import type { OpenAlert, OverviewModel } from "./overview/model.ts";
import type { Palette } from "./series/look.ts";
import type { SparklineModel } from "./sparkline/model.ts";
import type { StatModel } from "./stat/model.ts";
import type { StatusState } from "./states/status.ts";
import type { TableModel } from "./table/model.ts";
import type { ChartAnnotation, ChartBand, TimeseriesModel } from "./timeseries/model.ts";

export type { HubAnswer, HubPort, InstantQuestion, RangeQuestion } from "./live/hub-port.ts";
export type { LiveError, LiveSource, LiveState, LiveStatus } from "./live/live-state.ts";
export type { Light, LightsModel } from "./lights/model.ts";
export type { ShownNumber } from "./numbers/format.ts";
export type { OpenAlert, OverviewModel, ServiceTile, TileFigure } from "./overview/model.ts";
export {
  COMPARE_LOOK,
  lookAt,
  type Marker,
  Palette,
  type SeriesColor,
  type SeriesLook,
} from "./series/look.ts";
export type { SparklineModel } from "./sparkline/model.ts";
export type { StatModel } from "./stat/model.ts";
export { compareStates, type StatusState, severityState, stateWord } from "./states/status.ts";
export type { TableCell, TableColumn, TableModel, TableRow } from "./table/model.ts";
export type {
  ChartAnnotation,
  ChartBand,
  ChartLane,
  ChartLimit,
  ChartSeries,
  TimeseriesModel,
} from "./timeseries/model.ts";

// --- time/

/** A range as the URL says it: `now-1h` to `now`. */
export interface TimeText {
  readonly from: string;
  readonly to: string;
}
export interface TimeInput {
  readonly time: TimeText | undefined;
  /** Why it was not understood, with an example; empty when it was. */
  readonly problem: string;
}
export interface TimeTick {
  readonly atMs: TimestampMs;
  readonly text: string;
}
/** What of the URL concerns time; the rest of the URL is kept as it is. */
export interface PageTime {
  readonly time: TimeText;
  /** Undefined = no refresh. */
  readonly refreshMs: number | undefined;
  readonly zone: string;
}
/** Where the page's state lives; a router hands in its own. */
export interface PageAddress {
  /** `?from=now-1h&to=now` or empty. */
  search(): string;
  /** Goes there; `replace` leaves no step in the history. */
  go(search: string, how: "push" | "replace"): void;
  subscribe(listener: () => void): () => void;
}
export declare function browserAddress(view: Window): PageAddress;
export declare function readPageTime(search: string, defaults?: Partial<PageTime>): PageTime;
export declare function writePageTime(search: string, change: Partial<PageTime>): string;
/** The texts of the refresh menu: `5s` … `1d`. */
export declare const REFRESH_CHOICES: readonly string[];
export declare function readTimeInput(text: string, nowMs: TimestampMs, zone: string): TimeInput;
export declare function resolveTimeRange(
  time: TimeText,
  nowMs: TimestampMs,
  zone: string,
): TimeRange | undefined;
export declare function freezeTime(range: TimeRange): TimeText;
export declare function zoomOutTime(range: TimeRange): TimeText;
export declare function shiftTime(range: TimeRange, direction: -1 | 1): TimeText;
/** `Last 1 h`, `17 Nov 08:00 to 09:00`. */
export declare function describeTime(time: TimeText, zone: string): string;
/** `13:32–14:32` */
export declare function describeRange(range: TimeRange, zone: string): string;
export declare function chooseStepMs(range: TimeRange, widthPx: number, leastMs?: number): number;
export declare function stepGrid(range: TimeRange, stepMs: number): StepGrid;
export declare function expandMacros(
  expr: string,
  values: {
    readonly stepMs: number;
    readonly scrapeIntervalMs?: number;
    readonly range: TimeRange;
  },
): string;
export declare function timeTicks(
  range: TimeRange,
  widthPx: number,
  zone: string,
): readonly TimeTick[];
/** `14:32` or `14:32:07`. */
export declare function formatClock(
  timeMs: TimestampMs,
  zone: string,
  detail?: "minutes" | "seconds",
): string;
/** `Tue 17 Nov 14:16:30 UTC` */
export declare function formatMoment(timeMs: TimestampMs, zone: string): string;

// --- numbers/

/** `formatValue(1240, "per-minute")` is 1,240 and /min. Undefined and NaN become `–`, "no data". */
export declare function formatValue(value: number | undefined, unit: Unit): ShownNumber;
/** `26 min`, `2 h 4 min`, `6 d 4 h`. */
export declare function formatSpan(spanMs: number): string;
/** `26:07`, from one hour `1:26:07`: the T+ clock. */
export declare function formatMissionClock(spanMs: number): string;
/** `3 s ago`; after an hour the clock time. */
export declare function formatAgo(atMs: TimestampMs, nowMs: TimestampMs, zone: string): string;
/** The words a panel's title carries beside it: `per minute`, `%`, `ms`. */
export declare function unitWords(unit: Unit): string;

// --- live/

export interface LivePageOptions {
  readonly hub: HubPort;
  readonly clock: Clock;
}
export interface InstantRequest {
  readonly expr: string;
  /** Undefined = asked once. */
  readonly refreshMs: number | undefined;
  /** Absent = now, at each refresh. */
  readonly atMs?: TimestampMs;
}
export interface RangeRequest {
  readonly expr: string;
  readonly time: TimeText;
  readonly zone: string;
  /** Decides the step; a chart gives its plot's width. */
  readonly widthPx: number;
  readonly refreshMs: number | undefined;
  readonly scrapeIntervalMs?: number;
}
/** A range query's answer. */
export interface RangePicture {
  readonly series: readonly MatrixSeries[];
  readonly range: TimeRange;
  readonly stepMs: number;
  readonly warnings: readonly string[];
}
/**
 * All live queries of one page. The same request is one query, however many watch it; it is asked
 * only while somebody does and the page is visible and not paused.
 */
export declare class LivePage {
  constructor(options: LivePageOptions);
  readonly hub: HubPort;
  readonly clock: Clock;
  instant(request: InstantRequest): LiveSource<HubAnswer>;
  range(request: RangeRequest): LiveSource<RangePicture>;
  /** `read` turns the JSON into what is wanted, or throws; it is told apart by the path alone. */
  resource<Data>(
    path: string,
    read: (json: unknown) => Data,
    refreshMs: number | undefined,
  ): LiveSource<Data>;
  setVisible(visible: boolean): void;
  setPaused(paused: boolean): void;
  refreshAll(): void;
  close(): void;
}

// --- series/

/** `{{job}} {{le}}`; absent = the label set without its name, else the name. */
export declare function legendText(labels: Labels, legend: string | undefined): string;

// --- board/ : from a stored panel to what is drawn

export interface PanelContext {
  readonly palette: Palette;
  readonly zone: string;
  readonly nowMs: TimestampMs;
  readonly bands?: readonly ChartBand[];
  readonly annotations?: readonly ChartAnnotation[];
}
export declare function timeseriesModel(
  panel: Panel,
  pictures: readonly (RangePicture | undefined)[],
  context: PanelContext,
): TimeseriesModel;
export declare function statModel(
  panel: Panel,
  pictures: readonly (RangePicture | undefined)[],
  context: PanelContext,
): StatModel;
export declare function lightsModel(
  panel: Panel,
  pictures: readonly (RangePicture | undefined)[],
  context: PanelContext,
): LightsModel;
export declare function tableModel(
  panel: Panel,
  answers: readonly (HubAnswer | undefined)[],
  context: PanelContext,
): TableModel;
export declare function limitState(
  value: number | undefined,
  limits: readonly PanelLimit[] | undefined,
): StatusState;
/** Pending and firing stretches of one alert, from the range picture of `ALERTS{alertname="…"}`. */
export declare function alertBands(picture: RangePicture | undefined): readonly ChartBand[];
/** "View as table" of a chart, newest first. */
export declare function chartTable(model: TimeseriesModel): TableModel;
export declare function tableCsv(table: TableModel): string;
/** The legend table: name, at the cursor, last, least, mean, most. */
export interface LegendRow {
  readonly key: string;
  readonly name: string;
  readonly look: import("./series/look.ts").SeriesLook;
  readonly at: ShownNumber | undefined;
  readonly last: ShownNumber;
  readonly least: ShownNumber;
  readonly mean: ShownNumber;
  readonly most: ShownNumber;
}
export declare function legendRows(
  model: TimeseriesModel,
  atMs?: TimestampMs,
): readonly LegendRow[];

// --- drawing; every mount wants `@hms-ops/panels/panels.css` on the page

export interface Mounted<Model> {
  update(model: Model): void;
  destroy(): void;
}
/** One crosshair for all charts of a page. */
export declare class Crosshair {
  /** Undefined = nobody points. */
  readonly timeMs: TimestampMs | undefined;
  set(timeMs: TimestampMs | undefined): void;
  subscribe(listener: () => void): () => void;
}
export interface TimeseriesOptions {
  readonly clock: Clock;
  readonly crosshair: Crosshair;
  /** CSS px; absent = the element's own height. */
  readonly heightPx?: number;
  /** The element with the sentence, for `aria-describedby`; absent = the chart adds a hidden one. */
  readonly sentenceId?: string;
  onZoom?(range: TimeRange): void;
  onZoomOut?(): void;
  /** `a` was pressed; absent = the chart shows the table in its own place. */
  onTable?(): void;
}
export declare function mountTimeseries(
  element: HTMLElement,
  model: TimeseriesModel,
  options: TimeseriesOptions,
): Mounted<TimeseriesModel>;
/** An SVG path for `viewBox="0 0 96 24"`; also where the limit lies, if inside. */
export declare function sparklinePath(model: SparklineModel): {
  readonly line: string;
  readonly limitY: number | undefined;
};
export declare function mountSparkline(
  element: HTMLElement,
  model: SparklineModel,
): Mounted<SparklineModel>;
export declare function mountTable(element: HTMLElement, model: TableModel): Mounted<TableModel>;
/** A legend's sample: line with dash and marker, 24 × 10. Colours are `var(--s1)` … */
export declare function seriesSample(
  document: Document,
  look: import("./series/look.ts").SeriesLook,
): SVGSVGElement;

// --- overview/

/** PromQL for Home, given the metric names that the hub knows (`/api/v1/label/__name__/values`). */
export interface OverviewQuery {
  readonly id: "up" | "requests" | "errors" | "p95Ms";
  readonly expr: string;
}
export declare function overviewQueries(metricNames: readonly string[]): readonly OverviewQuery[];
export interface OverviewInput {
  readonly pictures: Readonly<Partial<Record<OverviewQuery["id"], RangePicture>>>;
  readonly alerts: readonly OpenAlert[];
  readonly nowMs: TimestampMs;
  readonly zone: string;
}
export declare function overviewModel(input: OverviewInput): OverviewModel;
/** Reads `/api/v1/alerts`. */
export declare function readAlerts(json: unknown): readonly OpenAlert[];
