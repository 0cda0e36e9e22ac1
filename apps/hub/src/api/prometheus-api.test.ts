import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { labelsOf } from "@hms-ops/model";
import { type RemoteWriteSeries, writeRemoteWrite } from "@hms-ops/wire/remote-write";
import { compressSnappy } from "@hms-ops/wire/snappy";
import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseArguments } from "../config/arguments.ts";
import { type Hub, startHub } from "../hub.ts";

const folder = mkdtempSync(join(tmpdir(), "hms-ops-api-"));
const nowMs = Math.floor(Date.now() / 1_000) * 1_000;
let hub: Hub;

// biome-ignore lint/suspicious/noExplicitAny: each test states what it expects of the answer
type Answer = any;
const get = (path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${hub.port}${path}`, init);
const json = async (path: string, init?: RequestInit): Promise<Answer> =>
  await (await get(path, init)).json();
const failure = async (path: string) => {
  const response = await get(path);
  const { errorType, error } = (await response.json()) as Answer;
  return [response.status, errorType, error];
};

function exemplar(trace: string, value: number, agoMs: number) {
  return { labels: labelsOf({ trace_id: trace }), timeMs: nowMs - agoMs, value };
}

beforeAll(async () => {
  const parsed = parseArguments(["--port", "0", "--no-aliases", "--no-discovery"]);
  if (parsed.kind !== "up") throw new Error("the flags of the test are wrong");
  hub = await startHub({
    ...parsed.options,
    flags: parsed.flags,
    dataDir: join(folder, "data"),
    workingFolder: folder,
    environment: { HMS_OPS_RUNTIME_DIR: join(folder, "runtime") },
    print: () => {},
  });
  const series = ["a", "b"].map((job, i) => ({
    labels: labelsOf({ __name__: "reqs_total", job }),
    timesMs: [nowMs - 60_000, nowMs - 30_000],
    values: [i, 1_500_000 + i],
    exemplars: i === 0 ? [exemplar("abc", 6, 50_000), exemplar("abd", 7.5, 40_000)] : [],
  }));
  await write(series);
});

async function write(series: readonly RemoteWriteSeries[]): Promise<void> {
  const body = compressSnappy(writeRemoteWrite(series));
  const headers = { "content-type": "application/x-protobuf", "content-encoding": "snappy" };
  const written = await get("/api/v1/write", { method: "POST", body, headers });
  expect(written.status, await written.text()).toBe(204);
}

afterAll(async () => {
  await hub?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a form", () => {
  it("is taken in both ways in which callers send one", async () => {
    const body = new FormData();
    body.append("query", "1 + 1");
    expect(await json("/api/v1/query", { method: "POST", body })).toMatchObject({
      data: { resultType: "scalar", result: [expect.anything(), "2"] },
    });
    const cut = await get("/api/v1/query", {
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=x" },
      body: "--x\r\ncontent-dis",
    });
    expect([cut.status, ((await cut.json()) as Answer).errorType]).toEqual([400, "bad_data"]);
  });
});

describe("query_exemplars", () => {
  const expected = [
    {
      seriesLabels: { __name__: "reqs_total", job: "a" },
      exemplars: [
        { labels: { trace_id: "abc" }, value: "6", timestamp: nowMs / 1_000 - 50 },
        { labels: { trace_id: "abd" }, value: "7.5", timestamp: nowMs / 1_000 - 40 },
      ],
    },
  ];

  it("answers those of every series that an expression names, by address and by form", async () => {
    const query = "sum(rate(reqs_total[5m])) + nothing";
    const path = `/api/v1/query_exemplars?query=${encodeURIComponent(query)}`;
    expect((await json(path)).data).toEqual(expected);
    const body = new URLSearchParams({ query: "reqs_total", start: String(nowMs / 1_000 - 45) });
    const { data } = await json("/api/v1/query_exemplars", { method: "POST", body });
    expect(data[0].exemplars).toEqual(expected[0]?.exemplars.slice(1));
  });

  it("answers nothing, and what is wrong, as Prometheus does", async () => {
    expect((await json("/api/v1/query_exemplars?query=nothing")).data).toEqual([]);
    expect((await get("/api/v1/query_exemplars?query=1")).status).toBe(204);
    const path = "/api/v1/query_exemplars?query=";
    expect(await failure(`${path}foo{`)).toEqual([
      400,
      "bad_data",
      "1:5: parse error: unexpected end of input inside braces",
    ]);
    expect(await failure(`${path}up&start=3&end=2`)).toEqual([
      400,
      "bad_data",
      "end timestamp must not be before start timestamp",
    ]);
    expect((await failure(`${path}up&start=x`))[2]).toBe(
      `invalid parameter "start": invalid time value for 'start': cannot parse "x" to a valid timestamp`,
    );
  });
});

describe("federate", () => {
  it("gives the newest samples as text, sorted by name, with an instance", async () => {
    const answer = await get("/federate?match[]=reqs_total&match[]={job=%22a%22}");
    expect(answer.headers.get("content-type")).toBe(
      "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
    );
    expect(await answer.text()).toBe(
      `# TYPE reqs_total untyped\nreqs_total{job="a",instance=""} 1500000 ${nowMs - 30_000}\n` +
        `reqs_total{job="b",instance=""} 1500001 ${nowMs - 30_000}\n`,
    );
    expect(await (await get("/federate")).text()).toBe("");
  });

  it("writes names that not everyone reads as the reader accepts them", async () => {
    const labels = labelsOf({ __name__: "http.requests", "service.name": "a b" });
    await write([{ labels, timesMs: [nowMs - 10_000], values: [1] }]);
    const path = `/federate?match[]=${encodeURIComponent('{"http.requests"}')}`;
    const federated = async (accept: string) => {
      const answer = await get(path, { headers: { accept } });
      const [type, line] = (await answer.text()).split("\n");
      return [answer.headers.get("content-type")?.split("; ")[3], type, line];
    };
    expect(await federated("text/plain;version=0.0.4")).toEqual([
      "escaping=underscores",
      "# TYPE http_requests untyped",
      `http_requests{service_name="a b",instance=""} 1 ${nowMs - 10_000}`,
    ]);
    expect(await federated("text/plain;version=1.0.0;escaping=allow-utf-8")).toEqual([
      "escaping=allow-utf-8",
      '# TYPE "http.requests" untyped',
      `{"http.requests","service.name"="a b",instance=""} 1 ${nowMs - 10_000}`,
    ]);
  });

  it("refuses what is no selector", async () => {
    expect((await get("/federate?match[]=foo{")).status).toBe(400);
  });
});

describe("parse_query", () => {
  it("gives the tree, or where the expression cannot be read", async () => {
    expect(await json("/api/v1/parse_query?query=-up")).toEqual({
      status: "success",
      data: {
        type: "unaryExpr",
        op: "-",
        expr: expect.objectContaining({ type: "vectorSelector", name: "up" }),
      },
    });
    expect((await failure("/api/v1/parse_query?query=rate(up)"))[2]).toMatch(
      /^invalid parameter "query": 1:6: parse error: expected type range vector/,
    );
  });
});

describe("an answer by Accept", () => {
  const path = () =>
    `/api/v1/query_range?query=reqs_total&start=${nowMs / 1_000 - 60}&end=${nowMs / 1_000 - 30}&step=30`;

  it("is CSV with a column a label", async () => {
    const answer = await get(path(), { headers: { accept: "text/csv" } });
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(answer.headers.get("vary")).toContain("Accept");
    const time = (agoMs: number) => new Date(nowMs - agoMs).toISOString();
    expect((await answer.text()).split("\r\n")).toEqual([
      "__name__,job,time,value",
      `reqs_total,a,${time(60_000)},0`,
      `reqs_total,a,${time(30_000)},1500000`,
      `reqs_total,b,${time(60_000)},1`,
      `reqs_total,b,${time(30_000)},1500001`,
      "",
    ]);
  });

  it("is an Arrow stream that Arrow's own library reads", async () => {
    const headers = { accept: "application/vnd.apache.arrow.stream" };
    const table = tableFromIPC(
      new Uint8Array(await (await get(path(), { headers })).arrayBuffer()),
    );
    expect(table.schema.names).toEqual(["__name__", "job", "time", "value"]);
    const rows = table.toArray().map((row) => row.toJSON());
    expect(rows.map(({ job, time, value }) => [job, Number(time), value])).toEqual([
      ["a", nowMs - 60_000, 0],
      ["a", nowMs - 30_000, 1_500_000],
      ["b", nowMs - 60_000, 1],
      ["b", nowMs - 30_000, 1_500_001],
    ]);
    const scalar = await get("/api/v1/query?query=2*3&time=4", { headers });
    const one = tableFromIPC(new Uint8Array(await scalar.arrayBuffer()))
      .get(0)
      ?.toJSON();
    expect([Number(one?.time), one?.value]).toEqual([4_000, 6]);
  });

  it("is packed as the caller reads it", async () => {
    const headers = { "accept-encoding": "gzip;q=0.5, zstd" };
    const address = { port: hub.port, host: "127.0.0.1", path: "/metrics", headers };
    const packed = await new Promise<Buffer>((resolve, reject) => {
      const asked = request(address, (answer) => {
        expect(answer.headers["content-encoding"]).toBe("zstd");
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () => resolve(Buffer.concat(parts)));
      });
      asked.on("error", reject);
      asked.end();
    });
    expect(zstdDecompressSync(packed).toString()).toContain("hms_ops_build_info");
  });
});

describe("a long answer", () => {
  const SERIES = 500;
  const STEPS = 400;
  const path = () => {
    const from = nowMs / 1_000 - 20;
    return `/api/v1/query_range?query=many&start=${from}&end=${from + (STEPS - 1) / 2}&step=0.5`;
  };

  beforeAll(async () => {
    const series = Array.from({ length: SERIES }, (_, i) => ({
      labels: labelsOf({ __name__: "many", i: String(i) }),
      timesMs: [nowMs - 20_000],
      values: [i / 3],
    }));
    await write(series);
  });

  it("comes in pieces that make up the whole, packed or not", async () => {
    for (const encoding of ["identity", "gzip"]) {
      const answer = await get(path(), { headers: { "accept-encoding": encoding } });
      expect(answer.headers.get("content-length")).toBe(null);
      const { data } = (await answer.json()) as Answer;
      expect(data.result).toHaveLength(SERIES);
      for (const { values } of data.result) expect(values).toHaveLength(STEPS);
    }
    const csv = await (await get(path(), { headers: { accept: "text/csv" } })).text();
    expect(csv.split("\r\n")).toHaveLength(SERIES * STEPS + 2);
  });

  it("keeps no thread when its caller leaves", async () => {
    const leave = async (_: unknown, index: number) => {
      const encoding = index % 2 === 0 ? "identity" : "gzip";
      const { body } = await get(path(), { headers: { "accept-encoding": encoding } });
      const reader = body?.getReader();
      await reader?.read();
      await reader?.cancel();
    };
    await Promise.all(Array.from({ length: 8 }, leave));
    expect((await json("/api/v1/query?query=count(many)")).data.result[0].value[1]).toBe("500");
  });
});

describe("times and limits", () => {
  const timed = async (time: string) =>
    (await json(`/api/v1/query?query=time()&time=${encodeURIComponent(time)}`)).data?.result[1];

  it("takes a time in every form", async () => {
    expect(await timed("1435781451.781")).toBe("1435781451.781");
    expect(await timed("2015-07-01T20:10:51.781Z")).toBe("1435781451.781");
    expect(await timed("2015-07-01T22:10:51.781999999+02:00")).toBe("1435781451.781");
    expect(await timed("+5")).toBe("5");
    expect(await timed("-5.25")).toBe("-5.25");
    expect(await timed("1e3")).toBe("1000");
    expect(await timed("1_000")).toBe("1000");
    expect(await timed("1.0005")).toBe("1");
  });

  it("cuts a step to milliseconds by way of nanoseconds, as Go does", async () => {
    const times = async (step: string) => {
      const path = `/api/v1/query_range?query=1&start=0&end=3&step=${step}`;
      const [{ values }] = (await json(path)).data.result;
      return values.map(([time]: [number, string]) => time);
    };
    expect(await times("1.0015")).toEqual([0, 1.001, 2.002]);
    expect(await times("1.001")).toEqual([0, 1, 2, 3]);
  });

  it("looks back as far as it is told, by default five minutes", async () => {
    const path = `/api/v1/query?query=reqs_total&time=${nowMs / 1_000 + 20}`;
    const found = async (lookback: string) =>
      (await json(`${path}&lookback_delta=${lookback}`)).data.result.length;
    expect(await found("40s")).toBe(0);
    expect(await found("51")).toBe(2);
    for (const none of ["", "0", "-60"]) expect(await found(none)).toBe(2);
  });

  it("counts for any `stats`, and warns where it is no known one", async () => {
    const asked = async (stats: string) => await json(`/api/v1/query?query=1&stats=${stats}`);
    expect((await asked("")).data.stats).toBeUndefined();
    for (const stats of ["true", "all"]) {
      const answer = await asked(stats);
      expect(answer.data.stats).toBeDefined();
      expect(answer.warnings).toBeUndefined();
    }
    const old = await asked("foo");
    expect(old.data.stats).toBeDefined();
    expect(old.warnings).toEqual([
      'value "foo" for parameter "stats" is deprecated and will be rejected in the next major release, use "true" or "all"',
    ]);
  });

  it("refuses what is no time, no length and no count, naming the parameter", async () => {
    const path = "/api/v1/query?query=1";
    for (const time of ["abc", "NaN", "Inf", "-Inf", "1e300", "2015-07-01"]) {
      expect(await failure(`${path}&time=${time}`)).toEqual([
        400,
        "bad_data",
        `invalid parameter "time": invalid time value for 'time': cannot parse "${time}" to a valid timestamp`,
      ]);
    }
    expect((await failure(`${path}&timeout=1e30`))[2]).toBe(
      `invalid parameter "timeout": cannot parse "1e30" to a valid duration. It overflows int64`,
    );
    for (const length of ["1e400", "300y", "100000w"]) {
      expect((await failure(`${path}&timeout=${length}`))[2]).toBe(
        `invalid parameter "timeout": cannot parse "${length}" to a valid duration`,
      );
    }
    expect((await failure(`${path}&lookback_delta=x`))[2]).toBe(
      `error parsing lookback delta duration: cannot parse "x" to a valid duration`,
    );
    expect((await failure(`${path}&limit=x`))[2]).toBe(
      `invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax`,
    );
    expect((await failure(`${path}&limit=99999999999999999999`))[2]).toBe(
      `invalid parameter "limit": strconv.Atoi: parsing "99999999999999999999": value out of range`,
    );
    expect((await failure("/api/v1/query"))[2]).toBe(
      `invalid parameter "query": unknown position: parse error: no expression found in input`,
    );
    expect((await failure("/api/v1/series?match[]=up&start=x"))[2]).toMatch(
      /^invalid parameter "start": invalid time value/,
    );
  });
});

describe("targets and their metadata", () => {
  it("lists none where nothing is scraped, and checks what it is asked", async () => {
    expect((await json("/api/v1/targets/metadata")).data).toEqual([]);
    expect((await json("/api/v1/scrape_pools")).data).toEqual({ scrapePools: [] });
    expect((await json("/api/v1/alertmanagers")).data).toEqual({
      activeAlertmanagers: [],
      droppedAlertmanagers: [],
    });
    expect((await failure("/api/v1/targets/metadata?limit=x"))[2]).toBe("limit must be a number");
    for (const count of ["x", "1.5", "99999999999999999999"]) {
      expect((await failure(`/api/v1/metadata?limit_per_metric=${count}`))[2]).toBe(
        "limit_per_metric must be a number",
      );
    }
    expect((await failure("/api/v1/targets/metadata?match_target=foo{"))[2]).toBe(
      `invalid parameter "match_target": 1:5: parse error: unexpected end of input inside braces`,
    );
  });
});

describe("the state of the store", () => {
  it("is counted exactly, with the offenders of limits", async () => {
    const { data } = await json("/api/v1/status/tsdb?limit=3");
    expect(data.headStats.numSeries).toBeGreaterThan(2);
    expect(data.headStats.chunkCount).toBeGreaterThanOrEqual(data.headStats.numSeries);
    expect(data.seriesCountByMetricName).toHaveLength(3);
    expect(data.limitHits).toEqual([]);
    expect((await failure("/api/v1/status/tsdb?limit=0"))[2]).toBe(
      `invalid parameter "limit": limit must be a positive number`,
    );
    expect((await failure("/api/v1/status/tsdb?limit=10001"))[2]).toBe(
      `invalid parameter "limit": limit must not exceed 10000`,
    );
  });

  it("names senders whose labels are too many or too long, by every way in", async () => {
    const of = (name: string, more: Record<string, string>) => ({
      labels: labelsOf({ __name__: name, ...more }),
      timesMs: [nowMs],
      values: [1],
    });
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`l${i}`, "1"]));
    const long = { a: "x".repeat(20_000) };
    for (const series of [
      of("wide", many),
      of("a:b:long", long),
      of("named", { [`n${"n".repeat(2_000)}`]: "1" }),
    ]) {
      const body = compressSnappy(writeRemoteWrite([series]));
      const headers = { "content-type": "application/x-protobuf", "content-encoding": "snappy" };
      expect((await get("/api/v1/write", { method: "POST", body, headers })).status).toBe(400);
    }
    for (const rest of ["", "fine 1\n"]) {
      const body = `clicks{id="${long.a}"} 1\n${rest}`;
      await get("/ingest?job=shop", { method: "POST", body });
    }
    const { data } = await json("/api/v1/status/tsdb");
    const hits = data.limitHits.map(({ limit, metric, count }: Answer) => [limit, metric, count]);
    expect(hits).toEqual([
      ["labelValueBytesMax", "clicks", 2],
      ["labelNameBytesMax", "named", 1],
      ["labelValueBytesMax", "a:b:long", 1],
      ["labelsPerSeriesMax", "wide", 1],
    ]);
    expect(data.limitHits[0]).toMatchObject({
      source: expect.stringMatching(/^ingest:/),
      example: expect.stringMatching(/^clicks: the value of label id is longer than/),
    });
  });

  it("tells what came and went by metric, label and value", async () => {
    const path = "/api/ops/v1/cardinality";
    const byMetric = await json(`${path}?match[]=reqs_total`);
    expect(byMetric).toMatchObject({ rowCount: 1, total: { series: 2, createdHour: 2 } });
    expect(byMetric.rows).toMatchObject([{ name: "reqs_total", series: 2, seriesDayAgo: 0 }]);
    const byValue = await json(`${path}?by=value&match[]=reqs_total&order=growth&limit=1`);
    expect(byValue).toMatchObject({
      rowCount: 3,
      rows: [{ name: "__name__", value: "reqs_total" }],
    });
    const wrong = await json(`${path}?by=x`);
    expect(wrong.message).toBe(`invalid parameter "by": "x" is none of metric, label, value`);
    expect((await json(`${path}?match[]=foo{`)).message).toMatch(/^invalid parameter "match\[\]"/);
  });

  it("is among the hub's own metrics, with its histograms", async () => {
    const text = await (await get("/metrics")).text();
    for (const line of [
      'hms_ops_store_limit_hits_total{limit="seriesPerMetricMax"} 0',
      'hms_ops_store_wal_sync_seconds_bucket{le="+Inf"}',
      'hms_ops_store_commit_rows_bucket{le="10.0"}',
      "hms_ops_store_wal_segments 1",
      "hms_ops_disk_free_bytes",
      'hms_ops_threads{kind="query"}',
    ]) {
      expect(text).toContain(line);
    }
    const { data } = await json("/api/v1/metadata?metric=hms_ops_store_wal_segments");
    expect(data.hms_ops_store_wal_segments).toMatchObject([{ type: "gauge" }]);
  });

  it("tells how the start was, and how the disk will be", async () => {
    expect(await json("/api/ops/v1/store")).toMatchObject({
      start: { damagedStretches: 0 },
      damaged: [],
      disk: { fullAtMs: null },
    });
    expect((await json("/api/v1/status/walreplay")).data).toMatchObject({ state: "done" });
  });
});

describe("snapshot", () => {
  // The last one: it empties the head that others look at.
  it("refuses a skip_head that is no boolean, as Prometheus does", async () => {
    const path = "/api/v1/admin/tsdb/snapshot";
    const refused = await get(`${path}?skip_head=foo`, { method: "POST" });
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      {
        errorType: "bad_data",
        error:
          'invalid parameter "skip_head": unable to parse boolean: strconv.ParseBool: parsing "foo": invalid syntax',
      },
    ]);
    const taken = await get(`${path}?skip_head=true`, { method: "POST" });
    expect([taken.status, await taken.json()]).toMatchObject([200, { status: "success" }]);
  });
});
