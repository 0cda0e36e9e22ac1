import type { HubClient, QueryReply } from "@hms-ops/client";

/** What the pages ask of a hub: a `HubClient`, or a fake with the same questions. */
export type HubPort = Pick<
  HubClient,
  | "query"
  | "queryRange"
  | "labels"
  | "labelValues"
  | "series"
  | "metadata"
  | "alerts"
  | "targets"
  | "status"
  | "boards"
  | "board"
  | "services"
  | "notifications"
  | "store"
  | "cardinality"
  | "rules"
> &
  Partial<Pick<HubClient, "openLive">>;

export type HubAnswer = QueryReply;
