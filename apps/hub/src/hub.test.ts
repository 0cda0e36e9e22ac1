import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labelsOf } from "@hms-ops/model";
import { writeRemoteWrite } from "@hms-ops/wire/remote-write";
import { compressSnappy } from "@hms-ops/wire/snappy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseArguments } from "./config/arguments.ts";
import { AnotherHub, type Hub, type HubOptions, startHub } from "./hub.ts";

const folder = mkdtempSync(join(tmpdir(), "hms-ops-hub-"));
let hub: Hub;

function options(changes: Partial<HubOptions> = {}): HubOptions {
  const words = ["--port", "0", "--no-aliases", "--no-discovery", "--log-level", "error"];
  const parsed = parseArguments(words);
  if (parsed.kind !== "up") throw new Error("the flags of the test are wrong");
  return {
    ...parsed.options,
    flags: parsed.flags,
    dataDir: join(folder, "data"),
    workingFolder: folder,
    environment: { HMS_OPS_RUNTIME_DIR: join(folder, "runtime") },
    print: () => {},
    ...changes,
  };
}

beforeAll(async () => {
  mkdirSync(join(folder, "dashboards"));
  const board = {
    uid: "mine",
    title: "Mine",
    tags: [],
    from: "now-1h",
    to: "now",
    refresh: "5s",
    bannerAlerts: [],
    panels: [],
  };
  writeFileSync(join(folder, "dashboards/mine.json"), JSON.stringify(board));
  writeFileSync(join(folder, "dashboards/bad.json"), "{");
  hub = await startHub(options());
});

afterAll(async () => {
  await hub?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const get = (path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${hub.port}${path}`, init);
const post = (
  path: string,
  body: string | URLSearchParams | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) => get(path, { method: "POST", body, headers });
// biome-ignore lint/suspicious/noExplicitAny: each test states what it expects of the answer
type Answer = any;
const bodyOf = async (response: Response): Promise<Answer> => await response.json();
const json = async (path: string) => await bodyOf(await get(path));
const failure = async (path: string) => {
  const response = await get(path);
  const { errorType, error } = await bodyOf(response);
  return [response.status, errorType, error];
};

describe("samples in, answers out", () => {
  it("stores a bare /ingest and answers it at once", async () => {
    const answer = await post(
      "/ingest?job=tests",
      '# TYPE visits counter\nvisits 3\nvisits{a="b"} 4\n',
    );
    expect([answer.status, await answer.text()]).toEqual([200, "stored 2 samples\n"]);
    const { data } = await json("/api/v1/query?query=visits");
    expect(data.resultType).toBe("vector");
    expect(
      data.result.map(({ metric, value }: { metric: object; value: string[] }) => [
        metric,
        value[1],
      ]),
    ).toEqual([
      [{ __name__: "visits", job: "tests", instance: "localhost" }, "3"],
      [{ __name__: "visits", job: "tests", instance: "localhost", a: "b" }, "4"],
    ]);
    const metadata = await json("/api/v1/metadata?metric=visits");
    expect(metadata.data).toEqual({ visits: [{ type: "counter", unit: "", help: "" }] });
  });

  it("keeps the good lines of a body and names the bad one", async () => {
    const answer = await post("/ingest", "good 1\nbad line here {{{\nalso_good 2\n");
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/^stored 2 samples; skipped 1: line 2/);
    const nothing = await post("/ingest", "nothing here is a sample {\n");
    expect(nothing.status).toBe(400);
    expect(await nothing.text()).toContain("line 1");
    const refused = await post("/ingest", "old 1 123\n");
    expect([refused.status, await refused.text()]).toEqual([
      400,
      'stored 0 samples; refused: 1 too-old (old{instance="localhost"} at 123 ms, ' +
        'sent by ingest:{instance="localhost"}: older than the retention)\n',
    ]);
    const inSeconds = await post("/ingest", `old 1 ${Math.trunc(Date.now() / 1_000)}\n`);
    expect(await inSeconds.text()).toContain("times are in milliseconds");
  });

  it("takes what is right of a remote write 1.0 and tells of the rest", async () => {
    const nowMs = Date.now();
    const series = (name: string, timeMs: number) => ({
      labels: labelsOf({ __name__: name, job: "rw" }),
      timesMs: [timeMs],
      values: [7],
    });
    const body = (...list: ReturnType<typeof series>[]) =>
      new Uint8Array(compressSnappy(writeRemoteWrite(list)));
    const headers = { "content-type": "application/x-protobuf", "content-encoding": "snappy" };
    const stored = await post("/api/v1/write", body(series("pushed", nowMs)), headers);
    expect(stored.status).toBe(204);
    expect((await json("/api/v1/query?query=pushed")).data.result[0].value[1]).toBe("7");
    const future = await post(
      "/api/v1/write",
      body(series("fine", nowMs), series("ahead", nowMs + 3_600_000)),
      headers,
    );
    expect(future.status).toBe(400);
    expect(await future.text()).toContain("too-new");
    expect((await json("/api/v1/query?query=fine")).data.result[0].value[1]).toBe("7");
    expect((await json("/api/v1/query?query=ahead")).data.result).toEqual([]);
    const garbage = await post("/api/v1/write", new Uint8Array([1, 2, 3]), headers);
    expect([garbage.status, garbage.headers.get("content-type")]).toEqual([
      400,
      "text/plain; charset=utf-8",
    ]);
    const other = await post("/api/v1/write", "x", { "content-type": "application/json" });
    expect(other.status).toBe(415);
  });

  it("gives /query as one bare number", async () => {
    await post("/ingest", 'load{core="0"} 2\nload{core="1"} 5\n');
    const number = async (q: string) => {
      const response = await get(`/query?q=${encodeURIComponent(q)}`);
      return [await response.text(), response.headers.get("x-hms-ops-series")];
    };
    expect(await number("load")).toEqual(["5\n", "2"]);
    expect(await number("load > 4")).toEqual(["5\n", "1"]);
    expect((await number("load > 100"))[0]).toBe("0\n");
    expect((await number("nothing_such > 1"))[0]).toBe("NaN\n");
    expect((await number("nothing_such"))[0]).toBe("NaN\n");
    expect((await number("1 + 1"))[0]).toBe("2\n");
    expect((await get("/query")).status).toBe(400);
  });
});

describe("the query API", () => {
  it("takes GET and POST, and answers ranges", async () => {
    const form = new URLSearchParams({ query: "1 + 1", time: "12.5" });
    expect(await (await post("/api/v1/query", form)).json()).toEqual({
      status: "success",
      data: { resultType: "scalar", result: [12.5, "2"] },
    });
    const range = await json("/api/v1/query_range?query=time()&start=0&end=20&step=10");
    expect(range.data.result[0].values).toEqual([
      [0, "0"],
      [10, "10"],
      [20, "20"],
    ]);
  });

  it("refuses parameters in Prometheus' words and order", async () => {
    const range = "/api/v1/query_range?query=up";
    expect(await failure("/api/v1/query?query=up{&time=x")).toEqual([
      400,
      "bad_data",
      `invalid parameter "time": invalid time value for 'time': cannot parse "x" to a valid timestamp`,
    ]);
    expect((await failure("/api/v1/query?query=sum("))[2]).toMatch(
      /^invalid parameter "query": 1:\d+: parse error: /,
    );
    expect((await failure(`${range}&start=2&end=1&step=1`))[2]).toBe(
      'invalid parameter "end": end timestamp must not be before start time',
    );
    expect((await failure(`${range}&start=1&end=2&step=0`))[2]).toMatch(
      /^invalid parameter "step": zero/,
    );
    expect((await failure(`${range}&start=0&end=11001&step=1`))[2]).toMatch(
      /^exceeded maximum resolution/,
    );
    expect((await get(`${range}&start=0&end=11000&step=1`)).status).toBe(200);
    expect((await failure(`${range}[5m]&start=1&end=2&step=1`))[2]).toContain("for range query");
    expect((await failure("/api/v1/query?query=up&limit=-1"))[2]).toContain("limit");
    expect((await failure("/api/v1/query?query=1/up&timeout=x"))[2]).toContain('"timeout"');
  });

  it("answers a condition in words, and warns that its FOR only means something in a rule", async () => {
    await post("/ingest", "depth 7\n");
    const form = new URLSearchParams({ query: "IF depth > 5 FOR 1m", short_forms: "true" });
    const range = new URLSearchParams({ start: "1", end: "2", step: "1" });
    for (const path of ["/api/v1/query", `/api/v1/query_range?${range}`]) {
      const answer = await bodyOf(await post(path, form));
      expect(answer.warnings).toEqual([
        "FOR 1m is left out: it only means something in a rule, as for: 1m beside its expression",
      ]);
      expect(answer.infos).toEqual(["in PromQL: depth > 5"]);
    }
    const { data } = await bodyOf(await post("/api/v1/query", form));
    expect(data.result[0].value[1]).toBe("7");
  });

  it("tells execution errors and timeouts apart", async () => {
    await post("/ingest", 'many{x="1"} 1\nmany{x="2"} 1\n');
    const manyToMany = encodeURIComponent("many * on(job) many");
    expect((await failure(`/api/v1/query?query=${manyToMany}`)).slice(0, 2)).toEqual([
      422,
      "execution",
    ]);
    expect(await failure("/api/v1/query?query=many&timeout=0")).toEqual([
      503,
      "timeout",
      "query timed out in expression evaluation",
    ]);
  });

  it("cuts at the limit with a warning, formats, and answers deep nesting", async () => {
    const cut = await json("/api/v1/query?query=many&limit=1");
    expect(cut.data.result).toHaveLength(1);
    expect(cut.warnings).toEqual(["results truncated due to limit"]);
    const long = `sum by (job) (rate(${"x".repeat(100)}[5m]))`;
    const formatted = await json(`/api/v1/format_query?query=${encodeURIComponent(long)}`);
    expect(formatted.data).toMatch(/^sum by \(job\) \(\n {2}rate\(\n/);
    expect((await json("/api/v1/format_query?query=abs(1)")).error).toContain(
      'expected type instant vector in call to function "abs", got scalar',
    );
    expect((await json("/api/v1/format_query?query=sum(up)by(job)")).data).toContain(
      "sum by (job)",
    );
    const query = `${"(".repeat(10_000)}1${")".repeat(10_000)}`;
    const deep = await post("/api/v1/query", new URLSearchParams({ query }));
    expect(deep.status).toBe(400);
  });

  it("lists series, labels and values", async () => {
    const match = `match[]=${encodeURIComponent('{__name__="load"}')}`;
    const series = await json(`/api/v1/series?${match}`);
    expect(series.data.map(({ core }: { core: string }) => core)).toEqual(["0", "1"]);
    expect((await json(`/api/v1/labels?${match}`)).data).toEqual(["__name__", "core", "instance"]);
    expect((await json(`/api/v1/label/core/values?${match}`)).data).toEqual(["0", "1"]);
    expect((await json(`/api/v1/label/core/values?limit=1`)).warnings).toBeDefined();
    expect(await failure("/api/v1/series")).toEqual([
      400,
      "bad_data",
      "no match[] parameter provided",
    ]);
    expect((await failure("/api/v1/series?match[]={x=~%22.*%22}"))[2]).toContain(
      "must contain at least one non-empty matcher",
    );
  });
});

describe("status", () => {
  it("answers what pages and tools ask for", async () => {
    expect((await json("/api/v1/status/buildinfo")).data.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect((await json("/api/v1/status/flags")).data).toMatchObject({ port: "0" });
    expect((await json("/api/v1/status/runtimeinfo")).data.storageRetention).toBe("396d");
    expect((await json("/api/v1/status/config")).data.yaml).toMatch(
      /^global:\n {2}scrape_interval: 15s/,
    );
    const tsdb = (await json("/api/v1/status/tsdb")).data;
    expect(tsdb.headStats.numSeries).toBeGreaterThan(0);
    expect(tsdb.seriesCountByMetricName.length).toBeLessThanOrEqual(10);
    expect((await json("/api/v1/targets")).data).toMatchObject({ droppedTargets: [] });
    expect((await json("/api/v1/rules")).data.groups.length).toBeGreaterThan(0);
    expect((await get("/-/healthy")).status).toBe(200);
    expect((await get("/-/ready")).status).toBe(200);
    expect((await get("/-/reload", { method: "POST" })).status).toBe(200);
    expect((await get("/api/v1/logs")).status).toBe(404);
  });

  it("tells its own metrics, and stores them", async () => {
    const text = await (await get("/metrics")).text();
    expect(text).toContain("# TYPE hms_ops_http_requests_total counter");
    expect(text).toMatch(/hms_ops_thread_heap_bytes\{thread="writer"\} \d/);
    const up = await json(`/api/v1/query?query=${encodeURIComponent('up{job="hms-ops"}')}`);
    expect(up.data.result).toHaveLength(1);
  });

  it("answers our own API", async () => {
    const status = await json("/api/ops/v1/status");
    expect(status).toMatchObject({
      hub: { version: "0.1.0", pid: process.pid, url: hub.url },
      ingest: { reason: expect.any(String) },
      demo: null,
    });
    const { boards } = await json("/api/ops/v1/boards");
    expect(boards.map(({ uid }: { uid: string }) => uid)).toContain("mine");
    expect((await json("/api/ops/v1/boards/mine")).title).toBe("Mine");
    expect((await get("/api/ops/v1/boards/none")).status).toBe(404);
    const services = await json("/api/ops/v1/services");
    expect(services).toMatchObject({ discovery: false, services: [{ origin: "self" }] });
    const bad = await post("/api/ops/v1/discovery", '{"on": 1}');
    expect([bad.status, (await bodyOf(bad)).code]).toEqual([400, "OPS-1623"]);
    const fault = await post("/api/ops/v1/demo/faults/x", '{"on": true}');
    expect((await bodyOf(fault)).code).toBe("OPS-1616");
  });
});

describe("a rule file with an error", () => {
  it("is told by the reload and by the status until it is mended", async () => {
    const bad = join(folder, "alerts/bad.yml");
    mkdirSync(join(folder, "alerts"), { recursive: true });
    writeFileSync(bad, "alert: Bad\nexpr: rate(up[5m] > 1\n");
    const refused = await get("/-/reload", { method: "POST" });
    const place = "alerts/bad.yml:2:";
    expect([refused.status, await refused.text()]).toEqual([500, expect.stringContaining(place)]);
    expect((await json("/api/ops/v1/status")).refusals).toMatchObject([
      { part: "rules", reason: expect.stringContaining(place) },
    ]);
    rmSync(bad);
    expect((await get("/-/reload", { method: "POST" })).status).toBe(200);
    expect((await json("/api/ops/v1/status")).refusals).toEqual([]);
  });
});

describe("one hub a data folder", () => {
  it("names the one that runs", async () => {
    await expect(startHub(options())).rejects.toThrow(AnotherHub);
    const error = await startHub(options()).catch((reason: unknown) => reason);
    const { flags, workingFolder } = options();
    const running = { pid: process.pid, url: hub.url, flags, workingFolder };
    expect((error as AnotherHub).running).toEqual(running);
  });

  it("names the hub that has the port, and refuses data of the future", async () => {
    const samePort = options({ port: hub.port, dataDir: join(folder, "second") });
    await expect(startHub(samePort)).rejects.toMatchObject({ code: "OPS-1636" });
    const future = join(folder, "future");
    mkdirSync(future);
    writeFileSync(join(future, "meta.json"), '{"formatVersion": 99}');
    await expect(startHub(options({ dataDir: future }))).rejects.toThrow("has format 99");
  });

  it("refuses to listen to others without a token", async () => {
    const open = options({ host: "0.0.0.0", dataDir: join(folder, "open") });
    await expect(startHub(open)).rejects.toThrow("without a login");
  });

  it("has everything again after a stop", async () => {
    const dataDir = join(folder, "again");
    const first = await startHub(options({ dataDir }));
    const at = (url: number, path: string) => `http://127.0.0.1:${url}${path}`;
    await fetch(at(first.port, "/ingest"), { method: "POST", body: "kept 42\n" });
    await first.stop();
    const second = await startHub(options({ dataDir }));
    const answer = await fetch(at(second.port, "/query?q=kept"));
    expect(await answer.text()).toBe("42\n");
    await second.stop();
    expect(readFileSync(join(dataDir, "hub.log"), "utf8")).toContain("the hub has stopped");
  });
});
