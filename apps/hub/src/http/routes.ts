import {
  BOARD_PATH,
  BOARDS_PATH,
  CARDINALITY_PATH,
  COMPACT_PATH,
  DEMO_FAULT_PATH,
  DISCOVERY_PATH,
  NOTIFICATIONS_PATH,
  OPS_RULES_PATH,
  RULES_CHECK_PATH,
  RULES_RELOAD_PATH,
  SERVICES_PATH,
  STATUS_PATH,
  STORE_PATH,
} from "@hms-ops/wire/api";
import type { Route } from "../ports.ts";

/** A route as the table states it; `answer` names the function that hub.ts binds to it. */
export type RouteRow = Omit<Route, "handle"> & { readonly answer: string };

/** Every address of the hub but the pages (pages.ts). No two rows match one request. */
export const ROUTE_TABLE = [
  // Prometheus' HTTP API: queries
  { method: "GET", path: "/api/v1/query", owner: "api/query.ts", auth: "read", answer: "query" },
  { method: "POST", path: "/api/v1/query", owner: "api/query.ts", auth: "read", answer: "query" },
  {
    method: "GET",
    path: "/api/v1/query_range",
    owner: "api/query.ts",
    auth: "read",
    answer: "queryRange",
  },
  {
    method: "POST",
    path: "/api/v1/query_range",
    owner: "api/query.ts",
    auth: "read",
    answer: "queryRange",
  },
  {
    method: "GET",
    path: "/api/v1/format_query",
    owner: "api/query.ts",
    auth: "read",
    answer: "formatQuery",
  },
  {
    method: "POST",
    path: "/api/v1/format_query",
    owner: "api/query.ts",
    auth: "read",
    answer: "formatQuery",
  },
  {
    method: "GET",
    path: "/api/v1/parse_query",
    owner: "api/parse-query.ts",
    auth: "read",
    answer: "parseQuery",
  },
  {
    method: "POST",
    path: "/api/v1/parse_query",
    owner: "api/parse-query.ts",
    auth: "read",
    answer: "parseQuery",
  },
  {
    method: "GET",
    path: "/api/v1/query_exemplars",
    owner: "api/query-exemplars.ts",
    auth: "read",
    answer: "queryExemplars",
  },
  {
    method: "POST",
    path: "/api/v1/query_exemplars",
    owner: "api/query-exemplars.ts",
    auth: "read",
    answer: "queryExemplars",
  },
  // Prometheus' HTTP API: what there is
  { method: "GET", path: "/api/v1/series", owner: "api/series.ts", auth: "read", answer: "series" },
  {
    method: "POST",
    path: "/api/v1/series",
    owner: "api/series.ts",
    auth: "read",
    answer: "series",
  },
  { method: "GET", path: "/api/v1/labels", owner: "api/series.ts", auth: "read", answer: "labels" },
  {
    method: "POST",
    path: "/api/v1/labels",
    owner: "api/series.ts",
    auth: "read",
    answer: "labels",
  },
  {
    method: "GET",
    path: "/api/v1/label/:name/values",
    owner: "api/series.ts",
    auth: "read",
    answer: "labelValues",
  },
  {
    method: "GET",
    path: "/api/v1/metadata",
    owner: "api/targets.ts",
    auth: "read",
    answer: "metadata",
  },
  {
    method: "GET",
    path: "/api/v1/targets",
    owner: "api/targets.ts",
    auth: "read",
    answer: "targets",
  },
  {
    method: "GET",
    path: "/api/v1/targets/metadata",
    owner: "api/targets.ts",
    auth: "read",
    answer: "targetMetadata",
  },
  {
    method: "GET",
    path: "/api/v1/scrape_pools",
    owner: "api/targets.ts",
    auth: "read",
    answer: "scrapePools",
  },
  {
    method: "GET",
    path: "/api/v1/alertmanagers",
    owner: "api/targets.ts",
    auth: "read",
    answer: "alertmanagers",
  },
  { method: "GET", path: "/api/v1/rules", owner: "api/rules.ts", auth: "read", answer: "rules" },
  { method: "GET", path: "/api/v1/alerts", owner: "api/rules.ts", auth: "read", answer: "alerts" },
  // Prometheus' HTTP API: status
  {
    method: "GET",
    path: "/api/v1/status/config",
    owner: "api/status.ts",
    auth: "read",
    answer: "statusConfig",
  },
  {
    method: "GET",
    path: "/api/v1/status/flags",
    owner: "api/status.ts",
    auth: "read",
    answer: "statusFlags",
  },
  {
    method: "GET",
    path: "/api/v1/status/runtimeinfo",
    owner: "api/status.ts",
    auth: "read",
    answer: "statusRuntime",
  },
  {
    method: "GET",
    path: "/api/v1/status/buildinfo",
    owner: "api/status.ts",
    auth: "read",
    answer: "statusBuild",
  },
  {
    method: "GET",
    path: "/api/v1/status/tsdb",
    owner: "api/status.ts",
    auth: "read",
    answer: "statusTsdb",
  },
  {
    method: "GET",
    path: "/api/v1/status/walreplay",
    owner: "api/status.ts",
    auth: "public",
    answer: "statusReplay",
  },
  // The metric store: administration
  {
    method: "POST",
    path: "/api/v1/admin/tsdb/delete_series",
    owner: "api/tsdb-admin.ts",
    auth: "admin",
    answer: "deleteSeries",
  },
  {
    method: "PUT",
    path: "/api/v1/admin/tsdb/delete_series",
    owner: "api/tsdb-admin.ts",
    auth: "admin",
    answer: "deleteSeries",
  },
  {
    method: "POST",
    path: "/api/v1/admin/tsdb/clean_tombstones",
    owner: "api/tsdb-admin.ts",
    auth: "admin",
    answer: "cleanTombstones",
  },
  {
    method: "PUT",
    path: "/api/v1/admin/tsdb/clean_tombstones",
    owner: "api/tsdb-admin.ts",
    auth: "admin",
    answer: "cleanTombstones",
  },
  {
    method: "POST",
    path: "/api/v1/admin/tsdb/snapshot",
    owner: "api/tsdb-admin.ts",
    auth: "admin",
    answer: "snapshot",
  },
  {
    method: "PUT",
    path: "/api/v1/admin/tsdb/snapshot",
    owner: "api/tsdb-admin.ts",
    auth: "admin",
    answer: "snapshot",
  },
  {
    method: "POST",
    path: COMPACT_PATH,
    owner: "api/tsdb-admin.ts",
    auth: "admin",
    answer: "compact",
  },
  // Samples out
  {
    method: "GET",
    path: "/federate",
    owner: "api/federate.ts",
    auth: "read",
    answer: "federate",
  },
  // Samples in
  {
    method: "POST",
    path: "/api/v1/write",
    owner: "api/write.ts",
    auth: "ingest",
    answer: "remoteWrite",
  },
  { method: "POST", path: "/ingest", owner: "api/write.ts", auth: "ingest", answer: "ingest" },
  // Samples out, for another Prometheus
  {
    method: "POST",
    path: "/api/v1/read",
    owner: "api/remote-read.ts",
    auth: "read",
    answer: "remoteRead",
  },
  // One number out
  {
    method: "GET",
    path: "/query",
    owner: "api/bare-query.ts",
    auth: "read",
    answer: "bareQuery",
  },
  // Our own API
  { method: "GET", path: STATUS_PATH, owner: "api/ops.ts", auth: "read", answer: "opsStatus" },
  { method: "GET", path: BOARDS_PATH, owner: "api/boards.ts", auth: "read", answer: "boards" },
  { method: "GET", path: BOARD_PATH, owner: "api/boards.ts", auth: "read", answer: "board" },
  { method: "GET", path: SERVICES_PATH, owner: "api/ops.ts", auth: "read", answer: "services" },
  {
    method: "POST",
    path: DISCOVERY_PATH,
    owner: "api/ops.ts",
    auth: "operate",
    answer: "switchDiscovery",
  },
  {
    method: "POST",
    path: DEMO_FAULT_PATH,
    owner: "api/ops.ts",
    auth: "operate",
    answer: "switchFault",
  },
  { method: "GET", path: OPS_RULES_PATH, owner: "api/rules.ts", auth: "read", answer: "opsRules" },
  {
    method: "POST",
    path: OPS_RULES_PATH,
    owner: "api/rules.ts",
    auth: "operate",
    answer: "storeRules",
  },
  {
    method: "POST",
    path: RULES_CHECK_PATH,
    owner: "api/rules.ts",
    auth: "read",
    answer: "checkRules",
  },
  {
    method: "POST",
    path: RULES_RELOAD_PATH,
    owner: "api/rules.ts",
    auth: "operate",
    answer: "reloadRules",
  },
  {
    method: "GET",
    path: NOTIFICATIONS_PATH,
    owner: "api/notifications.ts",
    auth: "read",
    answer: "notifications",
  },
  {
    method: "GET",
    path: CARDINALITY_PATH,
    owner: "api/cardinality.ts",
    auth: "read",
    answer: "cardinality",
  },
  { method: "GET", path: STORE_PATH, owner: "api/store.ts", auth: "read", answer: "storeReport" },
  // The process
  { method: "GET", path: "/metrics", owner: "api/process.ts", auth: "read", answer: "ownMetrics" },
  { method: "GET", path: "/version", owner: "api/process.ts", auth: "public", answer: "version" },
  {
    method: "GET",
    path: "/-/healthy",
    owner: "api/process.ts",
    auth: "public",
    answer: "healthy",
  },
  { method: "GET", path: "/-/ready", owner: "api/process.ts", auth: "public", answer: "ready" },
  {
    method: "POST",
    path: "/-/reload",
    owner: "api/process.ts",
    auth: "operate",
    answer: "reload",
  },
  { method: "PUT", path: "/-/reload", owner: "api/process.ts", auth: "operate", answer: "reload" },
] as const satisfies readonly RouteRow[];

export type AnswerName = (typeof ROUTE_TABLE)[number]["answer"];
export type Answers = Readonly<Record<AnswerName, Route["handle"]>>;

/** Joins the table with the functions that answer. */
export function bindRoutes(
  answerOf: (name: AnswerName, auth: Route["auth"]) => Route["handle"],
): readonly Route[] {
  return ROUTE_TABLE.map(({ method, path, owner, auth, answer }) => ({
    method,
    path,
    owner,
    auth,
    handle: answerOf(answer, auth),
  }));
}
