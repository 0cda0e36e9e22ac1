import { describe, expect, it } from "vitest";
import type { HubRequest } from "../ports.ts";
import type { SelfMetricRow } from "../self/metric-row.ts";
import { SelfMetricsRegistry } from "../self/registry.ts";
import { ProcessApi } from "./process.ts";

const ROWS: readonly SelfMetricRow[] = [
  { name: "hub_queries_total", type: "counter", help: "Queries.", labels: ["thread", "outcome"] },
  { name: "hub_load", type: "gauge", help: "Load.", labels: [] },
  { name: "hub_seconds", type: "histogram", help: "Time.", labels: ["thread"], buckets: [0.5, 1] },
];
const registry = new SelfMetricsRegistry(ROWS);
registry.add("hub_queries_total", 3, { thread: "main", outcome: "ok" });
registry.set("hub_load", Number.NaN);
for (const seconds of [0.25, 0.75, 8]) registry.observe("hub_seconds", seconds, { thread: "a" });
registry.observe("hub_seconds", 0.125, { thread: "b" });
const api = new ProcessApi({
  isReady: () => true,
  isStopping: () => false,
  reload: async () => {},
  families: async () => registry.families(),
});

async function selfMetrics(pattern?: string): Promise<readonly { readonly name: string }[]> {
  const query = new URLSearchParams(pattern === undefined ? "" : { metric_name_pattern: pattern });
  const { body } = await api.selfMetrics({ query } as Partial<HubRequest> as HubRequest);
  return JSON.parse(String(body)).data;
}

describe("status/self_metrics", () => {
  it("writes families as ProtoJSON does", async () => {
    expect(await selfMetrics()).toEqual([
      {
        name: "hub_queries_total",
        help: "Queries.",
        type: "COUNTER",
        metric: [
          {
            label: [
              { name: "outcome", value: "ok" },
              { name: "thread", value: "main" },
            ],
            counter: { value: 3 },
          },
        ],
      },
      {
        name: "hub_load",
        help: "Load.",
        type: "GAUGE",
        metric: [{ label: [], gauge: { value: "NaN" } }],
      },
      {
        name: "hub_seconds",
        help: "Time.",
        type: "HISTOGRAM",
        metric: [
          {
            label: [{ name: "thread", value: "a" }],
            histogram: {
              sampleCount: "3",
              sampleSum: 9,
              bucket: [
                { cumulativeCount: "1", upperBound: 0.5 },
                { cumulativeCount: "2", upperBound: 1 },
              ],
            },
          },
          {
            label: [{ name: "thread", value: "b" }],
            histogram: expect.objectContaining({ sampleCount: "1" }),
          },
        ],
      },
    ]);
  });

  it("has the families whose whole name the pattern matches", async () => {
    const names = async (pattern: string) => (await selfMetrics(pattern)).map(({ name }) => name);
    expect(await names("hub_(load|seconds)")).toEqual(["hub_load", "hub_seconds"]);
    expect(await names("hub")).toEqual([]);
    expect(await names(".*_total")).toEqual(["hub_queries_total"]);
    await expect(names("(")).rejects.toThrow(/^invalid parameter "metric_name_pattern": /);
  });
});
