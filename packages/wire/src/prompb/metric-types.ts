import type { MetricType } from "@hms-ops/model";

/** By the number of MetricMetadata.type (1.0) and Metadata.type (2.0). */
export const METRIC_TYPES: readonly MetricType[] = [
  "unknown",
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
];
