import type { DashboardQuery, QuerySpan } from "./dashboard-query.ts";

type Row = readonly [name: string, expr: string, kind?: "one" | "alert"];

/** There from the smallest fleet on, so that a query asks the same of every size. */
const ONE = '{instance="10.0.0.3:9100"}';
const ONE_AND = '{instance="10.0.0.6:9100",';
const REQUESTS = "http_requests_total";
const BUCKETS = "http_request_duration_seconds_bucket";
const SUMS = "http_request_duration_seconds_sum";
const COUNTS = "http_request_duration_seconds_count";
const CPU = "node_cpu_seconds_total";

function requestsBy(labels: string, window: string, matchers = ""): string {
  return `sum by (${labels}) (rate(${REQUESTS}${matchers}[${window}]))`;
}

function errorRatio(window: string): string {
  return `${requestsBy("job", window, '{code=~"5.."}')} / ${requestsBy("job", window)}`;
}

function latencyQuantile(quantile: number, labels: string, window: string): string {
  return `histogram_quantile(${quantile}, sum by (${labels}, le) (rate(${BUCKETS}[${window}])))`;
}

/**
 * No step of a sub-query lies on a window's border: 2.42 takes what lies on the left one in, 3.x
 * does not.
 */
const HALF_HOUR_OF_MINUTES = "[1807s:1m]";

/** Recording rules, alerts and the single figures of boards. */
const INSTANT: readonly Row[] = [
  ["share of targets that are up", "sum by (job) (up) / count by (job) (up)"],
  ["alert: target down", "up == 0", "alert"],
  ["alert: a job is absent", 'absent(up{job="service-9"})'],
  ["rule: requests by job and code", requestsBy("job, code", "5m")],
  [
    "alert: fast burn of the error budget",
    `(${errorRatio("1h")} > 0.001) and (${errorRatio("5m")} > 0.001)`,
  ],
  [
    "alert: slow burn of the error budget",
    `(${errorRatio("6h")} > 1) and (${errorRatio("30m")} > 1)`,
    "alert",
  ],
  ["rule: p99 of latency by job", latencyQuantile(0.99, "job", "5m")],
  [
    "apdex by job",
    `(sum by (job) (rate(${BUCKETS}{le="0.1"}[5m])) + sum by (job) (rate(${BUCKETS}{le="0.5"}[5m]))) / 2 / sum by (job) (rate(${COUNTS}[5m]))`,
  ],
  ["busy share of each machine", `100 * (1 - avg by (instance) (rate(${CPU}{mode="idle"}[5m])))`],
  ["cores of each machine", `count by (instance) (count by (instance, cpu) (${CPU}))`],
  ["alert: disk full in four hours", "predict_linear(disk_free_bytes[1h], 4 * 3600) < 0", "alert"],
  ["least free disk of each machine", "min by (instance) (disk_free_bytes) / 1024 / 1024 / 1024"],
  ["five busiest handlers", `topk(5, ${requestsBy("instance, handler", "5m")})`],
  ["threads of one", `go_goroutines${ONE}`, "one"],
  ["errors of one in the last hour", `sum(increase(${REQUESTS}${ONE_AND}code="500"}[1h]))`, "one"],
  ["versions that run", "count by (job, version) (build_info)"],
  [
    "rule: mean latency by handler",
    `sum by (job, handler) (rate(${SUMS}[5m])) / sum by (job, handler) (rate(${COUNTS}[5m]))`,
  ],
  ["restless targets", "sum by (job) (changes(up[1h]))"],
];

const HOUR: readonly Row[] = [
  ["requests of one by method", `sum by (method) (rate(${REQUESTS}${ONE}[5m]))`, "one"],
  ["processor of one by mode", `sum by (mode) (irate(${CPU}${ONE}[5m])) * 100`, "one"],
  ["memory of one, MiB", `process_resident_memory_bytes${ONE} / 1024 / 1024`, "one"],
  ["p95 of one", `histogram_quantile(0.95, sum by (le) (rate(${BUCKETS}${ONE}[5m])))`, "one"],
  ["requests by job", requestsBy("job", "1m")],
  ["errors by job", errorRatio("5m")],
  ["p99 by handler", latencyQuantile(0.99, "handler", "5m")],
  [
    "bits received by device",
    'sum by (device) (rate(network_receive_bytes_total{job="service-1"}[5m]) * 8)',
  ],
  ["busy share of each machine", `1 - avg by (instance) (rate(${CPU}{mode="idle"}[1m]))`],
  ["warmest sensor of each machine", "max by (instance) (temperature_celsius)"],
  ["who is up", "up"],
  ["queues by job", "sum by (job) (queue_depth)"],
  [
    "share of each code",
    `sum by (code) (rate(${REQUESTS}[5m])) / ignoring (code) group_left () sum(rate(${REQUESTS}[5m]))`,
  ],
  [
    "requests by version",
    `sum by (version) (rate(${REQUESTS}[5m]) * on (job, instance) group_left (version) build_info)`,
  ],
  [
    "requests by host, relabelled",
    `label_replace(${requestsBy("instance", "5m")}, "host", "$1", "instance", "(.*):.*")`,
  ],
  [
    "api requests, by regexes",
    requestsBy("handler, method", "5m", '{handler=~"/api/.*",code!~"2..",method=~"GET|POST"}'),
  ],
];

const SIX_HOURS: readonly Row[] = [
  ["requests by job and code", requestsBy("job, code", "5m")],
  ["availability", `1 - ${errorRatio("30m").replace(" / ", " / on (job) ")}`],
  ["p90 by job", latencyQuantile(0.9, "job", "10m")],
  ["processor of one", `avg by (mode) (rate(${CPU}${ONE}[5m]))`, "one"],
  ["five busiest machines", `topk(5, sum by (instance) (rate(${CPU}{mode!="idle"}[5m])))`],
  ["fullest queues", "max by (job) (max_over_time(queue_depth[30m]))"],
  ["beside an hour ago", `sum(rate(${REQUESTS}[5m])) / sum(rate(${REQUESTS}[5m] offset 1h))`],
  [
    "smoothed temperatures of a region",
    'avg_over_time(temperature_celsius{region="region-1"}[30m])',
  ],
  [
    "worst half hour of one job",
    `max_over_time(${requestsBy("job", "5m", '{job="service-2"}')}${HALF_HOUR_OF_MINUTES})`,
  ],
  ["targets that are up", "count by (job) (up == 1)"],
  [
    "threads beside the job's mean",
    "go_goroutines - on (job) group_left () avg by (job) (go_goroutines)",
  ],
];

function shaped(span: QuerySpan, rows: readonly Row[]): readonly DashboardQuery[] {
  return rows.map(([name, expr, kind]) => ({
    name,
    expr,
    span,
    breadth: kind === "one" ? "one" : "fleet",
    isDrawn: false,
    mayBeEmpty: kind === "alert",
  }));
}

/** What boards and rules of services and machines ask: 18 at an instant, 16 over 1 h, 11 over 6 h. */
export const FIXED_QUERIES: readonly DashboardQuery[] = [
  ...shaped("instant", INSTANT),
  ...shaped("1h", HOUR),
  ...shaped("6h", SIX_HOURS),
];
