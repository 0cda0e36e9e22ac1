import type { SelfMetricRow } from "./metric-row.ts";
import { STORE_METRICS } from "./store-metrics.ts";

/** Every metric that the hub tells of itself; docs/metrics.md lists the same (a test holds them). */
export const SELF_METRICS = [
  row("hms_ops_build_info", "gauge", "Always 1; which version runs.", ["version"]),
  row(
    "hms_ops_http_requests_total",
    "counter",
    "Answered HTTP requests, by the file that answers.",
    ["owner", "code"],
  ),
  row("hms_ops_http_request_seconds", "histogram", "From the request to its answer.", ["owner"]),
  row(
    "hms_ops_http_connections_refused_total",
    "counter",
    "Connections refused because too many were open.",
    [],
  ),
  row(
    "hms_ops_queries_total",
    "counter",
    "Evaluated expressions, by thread and outcome; main passes on those that have grown.",
    ["thread", "outcome"],
  ),
  row("hms_ops_query_seconds", "histogram", "Time of a query, waiting included.", ["thread"]),
  row("hms_ops_queries_waiting", "gauge", "Queries that wait for a thread.", []),
  row(
    "hms_ops_result_cache_total",
    "counter",
    "Range queries by how much of them was kept: all (hit), some (partial), none (miss), or never (uncacheable).",
    ["outcome"],
  ),
  row("hms_ops_result_cache_bytes", "gauge", "Kept answers of range queries.", []),
  row("hms_ops_result_cache_evicted_total", "counter", "Kept answers that others drove out.", []),
  row("hms_ops_live_streams", "gauge", "Open event streams of live queries.", []),
  row(
    "hms_ops_live_feeds",
    "gauge",
    "Different live queries, each evaluated once for all its viewers.",
    [],
  ),
  row(
    "hms_ops_live_evaluations_total",
    "counter",
    "Evaluations for live queries: whole answers and new steps.",
    ["kind"],
  ),
  row("hms_ops_live_sent_bytes_total", "counter", "Bytes written to viewers of live queries.", []),
  row(
    "hms_ops_live_slow_total",
    "counter",
    "Viewers that were told to poll because they did not read.",
    [],
  ),
  row("hms_ops_live_refused_total", "counter", "Live queries refused at a limit.", ["limit"]),
  row(
    "hms_ops_thread_restarts_total",
    "counter",
    "Worker threads that ended and were started again.",
    ["thread"],
  ),
  row("hms_ops_threads", "gauge", "Running threads that come and go, by kind.", ["kind"]),
  row(
    "hms_ops_thread_busy_ratio",
    "gauge",
    "Share of the last 15 s that a thread's loop was busy.",
    ["thread"],
  ),
  row("hms_ops_thread_heap_bytes", "gauge", "JavaScript heap in use, by thread.", ["thread"]),
  row("hms_ops_event_loop_delay_seconds", "gauge", "Delay of main's event loop in the last 15 s.", [
    "quantile",
  ]),
  row("hms_ops_gc_seconds_total", "counter", "Time that main spent collecting garbage.", []),
  row("hms_ops_ingest_waiting_bodies", "gauge", "Bodies that wait for a decoder thread.", []),
  row("hms_ops_ingest_busy_total", "counter", "Bodies refused while too many were waiting.", []),
  row("hms_ops_ingest_samples_total", "counter", "Samples stored, by the way they came.", ["way"]),
  row("hms_ops_ingest_rejected_total", "counter", "Samples refused, by way and reason.", [
    "way",
    "reason",
  ]),
  row(
    "hms_ops_ingest_skipped_total",
    "counter",
    "Lines or series that could not be read, by way.",
    ["way"],
  ),
  row("hms_ops_store_series", "gauge", "Series in the store.", []),
  row("hms_ops_store_samples", "gauge", "Samples in the store.", []),
  ...STORE_METRICS,
  row("hms_ops_disk_free_bytes", "gauge", "Free bytes of the disk of the data folder.", []),
  row("hms_ops_disk_total_bytes", "gauge", "Size of the disk of the data folder.", []),
  row(
    "hms_ops_config_last_reload_successful",
    "gauge",
    "1 when the configuration was taken as it was last read, 0 when it has an error.",
    [],
  ),
  row(
    "hms_ops_rule_files_last_reload_successful",
    "gauge",
    "1 when the rule files were taken as they were last read, 0 when one of them has an error.",
    [],
  ),
  row("hms_ops_rule_evaluations_total", "counter", "Runs of rules, by outcome.", ["outcome"]),
  row("hms_ops_rule_group_seconds", "histogram", "Time of one run of a rule group.", []),
  row(
    "prometheus_rule_group_iterations_total",
    "counter",
    "Slots of a rule group, run or missed.",
    ["rule_group"],
  ),
  row(
    "prometheus_rule_group_iterations_missed_total",
    "counter",
    "Slots that a rule group's slow run made it miss.",
    ["rule_group"],
  ),
  row("prometheus_rule_evaluations_total", "counter", "Runs of rules, by group.", ["rule_group"]),
  row(
    "prometheus_rule_evaluation_failures_total",
    "counter",
    "Runs of rules that failed, by group.",
    ["rule_group"],
  ),
  row(
    "hms_ops_rule_write_failures_total",
    "counter",
    "Runs of rules whose samples could not be stored.",
    [],
  ),
  row(
    "hms_ops_notifications_total",
    "counter",
    "Notifications that are done with, by channel and delivery.",
    ["channel", "delivery"],
  ),
  row("process_resident_memory_bytes", "gauge", "Memory of the whole process.", []),
  row("process_cpu_seconds_total", "counter", "Processor time of the whole process.", []),
  row("process_start_time_seconds", "gauge", "When the process started, since the epoch.", []),
  row("process_open_fds", "gauge", "Open files and sockets.", []),
] as const satisfies readonly SelfMetricRow[];

/** Upper bounds of the buckets of every own histogram, in seconds. */
export const SELF_BUCKETS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

function row(
  name: string,
  type: SelfMetricRow["type"],
  help: string,
  labels: readonly string[],
): SelfMetricRow {
  return { name, type, help, labels };
}
