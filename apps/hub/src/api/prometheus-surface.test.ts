import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseArguments } from "../config/arguments.ts";
import { type Hub, startHub } from "../hub.ts";

const folder = mkdtempSync(join(tmpdir(), "hms-ops-surface-"));
const configFile = join(folder, "hms-ops.yaml");
const CONFIG = `scrape_configs:
  - job_name: ach
    basic_auth: {username: ann, password: hunter2}
    static_configs: [{targets: ["127.0.0.1:1"]}]
    relabel_configs: [{target_label: team, replacement: payments}]
`;
let hub: Hub;

// biome-ignore lint/suspicious/noExplicitAny: each test states what it expects of the answer
type Answer = any;
const get = (path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${hub.port}${path}`, init);
const data = async (path: string): Promise<Answer> =>
  ((await (await get(path)).json()) as Answer).data;

beforeAll(async () => {
  writeFileSync(configFile, CONFIG);
  const parsed = parseArguments([
    ...["--port", "0", "--no-aliases", "--no-discovery"],
    ...["--config", configFile],
  ]);
  if (parsed.kind !== "up") throw new Error("the flags of the test are wrong");
  hub = await startHub({
    ...parsed.options,
    flags: parsed.flags,
    dataDir: join(folder, "data"),
    workingFolder: folder,
    environment: { HMS_OPS_RUNTIME_DIR: join(folder, "runtime") },
    print: () => {},
  });
  const body = 'search_errors_total 1\nsearch_requests_total{office="boise"} 7\n';
  expect((await get("/ingest", { method: "POST", body })).status).toBe(200);
});

afterAll(async () => {
  await hub?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("what Prometheus 3.14 answers beside queries", () => {
  it("features, blocks and own metrics", async () => {
    expect(await data("/api/v1/features")).toMatchObject({ promql_functions: { rate: true } });
    expect((await data("/api/v1/status/tsdb/blocks")).blocks).toEqual([]);
    await get("/api/v1/admin/tsdb/snapshot", { method: "POST" });
    const { blocks } = await data("/api/v1/status/tsdb/blocks");
    expect(blocks).toMatchObject([{ compaction: { level: 1 }, version: 1 }]);
    const own = await data("/api/v1/status/self_metrics?metric_name_pattern=hms_ops_build_.*");
    expect(own).toMatchObject([{ name: "hms_ops_build_info", metric: [{ gauge: { value: 1 } }] }]);
  });

  it("a pool's configuration and the steps of its rules", async () => {
    const { yaml } = await data("/api/v1/scrape_pools/config?scrapePool=ach");
    expect(yaml).toContain("username: ann");
    expect(yaml).not.toContain("hunter2");
    expect(await (await get("/api/v1/status/config")).text()).not.toContain("hunter2");
    const labels = encodeURIComponent('{"__address__":"127.0.0.1:1"}');
    const path = `/api/v1/targets/relabel_steps?scrapePool=ach&labels=${labels}`;
    expect((await data(path)).steps).toMatchObject([{ output: { team: "payments" }, keep: true }]);
    const unknown = await get("/api/v1/scrape_pools/config?scrapePool=no");
    expect([unknown.status, await unknown.json()]).toEqual([
      400,
      {
        status: "error",
        errorType: "bad_data",
        error: 'error retrieving scrape config: scrape pool "no" not found',
      },
    ]);
  });

  it("searches, by address and by form", async () => {
    const lines = async (path: string, init?: RequestInit) =>
      (await (await get(path, init)).text())
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
    const found = [
      { results: [{ name: "search_requests_total" }] },
      { status: "success", has_more: false },
    ];
    expect(await lines("/api/v1/search/metric_names?search[]=search_req")).toEqual(found);
    const body = new URLSearchParams({ "search[]": "search_req" });
    expect(await lines("/api/v1/search/metric_names", { method: "POST", body })).toEqual(found);
    const values = "/api/v1/search/label_values?label=office&match[]=search_requests_total";
    expect((await lines(values))[0]).toEqual({ results: [{ name: "boise" }] });
    const names = "/api/v1/search/label_names?match[]=search_requests_total";
    expect((await lines(names))[0].results).toContainEqual({ name: "office" });
    const refused = await get("/api/v1/search/metric_names?match[]={");
    expect([refused.status, ((await refused.json()) as Answer).errorType]).toEqual([
      400,
      "bad_data",
    ]);
  });

  it("notifications: a reload that failed, until one does not", async () => {
    const texts = async () => (await data("/api/v1/notifications")).map(({ text }: Answer) => text);
    expect(await texts()).toEqual([]);
    const caller = new AbortController();
    const live = await get("/api/v1/notifications/live", { signal: caller.signal });
    expect(live.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const reader = live.body?.getReader();
    writeFileSync(configFile, "scrape_configs: 7\n");
    expect((await get("/-/reload", { method: "POST" })).ok).toBe(false);
    expect(await texts()).toEqual(["Configuration reload has failed."]);
    const told = JSON.parse(String(Buffer.from((await reader?.read())?.value ?? [])).slice(6));
    expect(told).toMatchObject({ text: "Configuration reload has failed.", active: true });
    caller.abort();
    writeFileSync(configFile, CONFIG);
    expect((await get("/-/reload", { method: "PUT" })).ok).toBe(true);
    expect(await texts()).toEqual([]);
  });

  it("quitting is refused, and only to POST and PUT", async () => {
    for (const method of ["POST", "PUT"]) {
      const refused = await get("/-/quit", { method });
      expect(refused.status).toBe(403);
      expect(await refused.text()).toMatch(/^Lifecycle API is not enabled\.\n/);
    }
    expect((await get("/-/quit")).status).toBe(405);
  });
});
