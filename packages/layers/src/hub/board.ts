import type { Board } from "@hms-ops/model";

/** How HMS-OPS itself does: what comes in, what is asked, who is told. */
export const hubBoard: Board = {
  uid: "hms-ops",
  title: "HMS-OPS itself",
  description: "Samples in, queries, rules, notifications, memory and processor of this hub.",
  tags: ["hub"],
  from: "now-1h",
  to: "now",
  refresh: "15s",
  bannerAlerts: ["TargetDown", "RulesFail", "NobodyWasTold", "StoreDamaged"],
  panels: [
    {
      id: 1,
      title: "Samples stored",
      kind: "stat",
      grid: { x: 0, y: 0, w: 6, h: 4 },
      queries: [{ expr: "sum(rate(hms_ops_ingest_samples_total[5m]))", legend: "a second" }],
      unit: "per-second",
    },
    {
      id: 2,
      title: "Series",
      kind: "stat",
      grid: { x: 6, y: 0, w: 6, h: 4 },
      queries: [{ expr: "sum(hms_ops_store_series)", legend: "in the store" }],
      unit: "count",
    },
    {
      id: 3,
      title: "Sources that answer",
      kind: "stat",
      grid: { x: 12, y: 0, w: 6, h: 4 },
      queries: [{ expr: "sum(up) / count(up)", legend: "of all" }],
      unit: "share",
      limits: [{ value: 1, state: "warn", bad: "below", label: "all" }],
    },
    {
      id: 4,
      title: "Memory",
      kind: "stat",
      grid: { x: 18, y: 0, w: 6, h: 4 },
      queries: [
        {
          expr: "max(process_resident_memory_bytes and on (instance) hms_ops_build_info)",
          legend: "of the hub",
        },
      ],
      unit: "bytes",
    },
    {
      id: 5,
      title: "Samples stored",
      kind: "timeseries",
      grid: { x: 0, y: 4, w: 12, h: 8 },
      queries: [
        {
          expr: "sum by (way) (rate(hms_ops_ingest_samples_total[$__rate_interval]))",
          legend: "{{way}}",
        },
      ],
      unit: "per-second",
      min: 0,
    },
    {
      id: 6,
      title: "Queries, p95",
      kind: "timeseries",
      grid: { x: 12, y: 4, w: 12, h: 8 },
      queries: [
        {
          expr: "histogram_quantile(0.95, sum by (thread, le) (rate(hms_ops_query_seconds_bucket[$__rate_interval])))",
          legend: "{{thread}}",
        },
      ],
      unit: "seconds",
      min: 0,
    },
    {
      id: 7,
      title: "Time to read a source",
      kind: "timeseries",
      grid: { x: 0, y: 12, w: 12, h: 7 },
      queries: [{ expr: "max by (job) (scrape_duration_seconds)", legend: "{{job}}" }],
      unit: "seconds",
      min: 0,
    },
    {
      id: 8,
      title: "Refused and unreadable",
      description: "Samples that were refused, and lines that could not be read.",
      kind: "timeseries",
      grid: { x: 12, y: 12, w: 12, h: 7 },
      queries: [
        {
          expr: "sum(rate(hms_ops_ingest_rejected_total[$__rate_interval]))",
          legend: "refused",
          color: "crit",
        },
        {
          expr: "sum(rate(hms_ops_ingest_skipped_total[$__rate_interval]))",
          legend: "unreadable",
          color: "warn",
        },
      ],
      unit: "per-second",
      min: 0,
    },
    {
      id: 9,
      title: "Rule runs",
      kind: "timeseries",
      grid: { x: 0, y: 19, w: 12, h: 7 },
      queries: [
        {
          expr: "sum by (outcome) (rate(hms_ops_rule_evaluations_total[$__rate_interval])) * 60",
          legend: "{{outcome}}",
        },
      ],
      unit: "per-minute",
      min: 0,
    },
    {
      id: 10,
      title: "Delay of the event loop",
      kind: "timeseries",
      grid: { x: 12, y: 19, w: 12, h: 7 },
      queries: [
        { expr: "max by (quantile) (hms_ops_event_loop_delay_seconds)", legend: "{{quantile}}" },
      ],
      unit: "seconds",
      limits: [{ value: 0.1, state: "warn" }],
      min: 0,
    },
  ],
};
