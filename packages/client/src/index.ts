export type { LabelValues, MetricKind } from "./emit/family.ts";
export {
  Counter,
  Gauge,
  Histogram,
  type HistogramPlace,
  type MetricPlace,
} from "./emit/metrics.ts";
export { type MetricOptions, Registry } from "./emit/registry.ts";
export { Telemetry, type TelemetryOptions } from "./emit/telemetry.ts";
export {
  type ExplainOptions,
  HubClient,
  type InstantCallOptions,
  type ListingOptions,
  type QueryCallOptions,
  type RangeCallOptions,
  type RemoteWriteAnswer,
} from "./hub/hub-client.ts";
export { HubError, type HubErrorKind } from "./hub/hub-error.ts";
export type { LiveListener, LiveReply, LiveStream } from "./hub/live-stream.ts";
export type { ActiveAlert, QueryCost, QueryReply, ScrapeTarget } from "./hub/prometheus-answers.ts";
export type { CallOptions, Fetch, HubClientOptions } from "./hub/transport.ts";
