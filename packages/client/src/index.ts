export {
  HubClient,
  type InstantCallOptions,
  type ListingOptions,
  type QueryCallOptions,
  type RangeCallOptions,
} from "./hub/hub-client.ts";
export { HubError, type HubErrorKind } from "./hub/hub-error.ts";
export type { ActiveAlert, QueryReply, ScrapeTarget } from "./hub/prometheus-answers.ts";
export type { CallOptions, Fetch, HubClientOptions } from "./hub/transport.ts";
