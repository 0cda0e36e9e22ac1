/** PromQL that Home needs; every answer has the labels `job` and, where it exists, `service`. */
export interface OverviewQuery {
  readonly id: OverviewQueryId;
  readonly expr: string;
}

export type OverviewQueryId = "up" | "requests" | "errors" | "p95Ms";

/** Counters of requests, as services around us name them; the first that a service has counts. */
const REQUESTS = [
  "requests_total",
  "http_requests_total",
  "http_server_requests_total",
  "http_request_duration_seconds_count",
  "http_server_request_duration_seconds_count",
];
const ERRORS = ["errors_total", "http_errors_total", "request_errors_total"];
/** Counters whose own labels tell failures apart. */
const CODED = ["http_requests_total", "requests_total", "http_request_duration_seconds_count"];
/** Histograms of how long a request takes. */
const DURATIONS =
  /(^|_)(latency|duration|request|requests|response|transfer|check)(_time)?_(ms|seconds)(_events)?_bucket$/;
const MOST_DURATIONS = 12;
const BY = "sum by (job, service)";
const WINDOW = "[$__rate_interval]";

/** Only for metrics that the hub has: names of `/api/v1/label/__name__/values`. */
export function overviewQueries(metricNames: readonly string[]): readonly OverviewQuery[] {
  const known = new Set(metricNames);
  const has = (name: string) => known.has(name);
  const requests = REQUESTS.filter(has).map((name) => `${BY} (rate(${name}${WINDOW})) * 60`);
  const errors = [
    ...ERRORS.filter(has).map((name) => `${BY} (rate(${name}${WINDOW})) * 60`),
    ...CODED.filter(has).flatMap((name) =>
      ["code", "status"].map((label) => `${BY} (rate(${name}{${label}=~"5.."}${WINDOW})) * 60`),
    ),
  ];
  const durations = metricNames.filter((name) => DURATIONS.test(name)).slice(0, MOST_DURATIONS);
  const p95 = durations.map((name) => {
    const scale = /_seconds(_events)?_bucket$/.test(name) ? " * 1000" : "";
    const rates = `sum by (job, service, le) (rate(${name}${WINDOW}))`;
    return `histogram_quantile(0.95, ${rates})${scale}`;
  });
  const queries: OverviewQuery[] = [{ id: "up", expr: "min by (job, service) (up)" }];
  const add = (id: OverviewQueryId, exprs: readonly string[]) => {
    if (exprs.length > 0) queries.push({ id, expr: exprs.join(" or ") });
  };
  add("requests", requests);
  add("errors", errors);
  add("p95Ms", p95);
  return queries;
}
