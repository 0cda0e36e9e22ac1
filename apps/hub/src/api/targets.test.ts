import { labelValue, type MetricMetadata } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import type { HubRequest } from "../ports.ts";
import { TargetsApi } from "./targets.ts";

const KNOWN = new Map<string, MetricMetadata>([
  ["reqs_total", { type: "counter", help: "Requests.", unit: "" }],
  ["wait_seconds", { type: "histogram", help: "Waiting.", unit: "seconds" }],
  ["other", { type: "gauge", help: "Of nobody here.", unit: "" }],
]);
const NAMES: Readonly<Record<string, readonly string[]>> = {
  ach: ["reqs_total", "up", "wait_seconds_bucket", "wait_seconds_count", "wait_seconds_sum"],
  dmv: ["reqs_total", "up"],
};
const api = new TargetsApi({
  targets: {
    activeTargets: () =>
      ["ach", "dmv"].map((job) => ({ scrapePool: job, labels: { job, instance: `${job}:1` } })),
    droppedTargets: () => [],
    droppedTargetCounts: () => ({}),
    scrapePools: () => ["ach", "dmv"],
  },
  ingest: { metadata: async () => KNOWN },
  metricsOf: async (target) => NAMES[labelValue(target, "job")] ?? [],
});

async function metadata(query: string): Promise<readonly unknown[]> {
  const request = { query: new URLSearchParams(query) } as Partial<HubRequest> as HubRequest;
  return JSON.parse(String((await api.targetMetadata(request)).body)).data;
}

const ACH = { job: "ach", instance: "ach:1" };
const DMV = { job: "dmv", instance: "dmv:1" };
const COUNTER = { type: "counter", help: "Requests.", unit: "" };
const HISTOGRAM = { type: "histogram", help: "Waiting.", unit: "seconds" };

describe("targets/metadata", () => {
  it("has the families of each target, a histogram's once", async () => {
    expect(await metadata("")).toEqual([
      { target: ACH, metric: "reqs_total", ...COUNTER },
      { target: ACH, metric: "wait_seconds", ...HISTOGRAM },
      { target: DMV, metric: "reqs_total", ...COUNTER },
    ]);
  });

  it("narrows down by target and metric, which then is not repeated", async () => {
    expect(await metadata('match_target={job="dmv"}&metric=reqs_total')).toEqual([
      { target: DMV, ...COUNTER },
    ]);
    expect(await metadata('match_target={job=~"a.*",instance!=""}&metric=wait_seconds')).toEqual([
      { target: ACH, ...HISTOGRAM },
    ]);
    expect(await metadata("metric=other")).toEqual([]);
  });

  it("ends at the limit; a negative one is none", async () => {
    expect(await metadata("limit=1")).toHaveLength(1);
    expect(await metadata("limit=0")).toEqual([]);
    expect(await metadata("limit=-1")).toHaveLength(3);
  });
});
