import { describe, expect, it } from "vitest";
import { selectMetric, unitOf } from "./expressions.ts";

describe("the unit of an expression", () => {
  it("is a moment where the name says so and nothing is made of it", () => {
    expect(unitOf("process_start_time_seconds")).toBe("timestamp");
    expect(unitOf('max by (job) (backup_last_success_timestamp_seconds{job="a"})')).toBe(
      "timestamp",
    );
    expect(unitOf("time() - process_start_time_seconds")).toBe("none");
    expect(unitOf("delta(process_start_time_seconds[1h])")).toBe("seconds");
  });

  it("follows the metric's name", () => {
    expect(unitOf("process_resident_memory_bytes")).toBe("bytes");
    expect(unitOf('node_load1{job="a/b"}')).toBe("none");
    expect(unitOf("rate(node_network_receive_bytes_total[5m])")).toBe("bytes-per-second");
    expect(unitOf("sum by (job) (rate(requests_total[5m]))")).toBe("per-second");
    expect(unitOf("scrape_duration_seconds")).toBe("seconds");
    expect(unitOf("rate(process_cpu_seconds_total[1m])")).toBe("share");
  });

  it("of a rate that was multiplied is per minute or per hour", () => {
    expect(unitOf("sum(rate(requests_total[5m])) * 60")).toBe("per-minute");
    expect(unitOf("sum by (job) (rate(claims_total[1h])) * 3600")).toBe("per-hour");
    expect(unitOf("rate(node_network_receive_bytes_total[5m]) * 60")).toBe("none");
    expect(unitOf("queue_depth * 60")).toBe("none");
  });

  it("of failures by all is a share", () => {
    expect(unitOf('sum(rate(errors_total{a="b/c"}[5m])) / sum(rate(requests_total[5m]))')).toBe(
      "share",
    );
  });

  it("of any other quotient is not guessed", () => {
    expect(unitOf("rate(bytes_total[5m]) / rate(requests_total[5m])")).toBe("none");
    expect(unitOf("rate(errors_total[5m]) / rate(requests_total[5m]) * 100")).toBe("none");
  });
});

describe("a metric as an expression", () => {
  it("is asked as its type wants", () => {
    expect(selectMetric("requests_total", "counter")).toBe("rate(requests_total[5m])");
    expect(selectMetric("queue_depth", "gauge")).toBe("queue_depth");
    expect(selectMetric("finance.api_ms", "gauge")).toBe('{"finance.api_ms"}');
    expect(selectMetric("x_ms_bucket", "histogram")).toBe(
      "histogram_quantile(0.95, sum by (le) (rate(x_ms_bucket[5m])))",
    );
  });
});
