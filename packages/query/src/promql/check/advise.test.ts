import { describe, expect, it } from "vitest";
import {
  adviseFor,
  adviseQuery,
  adviseRanges,
  type MetricFacts,
  parsePromql,
  whyNothing,
} from "../../index.ts";

function parsed(text: string) {
  const { expr, diagnostics } = parsePromql(text);
  if (expr === undefined) throw new Error(`${text}: ${diagnostics[0]?.message}`);
  return expr;
}

describe("advice", () => {
  const warns = (text: string, part: string | RegExp, facts?: MetricFacts) => {
    const [first] = adviseQuery(parsed(text), facts);
    expect(first?.message, text).toMatch(part);
    expect(first, text).toMatchObject({ severity: "warning", suggestion: expect.any(String) });
  };
  const fine = (text: string, facts?: MetricFacts) =>
    expect(adviseQuery(parsed(text), facts), text).toEqual([]);

  it("tells counters from gauges, by what is known or by the name", () => {
    warns("rate(temperature[5m])", /for counters.*does not look like/);
    warns("sum(increase(jobs[5m]))", /for counters/, { typeOf: () => "gauge" });
    warns("delta(requests_total[5m])", /for gauges/);
    fine("rate(requests_total[5m]) + rate(x_bucket[5m]) + delta(temperature[5m])");
    fine("rate(odd[5m])", { typeOf: () => "counter" });
  });

  it("says that a rate is per second where it is easily read otherwise", () => {
    expect(adviseQuery(parsed("sum(rate(x_total[1m]))"))).toMatchObject([
      { severity: "info", suggestion: "for per minute write increase(…), or rate(…) * 60" },
    ]);
    expect(adviseQuery(parsed("max_over_time(rate(x_total[1m])[1h:]) > 5"))).toHaveLength(1);
    fine("rate(x_total[2m])");
  });

  it("says nothing of a rate that is only a part of the answer, or of one that was multiplied", () => {
    fine("histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket[1m])))");
    fine("rate(errors_total[1m]) / rate(x_total[1m]) > 0.01");
    fine("count(rate(x_total[1m])) + sum(rate(x_total[1m])) * 60");
    fine("x_total and rate(x_total[1m]) > 0");
    fine("rate(process_cpu_seconds_total[1m])");
  });

  it("does not sum before a rate", () => {
    warns("rate(sum(requests_total)[5m:])", /misses resets/);
    fine("sum(rate(requests_total[5m]))");
  });

  it("sees milliseconds beside seconds", () => {
    warns("latency_ms > timeout_seconds", /left side is in milliseconds/);
    warns("avg(a_seconds) - max(b_ms)", /right one in milliseconds/);
    warns("histogram_quantile(0.9, sum by (le) (rate(x_seconds_bucket[5m]))) > y_ms", /seconds/);
    warns("max_over_time(api_ms[1h]) > 5m", /milliseconds/);
    fine("latency_ms / 1000 > timeout_seconds");
    fine("latency_ms * timeout_seconds");
    fine("latency_ms > 200");
  });

  it("wants the bound of buckets", () => {
    warns("histogram_quantile(0.9, sum by (job) (rate(x_bucket[5m])))", /label le/);
    fine("histogram_quantile(0.9, sum without (job) (rate(x_bucket[5m])))");
  });

  it("wants a for of two evaluations", () => {
    expect(adviseFor(15_000, 15_000)?.message).toContain("shorter than two evaluations");
    expect(adviseFor(30_000, 15_000)).toBeUndefined();
    expect(adviseFor(0, 15_000)).toBeUndefined();
  });
});

describe("a range of a function that needs two samples", () => {
  const told = (text: string, intervalMs: number | undefined = 15_000) =>
    adviseRanges(parsed(text), async () => intervalMs);

  it("is warned of where it never holds two", async () => {
    for (const range of ["5s", "15s"]) {
      expect(await told(`irate(x_total[${range}])`)).toMatchObject([
        {
          severity: "warning",
          message: `the range ${range} holds less than two samples of x_total, which come every 15 s: irate() has no answer`,
          suggestion: "take at least [1m], 4 times that",
        },
      ]);
    }
  });

  it("is hinted at where it does not always hold two", async () => {
    expect(await told("sum(rate(x_total[20s]))")).toEqual([
      {
        severity: "info",
        message:
          "the range 20s sometimes holds less than two samples of x_total, which come every 15 s: rate() leaves gaps",
        suggestion: "take at least [1m], 4 times that",
        from: 9,
        to: 21,
      },
    ]);
  });

  it("is not spoken of where it is long enough, one sample does, or nothing is known", async () => {
    expect(await told("rate(x[2m]) + rate(x[30s]) + rate(x[5s] anchored)")).toEqual([]);
    expect(await told("count_over_time(x[5s]) + last_over_time(x[5s])")).toEqual([]);
    expect(await adviseRanges(parsed("rate(x[5s])"), async () => undefined)).toEqual([]);
  });
});

describe("why a selector matches nothing", () => {
  const series: readonly Record<string, string>[] = [
    { __name__: "requests_total", job: "ach", zone: "a" },
    { __name__: "requests_total", job: "irs", zone: "b" },
  ];
  const distinct = (values: readonly string[]) => [...new Set(values)];
  const catalog = {
    metricNames: async () => distinct(series.map((one) => one.__name__ ?? "")),
    labelNames: async () => distinct(series.flatMap((one) => Object.keys(one))),
    labelValues: async (_: string, label: string) =>
      distinct(series.map((one) => one[label] ?? "")),
    matches: async (matchers: readonly { name: string; value: string }[]) =>
      series.some((one) => matchers.every(({ name, value }) => (one[name] ?? "") === value)),
  };
  const tells = async (text: string, message: string, suggestion: string) => {
    const [first] = await whyNothing(parsed(text), catalog);
    expect(first, text).toMatchObject({ message, suggestion });
  };

  it("names the metric, the label or the value that is not there, and what is near", async () => {
    await tells(
      "sum(rate(request_total[5m]))",
      "there is no metric called request_total",
      "did you mean requests_total?",
    );
    await tells(
      'requests_total{jobb="ach"}',
      "requests_total has no label jobb",
      "did you mean job?",
    );
    await tells(
      'requests_total{job="ahc"}',
      'requests_total has no series where job="ahc"',
      "did you mean ach?",
    );
    await tells(
      'requests_total{job="finance"}',
      'requests_total has no series where job="finance"',
      "there is ach, irs",
    );
    await tells(
      'requests_total{job="ach",zone="b"}',
      "requests_total has no series with all of these labels at once",
      "leave one of them out",
    );
    expect(await whyNothing(parsed('requests_total{job="ach"}'), catalog)).toEqual([]);
  });
});
