export { alertBands } from "./board/alert-bands.ts";
export { chartTable, type LegendRow, legendRows, tableModel } from "./board/chart-table.ts";
export { limitState } from "./board/limits.ts";
export { lightsModel, statModel } from "./board/readout-models.ts";
export { endTextNow, type PanelContext, timeseriesModel } from "./board/timeseries-model.ts";
export type { Light, LightsModel } from "./lights/model.ts";
export type { HubAnswer, HubPort } from "./live/hub-port.ts";
export { LivePage, type LivePageOptions } from "./live/live-page.ts";
export {
  type LiveError,
  type LiveSource,
  type LiveState,
  type LiveStatus,
  LOADING,
  withLastPicture,
} from "./live/live-state.ts";
export type { RangePicture } from "./live/range-picture.ts";
export type { InstantRequest, RangeRequest } from "./live/requests.ts";
export type { Mounted } from "./mounted.ts";
export {
  formatDifference,
  formatTogether,
  formatValue,
  type ShownNumber,
} from "./numbers/format.ts";
export { formatAgo, formatMissionClock, formatSpan } from "./numbers/spans.ts";
export { unitWords } from "./numbers/units.ts";
export { openAlerts } from "./overview/alerts.ts";
export type { OpenAlert, OverviewModel, ServiceTile, TileFigure } from "./overview/model.ts";
export { type OverviewInput, overviewModel } from "./overview/overview-model.ts";
export { type OverviewQuery, type OverviewQueryId, overviewQueries } from "./overview/queries.ts";
export { legendText, nameSeries } from "./series/legend.ts";
export {
  COMPARE_LOOK,
  lookAt,
  type Marker,
  Palette,
  type SeriesColor,
  type SeriesLook,
} from "./series/look.ts";
export { type SampleShape, sampleShape, seriesSample } from "./series/sample.ts";
export type { SparklineModel } from "./sparkline/model.ts";
export { mountSparkline } from "./sparkline/mount.ts";
export { type SparklinePath, sparklinePath } from "./sparkline/path.ts";
export type { StatModel } from "./stat/model.ts";
export { compareStates, type StatusState, severityState, stateWord } from "./states/status.ts";
export { tableCsv } from "./table/csv.ts";
export type { TableCell, TableColumn, TableModel, TableRow } from "./table/model.ts";
export { mountTable } from "./table/mount.ts";
export { formatClock, formatDay, formatMoment, zoneName } from "./time/clock-text.ts";
export type { TimeText } from "./time/grammar.ts";
export { readTimeInput, type TimeInput } from "./time/input.ts";
export { browserAddress, type PageAddress } from "./time/page-address.ts";
export {
  DEFAULT_PAGE_TIME,
  type PageTime,
  REFRESH_CHOICES,
  readPageTime,
  writePageTime,
} from "./time/page-time.ts";
export {
  describeLength,
  describeRange,
  describeTime,
  freezeTime,
  isSliding,
  resolveTimeRange,
  shiftTime,
  zoomOutTime,
} from "./time/range.ts";
export { chooseStepMs, expandMacros, type MacroValues, stepGrid } from "./time/step.ts";
export { type TimeTick, timeTicks } from "./time/ticks.ts";
export { Crosshair } from "./timeseries/crosshair.ts";
export type {
  AxisTick,
  ChartAnnotation,
  ChartBand,
  ChartLane,
  ChartLimit,
  ChartSeries,
  LaneAxis,
  TimeseriesModel,
} from "./timeseries/model.ts";
export { mountTimeseries, type TimeseriesOptions } from "./timeseries/mount.ts";
