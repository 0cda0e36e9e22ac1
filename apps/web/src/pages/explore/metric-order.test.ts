import { expect, it } from "vitest";
import { inReadingOrder } from "./metric-order.ts";

it("metrics stand in the order in which people look for them: their own first", () => {
  const sorted = [
    "ALERTS",
    "ALERTS_FOR_STATE",
    "HighErrorRate",
    "ach_latency_ms_bucket",
    "errors_total",
    "hms_ops_ingest_samples_total",
    "job:errors:rate5m",
    "queue_depth",
  ];
  expect(inReadingOrder(sorted)).toEqual([
    "ach_latency_ms_bucket",
    "errors_total",
    "HighErrorRate",
    "queue_depth",
    "job:errors:rate5m",
    "ALERTS",
    "ALERTS_FOR_STATE",
    "hms_ops_ingest_samples_total",
  ]);
});
