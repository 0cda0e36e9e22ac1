export type {
  Board,
  Panel,
  PanelKind,
  PanelLimit,
  PanelPlace,
  PanelQuery,
  Unit,
} from "./board.ts";
export type { Document, DocumentStore, DocumentWrite } from "./document-store.ts";
export {
  bug,
  type Diagnostic,
  type ErrorRow,
  errorTable,
  OpsError,
  type Severity,
} from "./errors.ts";
export {
  compareLabels,
  compareText,
  dropLabels,
  formatLabels,
  isLegacyLabelName,
  isLegacyMetricName,
  isValidText,
  keepLabels,
  type Labels,
  labelsFromPairs,
  labelsKey,
  labelsOf,
  labelsToRecord,
  labelValue,
  METRIC_NAME,
  NO_LABELS,
  withLabels,
} from "./labels.ts";
export { formatMatcher, type Matcher, type MatchOperator, matcher } from "./matchers.ts";
export {
  type MetadataRequest,
  type MetricMetadata,
  type MetricStore,
  type MetricStoreStats,
  type MetricType,
  type QueryBudget,
  SERIES_PER_BATCH,
  type SeriesBatch,
  type Snapshot,
  type SnapshotRequest,
  UNLIMITED_BUDGET,
} from "./metric-store.ts";
export { nearestWord } from "./nearest-word.ts";
export type {
  MatrixSeries,
  QueryAnswer,
  QueryStats,
  QueryValue,
  StepGrid,
  VectorElement,
} from "./query-result.ts";
export { type Random, seededRandom } from "./random.ts";
export {
  type AppendAck,
  NEW_SERIES_BASE,
  type NewSeries,
  type Rejection,
  type RejectionReason,
  type SampleBatch,
  SampleBatchBuilder,
  type SeriesId,
  type SeriesResolver,
  type SourceId,
  STALE_NAN_HIGH,
  STALE_NAN_LOW,
  UNKNOWN_SERIES,
} from "./sample-batch.ts";
export {
  type Clock,
  formatDurationMs,
  parseDurationMs,
  parseTimestampMs,
  type TimeRange,
  type TimestampMs,
} from "./time.ts";
