import type { Board } from "@hms-ops/model";

const OF_ACH = '{service="hms-ach"}';

/** What the payment desk watches: requests green, errors red, the queue, and how long a call takes. */
export const achBoard: Board = {
  uid: "ach",
  title: "HMS-ACH payments",
  description: "Payment and clearinghouse engine: load, failures, latency and what waits.",
  tags: ["layer", "ach"],
  from: "now-1h",
  to: "now",
  refresh: "5s",
  bannerAlerts: ["HighErrorRate"],
  panels: [
    {
      id: 1,
      title: "queue_depth",
      description: "Payments waiting to be sent to the clearing house.",
      kind: "stat",
      grid: { x: 0, y: 0, w: 6, h: 4 },
      queries: [{ expr: `sum(queue_depth${OF_ACH})`, legend: "waiting" }],
      unit: "count",
      limits: [{ value: 500, state: "crit", label: "limit 500" }],
    },
    {
      id: 2,
      title: "payments_per_min",
      kind: "stat",
      grid: { x: 6, y: 0, w: 5, h: 4 },
      queries: [{ expr: `sum(payments_per_min${OF_ACH})`, legend: "a minute" }],
      unit: "per-minute",
    },
    {
      id: 3,
      title: "ach_batch_size",
      kind: "stat",
      grid: { x: 11, y: 0, w: 4, h: 4 },
      queries: [{ expr: `avg(ach_batch_size${OF_ACH})`, legend: "payments" }],
      unit: "count",
    },
    {
      id: 4,
      title: "ach_flagged_total",
      description: "Suspicious payouts in the last hour.",
      kind: "stat",
      grid: { x: 15, y: 0, w: 4, h: 4 },
      queries: [{ expr: `sum(increase(ach_flagged_total${OF_ACH}[1h]))`, legend: "this hour" }],
      unit: "count",
      limits: [{ value: 5, state: "warn", label: "limit 5 an hour" }],
    },
    {
      id: 5,
      title: "Failed requests",
      kind: "stat",
      grid: { x: 19, y: 0, w: 5, h: 4 },
      queries: [{ expr: errorShare("5m"), legend: "last 5 min" }],
      unit: "share",
      limits: [{ value: 0.05, state: "crit", label: "limit 5 %" }],
    },
    {
      id: 6,
      title: "Requests",
      kind: "timeseries",
      grid: { x: 0, y: 4, w: 14, h: 5 },
      queries: [
        {
          expr: `sum(rate(requests_total${OF_ACH}[$__rate_interval])) * 60`,
          legend: "requests",
          color: "ok",
        },
      ],
      unit: "per-minute",
      min: 0,
    },
    {
      id: 7,
      title: "Errors",
      kind: "timeseries",
      grid: { x: 0, y: 9, w: 14, h: 5 },
      queries: [
        {
          expr: `sum(rate(errors_total${OF_ACH}[$__rate_interval])) * 60`,
          legend: "errors",
          color: "crit",
        },
      ],
      unit: "per-minute",
      min: 0,
    },
    {
      id: 8,
      title: "Error share",
      description: "Of all requests, those that failed.",
      kind: "timeseries",
      grid: { x: 14, y: 4, w: 10, h: 10 },
      queries: [{ expr: errorShare("$__rate_interval"), legend: "failed", color: "crit" }],
      unit: "share",
      limits: [{ value: 0.05, state: "crit", label: "limit 5 %" }],
      min: 0,
    },
    {
      id: 9,
      title: "ACH latency",
      kind: "lights",
      grid: { x: 0, y: 14, w: 8, h: 3 },
      queries: [{ expr: latency(0.95, "5m"), legend: "p95 of 5 min, promise 2 s" }],
      unit: "ms",
      limits: [
        { value: 1000, state: "warn" },
        { value: 2000, state: "crit", label: "promise 2 s" },
      ],
    },
    {
      id: 10,
      title: "Citizens waiting in queue",
      kind: "lights",
      grid: { x: 8, y: 14, w: 8, h: 3 },
      queries: [{ expr: "sum(citizens_waiting)", legend: "waiting, goal below 100" }],
      unit: "count",
      limits: [
        { value: 100, state: "warn", label: "goal below 100" },
        { value: 300, state: "crit" },
      ],
    },
    {
      id: 11,
      title: "License printer health",
      kind: "lights",
      grid: { x: 16, y: 14, w: 8, h: 3 },
      queries: [{ expr: "min(license_printer_up)", legend: "printer answers" }],
      unit: "bool",
      limits: [{ value: 1, state: "crit", bad: "below", label: "printer is down" }],
    },
    {
      id: 12,
      title: "ach_latency_ms",
      kind: "timeseries",
      grid: { x: 0, y: 17, w: 14, h: 8 },
      queries: [
        { expr: latency(0.95, "$__rate_interval"), legend: "p95", color: "s1" },
        { expr: latency(0.5, "$__rate_interval"), legend: "p50", color: "s4" },
      ],
      unit: "ms",
      limits: [{ value: 2000, state: "crit", label: "promise 2 s" }],
      min: 0,
    },
    {
      id: 13,
      title: "Queue depth",
      kind: "timeseries",
      grid: { x: 14, y: 17, w: 10, h: 8 },
      queries: [{ expr: `sum(queue_depth${OF_ACH})`, legend: "waiting", color: "s1" }],
      unit: "count",
      limits: [{ value: 500, state: "crit", label: "limit 500, 5 min" }],
      min: 0,
    },
  ],
};

/** Failed ÷ all. Divides whole sums, so that a service without a failing series is 0, not absent. */
function errorShare(window: string): string {
  return `sum(rate(errors_total${OF_ACH}[${window}])) / sum(rate(requests_total${OF_ACH}[${window}]))`;
}

function latency(quantile: number, window: string): string {
  return `histogram_quantile(${quantile}, sum by (le) (rate(ach_latency_ms_bucket${OF_ACH}[${window}])))`;
}
