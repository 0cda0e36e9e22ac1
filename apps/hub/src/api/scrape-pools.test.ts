import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../config/config-file.ts";
import { withoutSecrets } from "../config/secrets.ts";
import type { HubRequest, HubResponse } from "../ports.ts";
import { ScrapePoolsApi } from "./scrape-pools.ts";

const YAML = `
global: {scrape_interval: 30s}
scrape_configs:
  - job_name: ach
    scrape_timeout: 5s
    metrics_path: /probe
    basic_auth: {username: ann, password: hunter2}
    static_configs: [{targets: ["ach:9100"]}]
    relabel_configs:
      - {source_labels: [__address__], regex: "(.*):.*", target_label: host}
      - {action: drop, source_labels: [host], regex: dmv}
      - {action: labeldrop, regex: __address__}
`;
const { config } = readConfig(YAML, "hms-ops.yaml");
const api = new ScrapePoolsApi({
  configs: () => config?.scrapeConfigs ?? [],
  configYaml: () => withoutSecrets(YAML),
  activeTargets: () => [
    { scrapePool: "ach", scrapeInterval: "30s", scrapeTimeout: "5s" },
    { scrapePool: "found", scrapeInterval: "15s", scrapeTimeout: "10s" },
  ],
});

function dataOf(
  answer: (request: HubRequest) => HubResponse,
  parameters: Readonly<Record<string, string>>,
) {
  const query = new URLSearchParams(parameters);
  const { body } = answer({ query } as Partial<HubRequest> as HubRequest);
  return JSON.parse(String(body)).data;
}

describe("scrape_pools/config", () => {
  it("is the pool's entry with what it leaves unsaid, and without secrets", () => {
    expect(parse(dataOf(api.scrapePoolConfig, { scrapePool: "ach" }).yaml)).toEqual({
      job_name: "ach",
      scrape_interval: "30s",
      scrape_timeout: "5s",
      metrics_path: "/probe",
      scheme: "http",
      basic_auth: { username: "ann", password: "<secret>" },
      static_configs: [{ targets: ["ach:9100"] }],
      relabel_configs: expect.any(Array),
    });
  });

  it("is what holds of a pool that was found, and an error for one that is none", () => {
    expect(parse(dataOf(api.scrapePoolConfig, { scrapePool: "found" }).yaml)).toEqual({
      job_name: "found",
      scrape_interval: "15s",
      scrape_timeout: "10s",
      metrics_path: "/metrics",
      scheme: "http",
    });
    expect(() => dataOf(api.scrapePoolConfig, { scrapePool: "no" })).toThrow(
      'error retrieving scrape config: scrape pool "no" not found',
    );
  });
});

describe("targets/relabel_steps", () => {
  const steps = (labels: string, scrapePool = "ach") =>
    dataOf(api.relabelSteps, { scrapePool, labels }).steps;

  it("tells what each rule makes of the labels", () => {
    expect(steps('{"__address__":"boise:9100","job":"ach"}')).toEqual([
      {
        rule: {
          sourceLabels: ["__address__"],
          separator: ";",
          regex: "(.*):.*",
          targetLabel: "host",
          replacement: "$1",
          action: "replace",
        },
        output: { __address__: "boise:9100", job: "ach", host: "boise" },
        keep: true,
      },
      { rule: expect.anything(), output: expect.objectContaining({ host: "boise" }), keep: true },
      { rule: expect.anything(), output: { job: "ach", host: "boise" }, keep: true },
    ]);
    expect(steps("{}", "found")).toEqual([]);
  });

  it("has nothing left from the rule on that drops the target", () => {
    const [kept, ...dropped] = steps('{"__address__":"dmv:9100"}');
    expect(kept.keep).toBe(true);
    expect(dropped).toMatchObject([
      { output: {}, keep: false },
      { output: {}, keep: false },
    ]);
  });

  it("refuses labels that are none, and a pool that is none", () => {
    for (const labels of ["", "[]", "null", '{"a":1}']) {
      expect(() => steps(labels), labels).toThrow(/^error parsing labels: /);
    }
    expect(() => steps("{}", "no")).toThrow('scrape pool "no" not found');
  });
});
