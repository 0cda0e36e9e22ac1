import type { Board } from "@hms-ops/model";

/** A whole agency on one screen: refund checks, claim scoring, licence payments. */
export const agencyBoard: Board = {
  uid: "agency",
  title: "Agency overview",
  description: "Refund checks at the IRS, claim scoring at USDA, licence payments at the DMV.",
  tags: ["overview", "agency"],
  from: "now-1h",
  to: "now",
  refresh: "5s",
  bannerAlerts: ["HighErrorRate", "SlowLicensePayments", "LicensePrinterDown", "TargetDown"],
  panels: [
    {
      id: 1,
      title: "Refund checks",
      kind: "stat",
      grid: { x: 0, y: 0, w: 6, h: 4 },
      queries: [{ expr: perMinute("refund_checks_total", "5m"), legend: "a minute" }],
      unit: "per-minute",
    },
    {
      id: 2,
      title: "Claims scored",
      kind: "stat",
      grid: { x: 6, y: 0, w: 6, h: 4 },
      queries: [{ expr: perMinute("claims_total", "5m"), legend: "a minute" }],
      unit: "per-minute",
    },
    {
      id: 3,
      title: "Citizens waiting",
      kind: "stat",
      grid: { x: 12, y: 0, w: 6, h: 4 },
      queries: [{ expr: "sum(citizens_waiting)", legend: "in queue" }],
      unit: "count",
      limits: [
        { value: 100, state: "warn", label: "goal below 100" },
        { value: 300, state: "crit" },
      ],
    },
    {
      id: 4,
      title: "Licence printer",
      kind: "lights",
      grid: { x: 18, y: 0, w: 6, h: 4 },
      queries: [{ expr: "min(license_printer_up)", legend: "printer answers" }],
      unit: "bool",
      limits: [{ value: 1, state: "crit", bad: "below", label: "printer is down" }],
    },
    {
      id: 5,
      title: "Requests by service",
      kind: "timeseries",
      grid: { x: 0, y: 4, w: 14, h: 8 },
      queries: [
        {
          expr: "sum by (service) (rate(requests_total[$__rate_interval])) * 60",
          legend: "{{service}}",
        },
      ],
      unit: "per-minute",
      min: 0,
    },
    {
      id: 6,
      title: "Failed requests by service",
      kind: "timeseries",
      grid: { x: 14, y: 4, w: 10, h: 8 },
      queries: [
        {
          expr: "sum by (service) (rate(errors_total[$__rate_interval])) / sum by (service) (rate(requests_total[$__rate_interval]))",
          legend: "{{service}}",
        },
      ],
      unit: "share",
      limits: [{ value: 0.05, state: "crit", label: "limit 5 %" }],
      min: 0,
    },
    {
      id: 7,
      title: "Refund check, p95",
      kind: "timeseries",
      grid: { x: 0, y: 12, w: 8, h: 7 },
      queries: [{ expr: p95("refund_check_seconds"), legend: "p95", color: "s1" }],
      unit: "seconds",
      limits: [{ value: 0.5, state: "warn", label: "promise 500 ms" }],
      min: 0,
    },
    {
      id: 8,
      title: "Claim scoring, p95",
      kind: "timeseries",
      grid: { x: 8, y: 12, w: 8, h: 7 },
      queries: [{ expr: p95("latency_ms"), legend: "p95", color: "s2" }],
      unit: "ms",
      limits: [{ value: 400, state: "crit", label: "limit 400 ms" }],
      min: 0,
    },
    {
      id: 9,
      title: "Licence payment, mean",
      description: "Mean of all payments in the window, not of scraped values.",
      kind: "timeseries",
      grid: { x: 16, y: 12, w: 8, h: 7 },
      queries: [
        {
          expr: "sum(rate(payment_latency_ms_sum[$__rate_interval])) / sum(rate(payment_latency_ms_count[$__rate_interval]))",
          legend: "mean",
          color: "s3",
        },
      ],
      unit: "ms",
      limits: [{ value: 2000, state: "crit", label: "promise 2 s" }],
      min: 0,
    },
    {
      id: 10,
      title: "Citizens waiting in queue",
      kind: "timeseries",
      grid: { x: 0, y: 19, w: 24, h: 6 },
      queries: [{ expr: "sum(citizens_waiting)", legend: "waiting", color: "s1" }],
      unit: "count",
      limits: [{ value: 100, state: "warn", label: "goal below 100" }],
      min: 0,
    },
  ],
};

function perMinute(counter: string, window: string): string {
  return `sum(rate(${counter}[${window}])) * 60`;
}

function p95(histogram: string): string {
  return `histogram_quantile(0.95, sum by (le) (rate(${histogram}_bucket[$__rate_interval])))`;
}
