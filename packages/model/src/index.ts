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
export { giveBack } from "./give-back.ts";
export { bucketBound, bucketsOf, type HistogramBucket } from "./histogram-buckets.ts";
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
  type BucketBatch,
  type BucketRead,
  type BucketRequest,
  type DeleteRequest,
  type HistogramRows,
  type LimitHit,
  type MetadataRequest,
  type MetricMetadata,
  type MetricStore,
  type MetricStoreStats,
  type MetricType,
  type QueryBudget,
  SERIES_PER_BATCH,
  type SeriesBatch,
  type SeriesExemplars,
  type SeriesNumbering,
  type Snapshot,
  type SnapshotRequest,
  type StoredExemplar,
  type StoreFigure,
  UNLIMITED_BUDGET,
} from "./metric-store.ts";
export {
  type BucketSpan,
  CUSTOM_BOUNDS_SCHEMA,
  type HistogramBuckets,
  type NativeHistogram,
  NO_BUCKETS,
  type ResetHint,
  SCHEMA_MAX,
  SCHEMA_MIN,
} from "./native-histogram.ts";
export { nearestWord } from "./nearest-word.ts";
export { asTyped, ownCommand } from "./own-command.ts";
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
  type Exemplar,
  type HistogramSample,
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
  senderOf,
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
