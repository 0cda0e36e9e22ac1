import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { labelsOf } from "@hms-ops/model";
import type { PrometheusClient } from "@prometheus-io/codemirror-promql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HubProcess, removeFolder, startHub } from "./support/hub.ts";
import {
  PROMETHEUS_MISSING,
  type PrometheusPeer,
  startPrometheus,
} from "./support/prometheus-peer.ts";
import { remoteWrite } from "./support/remote-write.ts";

const PROMTOOL = "/usr/bin/promtool";
const run = promisify(execFile);
const startMs = Math.floor(Date.now() / 60_000) * 60_000 - 1_800_000;
const startS = startMs / 1_000;
let hub: HubProcess;
let prometheus: PrometheusPeer | undefined;

beforeAll(async () => {
  [hub, prometheus] = await Promise.all([
    startHub(),
    PROMETHEUS_MISSING
      ? undefined
      : startPrometheus({ flags: ["--enable-feature=exemplar-storage"] }),
  ]);
  const samples = [
    ["a", "i0"],
    ["a", "i1"],
    ["b", "i0"],
    ["c<&>", "i2"],
  ].map(([job = "", instance = ""], k) => ({
    labels: labelsOf({ __name__: "reqs_total", job, instance }),
    timesMs: Array.from({ length: 40 }, (_, i) => startMs + 15_000 * i + 7),
    values: Array.from({ length: 40 }, (_, i) => i * (k + 1) + k / 3),
    exemplars: k > 0 ? [] : [{ labels: labelsOf({ trace_id: "t" }), timeMs: startMs, value: 2.5 }],
  }));
  const metadata = new Map([
    ["reqs_total", { type: "counter", help: "Requests.", unit: "" } as const],
  ]);
  const odd = {
    labels: labelsOf({ __name__: "odd", job: "a" }),
    timesMs: [startMs, startMs + 15_000, startMs + 30_000],
    values: [Number.NaN, Number.POSITIVE_INFINITY, -0],
  };
  for (const { url } of [hub, ...(prometheus ? [prometheus] : [])]) {
    await remoteWrite(url, [...samples, odd], metadata);
  }
});

afterAll(async () => {
  await prometheus?.stop();
  if (!hub) return;
  await hub.stop();
  removeFolder(hub.folder);
});

/** Trimmed lines of what promtool says; both streams. */
async function promtool(url: string, words: readonly string[]): Promise<readonly string[]> {
  const [kind = "", ...rest] = words;
  const flags = rest.filter((word) => word.startsWith("--"));
  const others = rest.filter((word) => !word.startsWith("--"));
  const { stdout, stderr } = await run(PROMTOOL, ["query", kind, ...flags, url, ...others]).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return `${stdout}${stderr}`.trim().split("\n").sort();
}

const missing = existsSync(PROMTOOL) ? "" : " (missing: apt-get install prometheus)";

describe.skipIf(missing !== "")(`promtool query${missing}`, () => {
  const ends = [`--start=${startS}`, `--end=${startS + 300}`];

  async function says(words: readonly string[], lines: readonly string[]): Promise<void> {
    expect(await promtool(hub.url, words)).toEqual(lines);
    if (prometheus) expect(await promtool(prometheus.url, words)).toEqual(lines);
  }

  it("instant", () =>
    says(
      ["instant", `--time=${startS + 300}`, 'reqs_total{job="a"}'],
      [
        `reqs_total{instance="i0", job="a"} => 19 @[${startS + 300}]`,
        `reqs_total{instance="i1", job="a"} => 38.333333333333336 @[${startS + 300}]`,
      ],
    ));

  it("range", () =>
    says(
      ["range", ...ends, "--step=150s", "count(reqs_total)"],
      [`4 @[${startS + 150}]`, `4 @[${startS + 300}]`, "{} =>"],
    ));

  it("series", () =>
    says(
      ["series", ...ends, "--match=odd", '--match=reqs_total{instance="i1"}'],
      ['{__name__="odd", job="a"}', '{__name__="reqs_total", instance="i1", job="a"}'],
    ));

  it("labels", () => says(["labels", ...ends, "job"], ["a", "b", "c<&>"]));

  it("with an expression that cannot be read", () =>
    says(
      ["instant", "sum("],
      [
        'query error: bad_data: invalid parameter "query": 1:5: parse error: unclosed left parenthesis',
      ],
    ));
});

describe("the PromQL editor of Prometheus", () => {
  it("completes from the hub", async () => {
    const { HTTPPrometheusClient } = (await import(
      "@prometheus-io/codemirror-promql/dist/cjs/client/prometheus.js"
    )) as { HTTPPrometheusClient: new (config: object) => PrometheusClient };
    const client = new HTTPPrometheusClient({
      url: hub.url,
      lookbackInterval: 3_600_000,
      httpErrorHandler: (error: unknown) => {
        throw error;
      },
    });
    expect(await client.metricNames()).toContain("reqs_total");
    expect(await client.labelNames("reqs_total")).toEqual(["__name__", "instance", "job"]);
    expect(await client.labelValues("job", "reqs_total")).toEqual(["a", "b", "c<&>"]);
    expect(await client.series("odd")).toHaveLength(1);
    expect(await client.metricMetadata()).toMatchObject({
      reqs_total: [{ type: "counter", help: "Requests.", unit: "" }],
    });
    expect(await client.flags()).toHaveProperty(["query.lookback-delta"], "5m");
  });
});

describe.skipIf(PROMETHEUS_MISSING)(`beside Prometheus ${PROMETHEUS_MISSING}`, () => {
  interface Said {
    readonly status: number;
    readonly type: string;
    readonly body: unknown;
  }

  async function ask(url: string, path: string, form?: string): Promise<Said> {
    const response = await fetch(
      url + path,
      form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) },
    );
    // 2.42 alone begins this refusal with a capital letter.
    const text = (await response.text()).replace("Invalid time value", "invalid time value");
    const type = response.headers.get("content-type") ?? "";
    const body = type === "application/json" ? JSON.parse(text) : text;
    return { status: response.status, type, body };
  }

  async function alike(path: string, form?: string): Promise<void> {
    const [ours, theirs] = await Promise.all([
      ask(hub.url, path, form),
      ask(prometheus?.url ?? "", path, form),
    ]);
    expect(ours, `${path} ${form ?? ""}`).toEqual(theirs);
  }

  const range = `start=${startS + 60}&end=${startS + 120}&step=30`;

  it("answers queries alike, by address and by form", async () => {
    await alike("/api/v1/query?query=1%2B1&time=4");
    await alike('/api/v1/query?query="x"&time=4.5');
    await alike("/api/v1/query?query=-0&time=-5.1234");
    await alike(`/api/v1/query?query=sort(reqs_total)&time=${startS + 100}`);
    await alike(`/api/v1/query?query=odd[1m]&time=${startS + 30}`);
    await alike(`/api/v1/query_range?query=reqs_total&${range}`);
    await alike(`/api/v1/query_range?query=1&${range}`);
    await alike("/api/v1/query", `query=sort(reqs_total)&time=${startS + 100}`);
    await alike("/api/v1/query_range", `query=rate(reqs_total[1m])&${range}`);
    await alike("/api/v1/format_query?query=sum(rate(foo[5m]))by(job)");
  });

  it("lists alike", async () => {
    const ends = `start=${startS}&end=${startS + 300}`;
    await alike(`/api/v1/series?match[]=reqs_total&match[]=odd&${ends}`);
    await alike("/api/v1/series", `match[]=odd&${ends}`);
    await alike(`/api/v1/labels?match[]=reqs_total&${ends}`);
    await alike("/api/v1/labels", `match[]=odd&${ends}`);
    await alike(`/api/v1/label/job/values?match[]=reqs_total&${ends}`);
    await alike("/api/v1/label/nothing/values");
    await alike("/api/v1/series?match[]=nothing");
    await alike("/api/v1/targets/metadata");
    await alike("/api/v1/scrape_pools");
    await alike("/api/v1/alertmanagers");
    await alike(`/api/v1/query_exemplars?query=rate(reqs_total[5m])&start=${startS - 1}`);
    await alike("/api/v1/query_exemplars", "query=nothing");
    await alike("/api/v1/query_exemplars?query=1");
  });

  it("refuses alike", async () => {
    for (const time of ["abc", "0x10", "2015-07-01", "2015-07-01T20:10:51.781"]) {
      await alike(`/api/v1/query?query=1&time=${time}`);
    }
    for (const path of [
      "query?query=%20",
      "query?query=foo{",
      "query?query=rate(foo)",
      "query?query=1&timeout=1.5h",
      "query?query=1&timeout=1ns",
      "query?query=1&timeout=1e30",
      "query_range?query=1",
      "query_range?query=1&start=1&end=2",
      "query_range?query=1&start=3&end=2&step=1",
      "query_range?query=1&start=1&end=2&step=0",
      "query_range?query=1&start=1&end=2&step=-1",
      "query_range?query=1&start=0&end=11001&step=1",
      "query_range?query=1&start=0&end=100&step=30s1m",
      "query_range?query=1&start=0&end=100&step=Inf",
      "query_exemplars?query=%20",
      "query_exemplars?query=up&start=3&end=2",
      "format_query?query=foo{",
      "series",
      "series?match[]={}",
      "series?match[]=foo{",
      'series?match[]={job=~".*"}',
      "series?match[]=up&start=x",
      "labels?match[]=foo{",
      "labels?start=x",
      "label/job/values?match[]={}",
      "label/job/values?end=x",
      "metadata?limit=x",
      "targets/metadata?limit=x",
      "targets/metadata?match_target=foo{",
      "rules?type=x",
    ]) {
      await alike(`/api/v1/${path}`);
    }
  });
});
