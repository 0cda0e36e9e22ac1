import type { OpsError } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { MAX_LABEL_VALUE_LENGTH, MAX_SERIES } from "../limits.ts";
import { MetricDoor, type MetricEvent } from "./metric.ts";
import { Counter, Gauge, Histogram } from "./metrics.ts";
import { takePushBody, writePushBody } from "./push-body.ts";
import { Registry } from "./registry.ts";
import { Telemetry } from "./telemetry.ts";

const lines = (registry: Registry) => registry.expose().trimEnd().split("\n");

function listened(): { registry: Registry; problems: OpsError[] } {
  const registry = new Registry();
  const problems: OpsError[] = [];
  registry.onProblem((problem) => problems.push(problem));
  return { registry, problems };
}

describe("telemetry of a service", () => {
  it("shows both counters at 0 at once, with the service on every series", () => {
    const registry = new Registry();
    const telemetry = new Telemetry({ service: "hms-ach", registry });
    telemetry.gauge("queue_depth").set(12, { lane: "west" });
    telemetry.counter("requests_total").inc();
    telemetry.counter("requests_total").inc(2);
    expect(lines(registry)).toEqual([
      "# HELP requests_total Requests taken in.",
      "# TYPE requests_total counter",
      'requests_total{service="hms-ach"} 3',
      "# HELP errors_total Requests that failed.",
      "# TYPE errors_total counter",
      'errors_total{service="hms-ach"} 0',
      "# TYPE queue_depth gauge",
      'queue_depth{lane="west",service="hms-ach"} 12',
    ]);
  });
});

describe("exposition", () => {
  it("writes a histogram with cumulative buckets, +Inf, sum and count", () => {
    const registry = new Registry();
    const latency = new Histogram("latency_ms", "", { registry, buckets: [10, 100] });
    for (const value of [5, 50, 500]) latency.observe(value);
    expect(lines(registry)).toEqual([
      "# TYPE latency_ms histogram",
      'latency_ms_bucket{le="10"} 1',
      'latency_ms_bucket{le="100"} 2',
      'latency_ms_bucket{le="+Inf"} 3',
      "latency_ms_sum 555",
      "latency_ms_count 3",
    ]);
  });

  it("escapes help and label values", () => {
    const registry = new Registry();
    new Gauge("g", 'back\\slash "and"\nline', { registry }).set(Number.NaN, { path: 'a"b\\c\nd' });
    expect(lines(registry)).toEqual([
      '# HELP g back\\\\slash "and"\\nline',
      "# TYPE g gauge",
      'g{path="a\\"b\\\\c\\nd"} NaN',
    ]);
  });

  it("keeps dotted names for scrapers that asked for them, and rewrites them for others", () => {
    const registry = new Registry();
    new Gauge("finance.api_ms", "How long.", { registry }).set(240, { "cost.centre": "x" });
    expect(registry.expose("quoted")).toBe(
      '# HELP "finance.api_ms" How long.\n# TYPE "finance.api_ms" gauge\n' +
        '{"finance.api_ms","cost.centre"="x"} 240\n',
    );
    expect(registry.expose()).toContain('finance_api_ms{cost_centre="x"} 240\n');
    new Gauge("finance_api_ms", "", { registry }).set(1);
    expect(registry.expose().match(/^# TYPE finance_api_ms gauge$/gm)).toHaveLength(1);
    expect(new Registry().expose()).toBe("");
  });
});

describe("what cannot be recorded", () => {
  it("is counted and told, never thrown", () => {
    const { registry, problems } = listened();
    const claims = new Counter("claims_total", "", { registry });
    claims.inc(-1);
    claims.inc(Number.NaN);
    claims.inc("3" as unknown as number);
    new Gauge("claims_total", "", { registry }).set(3);
    new Gauge("", "", { registry }).set(1);
    new Histogram("h", "", { registry, buckets: [2, 1] }).observe(1);
    expect(problems.map(({ code }) => code)).toEqual([
      "OPS-1512",
      "OPS-1512",
      "OPS-1512",
      "OPS-1511",
      "OPS-1510",
      "OPS-1515",
    ]);
    expect(registry.expose()).toContain('hms_ops_client_dropped_total{reason="value"} 3\n');
    expect(registry.expose()).toContain("\nclaims_total 0\n");
  });

  it("keeps names apart that would meet in an exposition", () => {
    const { registry, problems } = listened();
    new Histogram("latency", "", { registry }).observe(1);
    new Counter("latency_count", "", { registry }).inc();
    expect(problems[0]?.message).toContain("latency_count is a histogram already");
    expect(registry.expose().match(/^latency_count/gm)).toHaveLength(1);
  });

  it("holds a bounded number of series and bounded labels", () => {
    const { registry, problems } = listened();
    const gauge = new Gauge("g", "", { registry });
    for (let i = 0; i < MAX_SERIES + 3; i++) gauge.set(i, { user: i });
    expect(problems).toHaveLength(3);
    expect(problems[0]?.code).toBe("OPS-1514");
    gauge.set(7, { user: 1 });
    expect(registry.expose()).toContain('g{user="1"} 7\n');
    const other = new Registry();
    const labels = { text: "x".repeat(9_000), __name__: "y", le: "3", gone: undefined };
    new Gauge("g", "", { registry: other }).set(1, labels);
    expect(lines(other)[1]).toBe(`g{text="${"x".repeat(MAX_LABEL_VALUE_LENGTH)}"} 1`);
  });

  it("is kept until somebody listens", () => {
    const registry = new Registry();
    new Gauge("", "", { registry });
    const problems: OpsError[] = [];
    registry.onProblem((problem) => problems.push(problem));
    expect(problems.map(({ code }) => code)).toEqual(["OPS-1510"]);
  });
});

describe("metric", () => {
  function door() {
    const registry = new Registry();
    const events: MetricEvent[] = [];
    let nowMs = 0;
    const clock = { monotonicMs: () => nowMs };
    const metric = new MetricDoor(registry, clock, { push: (event) => events.push(event) });
    return { registry, events, metric, pass: (ms: number) => (nowMs += ms) };
  }

  it("times calls, passes values, exceptions and `this` through", () => {
    const { registry, metric, pass } = door();
    const desk = {
      fee: 40,
      pay: metric.timer("pay_ms")(function (this: { fee: number }, extra: number) {
        pass(30);
        if (extra < 0) throw new Error("no");
        return this.fee + extra;
      }),
    };
    expect(desk.pay(2)).toBe(42);
    expect(() => desk.pay(-1)).toThrow("no");
    const text = registry.expose();
    expect(text).toContain("# TYPE pay_ms gauge\npay_ms 30\n");
    expect(text).toContain("pay_ms_count 2\n");
    expect(text).toContain("pay_ms_sum 60\n");
    expect(text).toContain('pay_ms_events_bucket{le="+Inf"} 2\n');
  });

  it("times a promise until it settles, either way", async () => {
    const { registry, metric, pass } = door();
    const slow = metric.timer("slow_ms")(async (fails: boolean) => {
      pass(100);
      await Promise.resolve();
      pass(11);
      if (fails) throw new Error("late");
      return "done";
    });
    await expect(slow(false)).resolves.toBe("done");
    await expect(slow(true)).rejects.toThrow("late");
    expect(registry.expose()).toContain("slow_ms_sum 222\n");
  });

  it("adds to _total names and records events of all others", () => {
    const { registry, events, metric } = door();
    metric.increment("refund_pdf_total");
    metric.push("refund_pdf_total", 2);
    metric.push("citizen_satisfaction_score", 5);
    metric.push("citizen_satisfaction_score", 2);
    new Gauge("queue_depth", "", { registry });
    metric.push("queue_depth", 9);
    const text = registry.expose();
    expect(text).toContain("refund_pdf_total 3\n");
    expect(text).toContain("citizen_satisfaction_score 2\n");
    expect(text).toContain("citizen_satisfaction_score_sum 7\n");
    expect(text).toContain("# TYPE queue_depth gauge\nqueue_depth 9\n");
    expect(events).toHaveLength(5);
  });
});

describe("what is posted to /metrics", () => {
  const take = (registry: Registry, body: unknown) => takePushBody(JSON.stringify(body), registry);

  it("adds, observes or sets by name, and by type where one is given", () => {
    const registry = new Registry();
    expect(take(registry, { jobs_total: 2, lag_seconds: 0.5, depth: 3 }).taken).toBe(3);
    take(registry, { jobs_total: 1, lag_seconds: 1, depth: 4 });
    take(registry, { metric: "load_ms", value: 7, type: "gauge", tags: { host: "a" } });
    const text = registry.expose();
    expect(text).toContain("jobs_total 3\n");
    expect(text).toContain("lag_seconds 1\n");
    expect(text).toContain("lag_seconds_sum 1.5\n");
    expect(text).toContain("depth 4\n");
    expect(text).toContain('# TYPE load_ms gauge\nload_ms{host="a"} 7\n');
  });

  it("refuses a change of type with the reason and keeps the rest", () => {
    const registry = new Registry();
    take(registry, { depth: 3 });
    const outcome = take(registry, [{ name: "depth", value: 1, type: "counter" }, { other: 1 }]);
    expect(outcome.taken).toBe(1);
    expect(outcome.refused[0]).toMatchObject({ code: "OPS-1511" });
    expect(outcome.refused[0]?.message).toBe(
      "depth is a gauge already and cannot become a counter",
    );
  });

  it("tells what it cannot read", () => {
    const registry = new Registry();
    expect(takePushBody("{", registry).refused[0]?.code).toBe("OPS-1513");
    expect(take(registry, [3]).refused[0]?.code).toBe("OPS-1513");
    expect(take(registry, { a: "3" }).refused[0]?.code).toBe("OPS-1512");
    expect(take(registry, { name: "a", value: 1, type: "x" }).refused[0]?.code).toBe("OPS-1513");
  });

  it("reads what the SDK writes", () => {
    const registry = new Registry();
    const event = { name: "x_ms", kind: "timer", value: 3, labels: { a: "b" } } as const;
    expect(takePushBody(writePushBody([event]), registry).taken).toBe(1);
    expect(takePushBody(writePushBody([event, event]), registry).taken).toBe(2);
    expect(registry.expose()).toContain('x_ms_count{a="b"} 3\n');
  });
});
