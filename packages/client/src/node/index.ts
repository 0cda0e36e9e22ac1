export type { MetricDoor } from "../emit/metric.ts";
export {
  type ActiveAlert,
  type CallOptions,
  Counter,
  type Fetch,
  Gauge,
  Histogram,
  type HistogramPlace,
  HubClient,
  type HubClientOptions,
  HubError,
  type HubErrorKind,
  type InstantCallOptions,
  type LabelValues,
  type ListingOptions,
  type LiveListener,
  type LiveReply,
  type LiveStream,
  type MetricKind,
  type MetricOptions,
  type MetricPlace,
  type QueryCallOptions,
  type QueryCost,
  type QueryReply,
  type RangeCallOptions,
  Registry,
  type ScrapeTarget,
  type TelemetryOptions,
} from "../index.ts";
export { type AgentOptions, OPSAgent } from "./agent.ts";
export { runtimeFolder } from "./announcement-file.ts";
export { type ExposeOptions, expose } from "./expose.ts";
export type { LocalServer, ServedAddress } from "./local-server.ts";
export { metric } from "./metric.ts";
export { type ListenOptions, type Middleware, Telemetry } from "./telemetry.ts";
