import type { Clock, MetricMetadata } from "@hms-ops/model";
import { expect, it } from "vitest";
import type { HubRequest } from "../ports.ts";
import { ExplainApi, type ExplainedText } from "./explain.ts";

const FAMILIES = new Map<string, MetricMetadata>([
  ["requests_total", { type: "counter", help: "", unit: "" }],
  ["queue.depth", { type: "gauge", help: "", unit: "" }],
  ["other", { type: "gauge", help: "", unit: "" }],
  ["odd", { type: "unknown", help: "", unit: "" }],
]);

function explainer() {
  const asked: ExplainedText[] = [];
  let nowMs = 1_000;
  let loads = 0;
  const clock: Clock = { now: () => nowMs, monotonicMs: () => nowMs, after: () => () => {} };
  const api = new ExplainApi({
    clock,
    metadata: async () => {
      loads++;
      return FAMILIES;
    },
    explain: async (question) => {
      asked.push(question);
      const empty = { promql: "", rewritten: [], sentence: "", formatted: "" };
      return { ...empty, notes: [], per: null, steps: [], cost: null };
    },
  });
  const ask = (form: string) =>
    api.explain({
      form: async () => new URLSearchParams(form),
      signal: new AbortController().signal,
    } as Partial<HubRequest> as HubRequest);
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { ask, asked, pass, loads: () => loads };
}

it("hands over the kinds of the metrics that are named, and of no others", async () => {
  const { ask, asked } = explainer();
  const { status, body } = await ask("query=rate(requests_total[5m])%2Bqueue.depth%2Bodd");
  expect(status).toBe(200);
  expect(JSON.parse(String(body))).toMatchObject({ notes: [], cost: null });
  expect(asked[0]).toMatchObject({
    measured: false,
    shortForms: false,
    types: { requests_total: "counter", "queue.depth": "gauge" },
  });
});

it("looks the kinds up again only now and then, however fast somebody types", async () => {
  const { ask, pass, loads } = explainer();
  for (const text of ["r", "ra", "rat"]) await ask(`query=${text}`);
  expect(loads()).toBe(1);
  pass(11_000);
  await ask("query=rate");
  expect(loads()).toBe(2);
});

it("runs the parts only where a range is named, and refuses one that is none", async () => {
  const { ask, asked } = explainer();
  await ask("query=up&start=0&end=60&step=15&drawn=true&short_forms=true");
  expect(asked[0]).toMatchObject({
    grid: { startMs: 0, stepMs: 15_000, count: 5 },
    measured: true,
    drawn: true,
    shortForms: true,
  });
  await expect(ask("query=up&start=60&end=0&step=15")).rejects.toMatchObject({ status: 400 });
});
