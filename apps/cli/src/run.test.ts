import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "./exit-codes.ts";
import { runWords } from "./run.test.tools.ts";
import { COMMANDS } from "./table.ts";

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

const folder = mkdtempSync(join(tmpdir(), "hms-ops-cli-"));
const answers = new Map<string, Answer>();
const received: { method: string; path: string; body: string }[] = [];
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const path = request.url?.split("?")[0] ?? "";
      received.push({ method: request.method ?? "", path: request.url ?? "", body });
      const answer = answers.get(path) ?? {
        status: 404,
        body: { code: "OPS-1600", message: "no" },
      };
      response.statusCode = answer.status ?? 200;
      response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  answers.clear();
  received.length = 0;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...words: string[]) {
  return runWords(words, { HMS_OPS_URL: url });
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const vector = (value: string) => ({
  status: "success",
  data: {
    resultType: "vector",
    result: [{ metric: { __name__: "up", job: "a" }, value: [60, value] }],
  },
});

describe("help", () => {
  it("lists every command, and shows examples first for each", async () => {
    const { out } = await run("help");
    for (const { name } of COMMANDS) {
      expect(out).toContain(name);
      const one = await run(...name.split(" "), "--help");
      expect(one.code).toBe(EXIT.ok);
      expect(one.out).toMatch(/^Examples:\n {2}\S*.*hms-ops/);
    }
  });

  it("names commands as they are typed here, and leaves data alone", async () => {
    const here = { HMS_OPS_URL: url, HMS_OPS_COMMAND: "npx hms-ops" };
    expect((await runWords(["help"], here)).out).toContain("\n  npx hms-ops up --demo\n");
    const { out } = await runWords(["query", "--help"], here);
    expect(out).toContain("Usage: npx hms-ops query 'EXPR'");
    expect((await runWords(["query"], here)).said).toContain("  npx hms-ops query --help");
    const labels = { status: "success", data: ["hms-ops up"] };
    answers.set("/api/v1/label/job/values", { body: labels });
    expect((await runWords(["labels", "job"], here)).out).toBe("hms-ops up\n");
  });

  it("guesses what was meant, with exit code 2", async () => {
    expect(await run("qeury")).toMatchObject({
      code: EXIT.usage,
      said: expect.stringContaining("hms-ops query"),
    });
    const unload = await run("rules", "unload", "a.yml");
    expect(unload.said).toContain("hms-ops rules lists the commands");
    const flag = await run("alerts", "--chek");
    expect(flag).toMatchObject({ code: EXIT.usage, said: expect.stringContaining("--check") });
    expect((await run("query")).code).toBe(EXIT.usage);
    const output = await run("alerts", "-o", "csv");
    expect(output.code).toBe(EXIT.usage);
    expect(output.said).toContain("-o csv is not known: table, json (OPS-1702)");
  });
});

describe("query", () => {
  it("prints a table, JSON or CSV", async () => {
    answers.set("/api/v1/query", { body: vector("1.5") });
    expect((await run("query", "up")).out).toMatch(/up\{job="a"\} {2}1970-01-01T00:01:00Z {2}1\.5/);
    const json = JSON.parse((await run("query", "up", "-o", "json")).out);
    expect(json).toMatchObject({ schema: 1, kind: "vector", rows: [{ value: "1.5" }] });
    const csv = await run("query", "up", "-o", "csv");
    expect(csv.out).toBe('series,time,value\n"up{job=""a""}",1970-01-01T00:01:00Z,1.5\n');
  });

  it("asks with short forms understood, for a range too", async () => {
    answers.set("/api/v1/query_range", {
      body: { status: "success", data: { resultType: "matrix", result: [] } },
    });
    expect((await run("query", "x_p95", "--since", "1h", "--step", "30s")).code).toBe(EXIT.ok);
    expect(received[0]?.body).toMatch(/step=30&short_forms=true/);
    expect((await run("query", "x", "--since", "soon")).code).toBe(EXIT.usage);
  });

  it("tells what the hub refused, and what cannot be reached", async () => {
    answers.set("/api/v1/query", {
      status: 400,
      body: { status: "error", errorType: "bad_data", error: "1:2: parse error" },
    });
    expect(await run("query", "(")).toMatchObject({
      code: EXIT.failure,
      said: expect.stringContaining("1:2: parse error"),
    });
    expect((await run("query", "up", "--url", "http://127.0.0.1:1")).code).toBe(EXIT.unreachable);
    answers.set("/api/v1/query", { status: 401, body: { code: "OPS-1601", message: "token" } });
    expect((await run("query", "up")).code).toBe(EXIT.notAllowed);
  });
});

describe("alerts and rules", () => {
  it("exits with 3 when something fires and --check asks", async () => {
    const alert = {
      labels: { alertname: "A" },
      annotations: {},
      state: "firing",
      activeAt: "2026-01-01T00:00:00Z",
      firedAt: new Date(Date.now() - 7_230_000).toISOString(),
      value: "1e+00",
    };
    answers.set("/api/v1/alerts", { body: { status: "success", data: { alerts: [alert] } } });
    expect(await run("alerts", "--check")).toMatchObject({
      code: EXIT.findings,
      out: expect.stringMatching(/A +firing +2 h/),
    });
    expect((await run("alerts")).code).toBe(EXIT.ok);
    const endless = { ...alert, value: "+Inf" };
    answers.set("/api/v1/alerts", { body: { status: "success", data: { alerts: [endless] } } });
    expect((await run("alerts")).out).toMatch(/ \+Inf$/m);
    expect(JSON.parse((await run("alerts", "-o", "json")).out).alerts[0].value).toBe("+Inf");
  });

  it("checks files without a hub, with places", async () => {
    const good = file("good.yml", "alert: A\nexpr: up == 0\nlabels: {severity: critical}\n");
    expect((await run("rules", "check", good)).out).toContain("1 file, 1 rule, 1 problem\n");
    const bad = file("bad.yml", "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: 'up ='\n");
    const found = await run("rules", "check", bad);
    expect(found.code).toBe(EXIT.failure);
    expect(found.said).toMatch(/bad\.yml:5:\d+: error/);
    const none = join(folder, "none.yml");
    expect(await run("rules", "check", none)).toMatchObject({
      code: EXIT.failure,
      said: expect.stringContaining(`cannot read ${none}: no such file or directory (OPS-1703)\n`),
    });
  });

  it("checks and loads the rule files of a folder", async () => {
    const rules = join(folder, "rules");
    mkdirSync(join(rules, "empty"), { recursive: true });
    for (const name of ["b.yaml", "a.yml"]) {
      file(join("rules", name), `alert: ${name[0]}\nexpr: up == 0\nlabels: {severity: critical}\n`);
    }
    file("rules/notes.txt", "no rules");
    expect((await run("rules", "check", rules)).out).toBe("2 files, 2 rules, 2 problems\n");
    const report = { ok: true, added: ["a"], changed: [], removed: [], unchanged: 0, problems: [] };
    answers.set("/api/ops/v1/rules", { body: report });
    await run("rules", "load", rules);
    expect(received.map(({ body }) => JSON.parse(body).file)).toEqual(["a.yml", "b.yaml"]);
    const empty = await run("rules", "check", join(rules, "empty"));
    expect(empty.said).toContain("empty: the folder holds no *.yml and no *.yaml");
  });

  it("loads a file into the hub and reports", async () => {
    const report = { ok: true, added: ["A"], changed: [], removed: [], unchanged: 2, problems: [] };
    answers.set("/api/ops/v1/rules", { body: report });
    const loaded = await run("rules", "load", file("a.yml", "alert: A\nexpr: up\n"));
    expect(loaded.out).toContain("added A; 2 unchanged");
    expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({ file: "a.yml" });
    answers.set("/api/ops/v1/rules/reload", { body: { ...report, ok: false } });
    expect((await run("reload-alerts")).code).toBe(EXIT.findings);
  });

  it("lists one's own rules before those that ship, and says what those are", async () => {
    const rule = { state: "inactive", health: "ok", dialect: "prometheus", expr: "up\n  > 1" };
    const shipped = { ...rule, name: "Ours", origin: "shipped/a.yaml" };
    const own = { ...rule, name: "job:up", origin: "alerts/b.yml", state: null };
    answers.set("/api/ops/v1/rules", { body: { rules: [shipped, own] } });
    const { out, said } = await run("rules", "list");
    expect(out.split("\n").map((line) => line.split(/ {2,}/).join("|"))).toEqual([
      "rule|state|health|origin|dialect|expression",
      "job:up|records|ok|alerts/b.yml|prometheus|up > 1",
      "Ours|inactive|ok|shipped/a.yaml|prometheus|up > 1",
      "",
    ]);
    expect(said).toContain("shipped/ come with HMS-OPS");
    answers.set("/api/ops/v1/rules", { body: { rules: [own] } });
    expect((await run("rules", "list")).said).toBe("");
  });

  it("removes a file from the hub by its path or as the list shows it", async () => {
    const report = { ok: true, added: [], changed: [], removed: ["A"], unchanged: 2, problems: [] };
    answers.set("/api/ops/v1/rules", { body: report });
    const { code, out } = await run("rules", "remove", "rules/a.yml", "uploaded: b.yml");
    expect(code).toBe(EXIT.ok);
    expect(out).toBe("a.yml: removed A; 2 unchanged\nb.yml: removed A; 2 unchanged\n");
    expect(received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "DELETE /api/ops/v1/rules?file=a.yml",
      "DELETE /api/ops/v1/rules?file=b.yml",
    ]);
    const refusal = { code: "OPS-1428", message: "No rule file c.yml is stored in the hub." };
    answers.set("/api/ops/v1/rules", { status: 404, body: refusal });
    expect((await run("rules", "remove", "c.yml")).code).toBe(EXIT.notFound);
  });
});

describe("the address of the hub", () => {
  it("is mended where it has no scheme, and never taken for a hub that is away", async () => {
    const told = [
      ["localhost:9090", "write http://localhost:9090"],
      ["foo", "write http://foo:9090"],
      ["//ops.local:9091/", "write http://ops.local:9091"],
      ["[::1]:9090", "write http://[::1]:9090"],
      ["ftp://foo", "write it as http://127.0.0.1:9090"],
      ["http://", "write it as http://127.0.0.1:9090"],
    ] as const;
    for (const [given, mend] of told) {
      const { code, said } = await run("query", "up", "--url", given);
      expect(code).toBe(EXIT.usage);
      expect(said).toContain(`--url ${given} is no address of a hub: ${mend} (OPS-1702)`);
    }
    const variable = await runWords(["status"], { HMS_OPS_URL: "localhost:9090" });
    expect(variable.said).toContain("HMS_OPS_URL localhost:9090 is no address of a hub");
    const flags = ["--once", "--scrape", `${url}/metrics`, "--hub", "localhost:9091"];
    expect((await run("collect", ...flags)).said).toContain("write http://localhost:9091");
  });
});

describe("collect", () => {
  it("scrapes once and pushes with the time of the scrape", async () => {
    answers.set("/metrics", { body: '# TYPE a counter\na{b="c d"} 1\nlate 2 1700000000000\n' });
    answers.set("/ingest", { body: "" });
    expect((await run("collect", "--once", "--scrape", `${url}/metrics`)).code).toBe(EXIT.ok);
    const pushed = received.find(({ path }) => path.startsWith("/ingest"));
    expect(pushed?.path).toContain("job=collect");
    expect(pushed?.body).toMatch(/a\{b="c d"\} 1 \d{13}\nlate 2 1700000000000/);
  });

  it("keeps what the hub did not take, and says so", async () => {
    answers.set("/metrics", { body: "a 1\n" });
    const away = await run(
      "collect",
      "--once",
      "--hub",
      "http://127.0.0.1:1",
      "--scrape",
      `${url}/metrics`,
    );
    expect(away).toMatchObject({ code: EXIT.failure, said: expect.stringContaining("kept") });
  });
});

describe("status, doctor, demo, labels, version", () => {
  const status = {
    hub: { name: "h", version: "1", pid: 1, startedAtMs: 0, dataDir: tmpdir(), url: "http://x" },
    nowMs: 60_000,
    ingest: {
      state: "healthy",
      reason: "",
      seriesCount: 3,
      samplesPerSecond: 1,
      lastSampleMs: 57_000,
      pulse: [],
    },
    alerts: { firing: 0, pending: 0, oldestCritical: null, steadySinceMs: 0 },
    demo: { faults: [{ name: "payments-slow", summary: "s", on: true }] },
    refusals: [],
  };

  it("says how the hub is", async () => {
    answers.set("/api/ops/v1/status", { body: status });
    const { out } = await run("status");
    expect(out).toContain("healthy");
    expect(out).toContain("last 3 s ago");
    expect((await run("demo", "status")).out).toMatch(/payments-slow +on/);
    expect((await run("demo", "fault")).code).toBe(EXIT.usage);
  });

  const replayed = (state: string) => ({
    body: { status: "success", data: { min: 3, max: 12, current: 5, state } },
  });
  const store = {
    nowMs: 60_000,
    seriesCount: 3,
    sampleCount: 9,
    start: {
      tookMs: 1_234,
      segments: 2,
      blocks: 1,
      samples: 5,
      tornTails: 0,
      damagedStretches: 0,
      orphanedRows: 0,
    },
    damaged: [],
    disk: {
      freeBytes: 50 * 2 ** 30,
      totalBytes: 100 * 2 ** 30,
      usedBytes: 2 ** 30,
      growthBytesPerDay: 2 ** 20,
      expectedBytes: 2 ** 30,
      fullAtMs: null,
    },
    limitHits: [],
  };
  const examine = async (changes: object) => {
    answers.set("/api/v1/status/walreplay", replayed("done"));
    answers.set("/api/ops/v1/status", { body: status });
    answers.set("/api/ops/v1/services", { body: { discovery: true, services: [] } });
    answers.set("/api/ops/v1/rules", { body: { rules: [] } });
    answers.set("/api/ops/v1/store", { body: { ...store, ...changes } });
    return await run("doctor");
  };

  it("tells how the store started, and how its disk will be", async () => {
    const { code, out } = await examine({});
    expect(code).toBe(EXIT.ok);
    expect(out).toContain("ok   start: last start took 1.2 s, read 1 blocks, 2 log segments");
    expect(out).toContain(
      "ok   disk: 50.0 GiB free (50 %), the store takes 1.0 GiB, grows 1.0 MiB",
    );
  });

  it("names damaged blocks, a disk that fills up, and who passed a limit", async () => {
    const hit = {
      limit: "seriesPerMetricMax",
      metric: "clicks",
      source: "remote-write",
      count: 7,
      lastMs: 30_000,
      example: 'clicks{id="1"}: the metric has as many as one may have',
    };
    const { code, out } = await examine({
      damaged: [{ name: "00000001-0-1", problem: "its checksum is wrong" }],
      disk: { ...store.disk, expectedBytes: 2 ** 40, fullAtMs: 60_000 + 5 * 86_400_000 },
      limitHits: [hit, { ...hit, metric: "old", lastMs: -9e9 }],
    });
    expect(code).toBe(EXIT.failure);
    expect(out).toContain("FAIL block 00000001-0-1: set aside: its checksum is wrong");
    expect(out).toContain("stop the hub, then: hms-ops tsdb repair DIR");
    expect(out).toMatch(/FAIL disk: .*full in 5 d/);
    expect(out).toMatch(/warn limit seriesPerMetricMax: 7 samples of clicks from remote-write/);
    expect(out).not.toContain("of old from");
  });

  it("names files that were not taken, with place and reason", async () => {
    const mend = "Correct the file.";
    const reason = "alerts/bad.yml:2:7: expr: unclosed left parenthesis";
    const refused = { body: { ...status, refusals: [{ part: "rules", reason, mend }] } };
    await examine({});
    answers.set("/api/ops/v1/status", refused);
    const { code, out } = await run("doctor");
    expect(code).toBe(EXIT.failure);
    expect(out).toContain(
      `FAIL rule files: not taken, what was good before holds: ${reason}\n    ${mend}\n`,
    );
    expect((await run("status")).out).toContain(`refused  rules: ${reason}\n`);
    const configuration = { part: "configuration", reason: "prom.yml:5:6: no", mend };
    answers.set("/api/ops/v1/status", { body: { ...status, refusals: [configuration] } });
    expect((await run("doctor")).out).toMatch(
      /FAIL configuration: .*prom\.yml:5:6: no\n {4}Correct the file\. Then: curl -X POST http.*reload\n/,
    );
  });

  it("says how far a start is, and asks nothing else then", async () => {
    answers.set("/api/v1/status/walreplay", replayed("in progress"));
    const { code, out } = await run("doctor");
    expect(code).toBe(EXIT.ok);
    expect(out).toContain("warn start: the hub reads its write-ahead log: segment 3 of 10");
    expect(received).toHaveLength(1);
  });

  it("finds what is wrong, with the cure, and exits with 1", async () => {
    answers.set("/api/v1/status/walreplay", replayed("done"));
    answers.set("/api/ops/v1/store", { body: store });
    answers.set("/api/ops/v1/status", { body: status });
    const service = {
      job: "j",
      instance: "i",
      url: "http://s/metrics",
      origin: "found",
      health: "down",
      lastScrapeMs: null,
      lastError: "refused",
      skippedLines: 0,
    };
    answers.set("/api/ops/v1/services", { body: { discovery: true, services: [service] } });
    answers.set("/api/ops/v1/rules", { body: { rules: [] } });
    const found = await run("doctor");
    expect(found.code).toBe(EXIT.failure);
    expect(found.out).toMatch(/FAIL j i: down.*refused\n {4}curl http:\/\/s\/metrics/);
    const json = JSON.parse((await run("doctor", "--json")).out);
    expect(json).toMatchObject({ ok: false });
    const refused = { ...service, instance: "http://i/m", url: "", lastError: "no address" };
    answers.set("/api/ops/v1/services", { body: { discovery: true, services: [refused] } });
    expect((await run("doctor")).out).toMatch(
      /FAIL j http:\/\/i\/m: down.*no address\n {4}correct it in scrape_configs, then: curl -X POST http.*\/-\/reload/,
    );
  });

  it("lists labels and tells its version", async () => {
    answers.set("/api/v1/label/job/values", { body: { status: "success", data: ["a", "b"] } });
    expect((await run("labels", "job")).out).toBe("a\nb\n");
    expect((await run("version")).out).toMatch(/^hms-ops \d/);
  });
});
