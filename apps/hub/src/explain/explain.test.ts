import { EVERY_SYNTAX, linePosition, prepareQuery } from "@hms-ops/query";
import { describe, expect, it } from "vitest";
import { type ExplainQuestion, explain } from "./explain.ts";

const SERIES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  requests_total: { service: ["ach", "irs"] },
  errors_total: { service: ["ach", "irs"] },
  queue_depth: { service: ["ach"] },
  latency_ms_bucket: { le: ["100", "+Inf"], service: ["ach"] },
  "finance.api_ms": { agency: ["irs"] },
};

function question(text: string, more: Partial<ExplainQuestion> = {}): ExplainQuestion {
  const nameOf = (matchers: readonly { readonly name: string; readonly value: string }[]) =>
    matchers.find(({ name }) => name === "__name__")?.value ?? "";
  return {
    text,
    shortForms: true,
    drawn: true,
    features: EVERY_SYNTAX,
    facts: { typeOf: (name) => (name === "queue_depth" ? "gauge" : undefined) },
    metrics: { exists: async (name) => name in SERIES },
    series: {
      metricNames: async () => Object.keys(SERIES),
      labelNames: async (metric) => Object.keys(SERIES[metric] ?? {}),
      labelValues: async (metric, label) => SERIES[metric]?.[label] ?? [],
      matches: async (matchers) =>
        matchers.every(
          ({ name, value }) =>
            name === "__name__" || (SERIES[nameOf(matchers)]?.[name] ?? []).includes(value),
        ) && nameOf(matchers) in SERIES,
    },
    intervalOf: async () => undefined,
    costOf: undefined,
    answerOf: undefined,
    isMoment: false,
    ...more,
  };
}

const told = (text: string, more?: Partial<ExplainQuestion>) => explain(question(text, more));

/** What is said of a text: where, and what one click makes of it. */
async function notes(text: string) {
  const { notes: found } = await told(text);
  return found.map(({ severity, from, to, fixes }) => [
    severity,
    text.slice(from, to),
    ...fixes.map(({ query }) => query),
  ]);
}

describe("an explanation", () => {
  it("says in a sentence what is computed, and how", async () => {
    const answer = await told("sum by (service)(rate(requests_total[5m]))");
    expect(answer).toMatchObject({
      promql: "sum by (service)(rate(requests_total[5m]))",
      rewritten: [],
      formatted: "sum by (service) (rate(requests_total[5m]))",
      notes: [],
      cost: null,
    });
    expect(answer.sentence).toBe(
      "For each service the sum of the per-second increase of `requests_total` over 5m.",
    );
    expect(answer.steps.map(({ takes }) => takes)).toEqual([[], [1], [2]]);
  });

  it("tells what short forms and the mini dialect were turned into", async () => {
    const short = await told("latency_ms_p95 > 200");
    expect(short.promql).toBe("histogram_quantile(0.95, rate(latency_ms_bucket[5m])) > 200");
    expect(short.rewritten).toEqual([
      "latency_ms_p95 is the quantile 0.95 of latency_ms_bucket over 5m",
    ]);
    const mini = await told("IF avg(finance.api_ms) > 200 FOR 3 min");
    expect(mini.promql).toBe('avg({"finance.api_ms"}) > 200');
    expect(mini.formatted).toBe("");
    expect(mini.notes).toMatchObject([{ severity: "warning", from: 29, to: 38 }]);
    const counter = await told("requests_total");
    expect(counter.promql).toBe("rate(requests_total[5m])");
  });

  it("leaves short forms alone where they are not asked for", async () => {
    const { promql, notes: found } = await told("finance.api_ms", { shortForms: false });
    expect(promql).toBe("");
    expect(found).toMatchObject([{ severity: "error", position: "1:8" }]);
  });

  it("says the position that the query's own error says, at the end of the text too", async () => {
    for (const text of ["sum(", "up{", 'up{job="é', "rate(x"]) {
      const { query, diagnostics } = prepareQuery(text, EVERY_SYNTAX);
      expect(query).toBeUndefined();
      const { notes } = await told(text);
      expect(notes[0]?.position).toBe(linePosition(text, diagnostics[0]?.from ?? -1));
    }
    const { notes } = await told("sum(");
    expect(notes).toMatchObject([{ position: "1:5", from: 3, to: 4 }]);
  });

  it("tells what each part costs where it is run", async () => {
    const asked: string[] = [];
    const costOf = async (expr: string) => {
      asked.push(expr);
      const times = { totalMs: expr.length, parseMs: 1, readMs: 2, evaluateMs: 3 };
      return { ...times, seriesSelected: 4, seriesCount: 5, samplesRead: 6 };
    };
    const { steps, cost } = await told("sum(rate(requests_total[5m]))", { costOf });
    expect(asked).toEqual([
      "sum(rate(requests_total[5m]))",
      "last_over_time(requests_total[5m])",
      "last_over_time(requests_total[5m])",
      "rate(requests_total[5m])",
      "rate(requests_total[5m])",
      "sum(rate(requests_total[5m]))",
      "sum(rate(requests_total[5m]))",
    ]);
    expect(steps.map((step) => step.cost?.totalMs)).toEqual([34, 24, 29]);
    expect(cost?.readMs).toBe(2);
    const { steps: sub } = await told("max_over_time(queue_depth[1h:])", { costOf });
    expect(sub.map((step) => step.cost === null)).toEqual([false, true, false]);
  });

  it("runs a slow one as a whole alone", async () => {
    const asked: string[] = [];
    const costOf = async (expr: string) => {
      asked.push(expr);
      const times = { totalMs: 3_000, parseMs: 1, readMs: 2, evaluateMs: 3 };
      return { ...times, seriesSelected: 4, seriesCount: 5, samplesRead: 6 };
    };
    const { steps, cost } = await told("sum(requests_total)", { costOf });
    expect(asked).toEqual(["sum(requests_total)"]);
    expect(cost?.totalMs).toBe(3_000);
    expect(steps.every((step) => step.cost === null)).toBe(true);
  });

  it("says so where the range has no answer", async () => {
    const none = { totalMs: 1, parseMs: 0, readMs: 1, evaluateMs: 0, seriesSelected: 0 };
    const costOf = async () => ({ ...none, seriesCount: 0, samplesRead: 0 });
    const { notes: found } = await told("queue_depth", { costOf });
    expect(found.map(({ severity, about }) => [severity, about])).toEqual([["info", "series"]]);
  });

  it("tells apart what is odd in the text and what is not there", async () => {
    const { notes: found } = await told("rate(queue_depth[5m]) / request_total");
    expect(found.map(({ about, message }) => [about, message])).toEqual([
      ["expression", expect.stringContaining("gauge")],
      ["series", "there is no metric called request_total"],
    ]);
  });
});

describe("a note", () => {
  it("of what cannot be read stands at its place and mends it", async () => {
    expect(await notes("raet(requests_total[5m])")).toEqual([
      ["error", "raet", "rate(requests_total[5m])"],
    ]);
    expect(await notes("sum(rate(requests_total[5m])")).toEqual([
      ["error", ")", "sum(rate(requests_total[5m]))"],
    ]);
    expect(await notes("rate(requests_total)")).toEqual([
      ["error", "requests_total", "rate(requests_total[5m])"],
    ]);
    expect(await notes("rate(requests_total offset 1h)")).toEqual([
      ["error", "requests_total offset 1h", "rate(requests_total[5m] offset 1h)"],
    ]);
    expect(await notes("rate(sum by (service) (requests_total))")).toEqual([
      ["error", "sum by (service) (requests_total)", "sum by (service) (rate(requests_total[5m]))"],
    ]);
  });

  it("of what is legal but wrong mends it", async () => {
    expect(await notes("rate(sum(requests_total)[10m:])")).toEqual([
      ["warning", "rate(sum(requests_total)[10m:])", "sum(rate(requests_total[10m]))"],
    ]);
    expect(await notes("rate(queue_depth[5m]) + 1")).toEqual([
      ["warning", "rate(queue_depth[5m])", "deriv(queue_depth[5m]) + 1"],
    ]);
    expect(await notes("delta(requests_total[5m])")).toEqual([
      ["warning", "delta(requests_total[5m])", "increase(requests_total[5m])"],
    ]);
    expect(await notes("rate(requests_total[1m])")).toEqual([
      ["info", "rate(requests_total[1m])", "rate(requests_total[1m]) * 60"],
    ]);
    expect(await notes("rate(requests_total[1m]) * 60")).toEqual([]);
    expect(await notes("histogram_quantile(0.9, sum(rate(latency_ms_bucket[5m])))")).toEqual([
      [
        "warning",
        "sum(rate(latency_ms_bucket[5m]))",
        "histogram_quantile(0.9, sum by (le) (rate(latency_ms_bucket[5m])))",
      ],
    ]);
  });

  it("divides milliseconds where they stand beside seconds", async () => {
    const { notes: found } = await told("a_ms + b_seconds");
    expect(found.find(({ message }) => /by their names/.test(message))?.fixes).toEqual([
      { words: "Divide the left side by 1000", query: "a_ms / 1000 + b_seconds" },
    ]);
  });

  it("of what there is not offers the nearest", async () => {
    expect(await notes("sum(reqests_total)")).toEqual([
      ["warning", "reqests_total", "sum(requests_total)"],
    ]);
    expect(await notes('errors_total{servic="ach"}')).toEqual([
      ["warning", 'errors_total{servic="ach"}', 'errors_total{service="ach"}'],
    ]);
    expect(await notes('errors_total{service="ahc"}')).toEqual([
      ["warning", 'errors_total{service="ahc"}', 'errors_total{service="ach"}'],
    ]);
  });

  it("mends a statement of the mini dialect in its own words", async () => {
    expect(await notes("IF avg(queue_dept) > 200")).toEqual([
      ["warning", "queue_dept", "IF avg(queue_depth) > 200"],
    ]);
  });
});

describe("a rate", () => {
  it("is one click away from per minute and per hour, and back", async () => {
    const perMinute = "sum(rate(requests_total[5m])) * 60";
    const queries = {
      second: "sum(rate(requests_total[5m]))",
      minute: perMinute,
      hour: "sum(rate(requests_total[5m])) * 3600",
    };
    expect((await told("sum(rate(requests_total[5m]))")).per).toEqual({ shown: "second", queries });
    expect((await told(perMinute)).per).toEqual({ shown: "minute", queries });
    const both = await told("rate(requests_total[5m]) + rate(errors_total[5m])");
    expect(both.per?.queries.hour).toBe(
      "(rate(requests_total[5m]) + rate(errors_total[5m])) * 3600",
    );
    expect((await told("requests_total")).per?.queries.minute).toBe(
      "rate(requests_total[5m]) * 60",
    );
  });

  it("of seconds is a share, and a condition has its limit per second", async () => {
    expect((await told("rate(process_cpu_seconds_total[5m])")).per).toBeNull();
    expect((await told("rate(requests_total[5m]) > 5")).per).toBeNull();
  });

  it("may be said in words", async () => {
    expect(await notes("sum by (service) (rate(requests_total[5m])) per minute")).toEqual([
      ["error", expect.anything(), "sum by (service) (rate(requests_total[5m])) * 60"],
    ]);
    const word = await told("requests_total per minute");
    expect(word.per?.shown).toBe("minute");
  });
});
