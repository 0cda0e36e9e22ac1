import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labelsOf, type NativeHistogram, type Random, seededRandom } from "@hms-ops/model";
import type { HistogramAt, RemoteWriteSeries } from "@hms-ops/wire/remote-write";
import { afterEach, describe, expect, it } from "vitest";
import { runHmsOps, runHmsOpsWith } from "./support/command-line.ts";
import { SEED } from "./support/figures.ts";
import {
  freshFolder,
  getData,
  type HubProcess,
  instant,
  removeFolder,
  startHub,
} from "./support/hub.ts";
import { PROMETHEUS_MISSING, startPrometheus } from "./support/prometheus-peer.ts";
import { makeSeries } from "./support/query-data.ts";
import { remoteWrite } from "./support/remote-write.ts";

const START_MS = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;
const INTERVAL_MS = 15_000;

const folders: string[] = [];
const running: { stop(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  for (const folder of folders.splice(0)) removeFolder(folder);
});

function newFolder(): string {
  const folder = freshFolder();
  folders.push(folder);
  return folder;
}

async function hubIn(folder: string, ...flags: string[]): Promise<HubProcess> {
  const hub = await startHub({ folder, flags: ["--no-discovery", ...flags] });
  running.push(hub);
  return hub;
}

/** Integer and float histograms, with a reset, a change of resolution, and staleness. */
function histogramSeries(random: Random): RemoteWriteSeries[] {
  return [true, false].map((isInteger) => {
    let counts = [0, 0, 0];
    const rows: HistogramAt[] = Array.from({ length: 200 }, (_, i) => {
      const timeMs = START_MS + i * INTERVAL_MS;
      if (i === 150) return { timeMs, histogram: "stale" };
      if (i === 90) counts = [0, 0, 0];
      counts = counts.map((count) => count + random.below(20) + (isInteger ? 0 : 0.5));
      return { timeMs, histogram: histogramOf(counts, isInteger, i < 120 ? 3 : 2) };
    });
    const name = isInteger ? "waits_integer" : "waits_float";
    const labels = labelsOf({ __name__: name, job: "ach" });
    return { labels, timesMs: [], values: [], histograms: rows };
  });
}

function histogramOf(
  counts: readonly number[],
  isInteger: boolean,
  schema: number,
): NativeHistogram {
  return {
    isInteger,
    resetHint: "unknown",
    schema,
    zeroThreshold: 0.001,
    zeroCount: counts[0] ?? 0,
    count: counts.reduce((sum, count) => sum + count, 0),
    sum: counts.reduce((sum, count, i) => sum + count * i * 0.3, 0),
    positive: { spans: [{ offset: -2, length: 2 }], counts: Float64Array.from(counts.slice(1)) },
    negative: { spans: [], counts: new Float64Array(0) },
    customBounds: new Float64Array(0),
  };
}

const RANGE = {
  start: String(START_MS / 1_000),
  end: String(START_MS / 1_000 + 3_900),
  step: "60",
};

/** Series of a range query, sorted: both servers' order is their own. */
async function range(url: string, query: string, times = RANGE): Promise<readonly unknown[]> {
  const parameters = new URLSearchParams({ query, ...times });
  const path = `/api/v1/query_range?${parameters}`;
  const { result } = await getData<{ result: { metric: object }[] }>(url, path);
  return result.sort((a, b) => (JSON.stringify(a.metric) < JSON.stringify(b.metric) ? -1 : 1));
}

const NEEDS = PROMETHEUS_MISSING && ` (needs ${PROMETHEUS_MISSING})`;

describe.skipIf(PROMETHEUS_MISSING)(`import from Prometheus${NEEDS}`, () => {
  it("blocks that a real server wrote answer as they did there, histograms too", async () => {
    const folder = newFolder();
    const prometheus = await startPrometheus({
      folder,
      flags: ["--enable-feature=native-histograms", "--web.enable-admin-api"],
    });
    const random = seededRandom(SEED);
    const plain = makeSeries(random, START_MS);
    await remoteWrite(prometheus.url, [...plain, ...histogramSeries(random)]);
    const admin = `${prometheus.url}/api/v1/admin/tsdb`;
    await fetch(`${admin}/snapshot`, { method: "POST" });
    const [name = ""] = readdirSync(join(folder, "data/snapshots"));
    const queries = [
      "load",
      "temperature",
      "sparse",
      "resets(resetting_total[10m])",
      "sum_over_time(sparse[7m])",
      "sum by (le) (latency_bucket)",
      "waits_integer",
      "waits_float",
    ];
    const theirs = await Promise.all(queries.map((query) => range(prometheus.url, query)));
    expect(theirs.map((result) => result.length > 0)).not.toContain(false);

    const home = newFolder();
    const snapshot = join(folder, "data/snapshots", name);
    const ran = await runHmsOps(home, "tsdb", "import", snapshot, "--into", "hms-ops-data");
    expect(ran).toMatchObject({ code: 0, out: expect.stringMatching(/^[\d,]+ samples are in/) });
    const again = await runHmsOps(home, "tsdb", "import", snapshot, "--into", "hms-ops-data");
    expect(again.out).toBe(ran.out);
    const hub = await hubIn(home);
    for (const [i, query] of queries.entries()) {
      expect(await range(hub.url, query), query).toEqual(theirs[i]);
    }
    await prometheus.stop();
  });

  it("blocks of promtool go into a running hub, which answers as a Prometheus on them", async () => {
    const folder = newFolder();
    const startS = Math.floor(START_MS / 1_000) - 86_400;
    const lines = Array.from({ length: 2_000 }, (_, i) => {
      const time = startS + Math.floor(i / 4) * 60;
      return `claims_total{office="${i % 4}"} ${i * 1.5} ${time}.5\n`;
    });
    writeFileSync(join(folder, "in.om"), `# TYPE claims counter\n${lines.join("")}# EOF\n`);
    const data = join(folder, "data");
    mkdirSync(data);
    const made = spawnSync("promtool", [
      ...["tsdb", "create-blocks-from", "openmetrics"],
      ...[join(folder, "in.om"), data],
    ]);
    expect(made.status, String(made.stderr)).toBe(0);
    const prometheus = await startPrometheus({ folder, flags: ["--web.enable-admin-api"] });
    running.push(prometheus);
    const home = newFolder();
    const hub = await hubIn(home);
    for (const from of [data, join(folder, "in.om")]) {
      const ran = await runHmsOps(home, "tsdb", "import", from, "--url", hub.url);
      expect(ran).toMatchObject({ code: 0, out: "2,000 samples are in the store\n" });
    }
    const times = { start: String(startS), end: String(startS + 31_000), step: "300" };
    const compare = async (url: string) => {
      for (const query of ["claims_total", "sum(avg_over_time(claims_total[10m]))"]) {
        const theirs = await range(prometheus.url, query, times);
        expect(theirs.length).toBeGreaterThan(0);
        expect(await range(url, query, times), query).toEqual(theirs);
      }
    };
    await compare(hub.url);

    const deleted = `match[]=claims_total{office="2"}&start=${startS + 3_000}&end=${startS + 20_000}`;
    const admin = `${prometheus.url}/api/v1/admin/tsdb`;
    await fetch(`${admin}/delete_series?${deleted}`, { method: "POST" });
    const other = newFolder();
    const ran = await runHmsOps(other, "tsdb", "import", data, "--into", "hms-ops-data");
    expect(ran.code).toBe(0);
    expect(ran.out).not.toBe("2,000 samples are in the store\n");
    await compare((await hubIn(other)).url);
  });
});

describe("moving and keeping a hub's samples", () => {
  it("what one hub exports another imports, and both answer alike", async () => {
    const random = seededRandom(SEED);
    const one = await hubIn(newFolder());
    await remoteWrite(one.url, [...makeSeries(random, START_MS), ...histogramSeries(random)]);
    const exported = await runHmsOps(
      one.folder,
      ...["tsdb", "export", "--match", '{job=~".+"}', "--out", "all.jsonl"],
    );
    expect(exported).toMatchObject({ code: 0 });
    const two = await hubIn(newFolder());
    const file = join(one.folder, "all.jsonl");
    const imported = await runHmsOps(two.folder, "tsdb", "import", file, "--url", two.url);
    expect(imported, imported.out).toMatchObject({ code: 0 });
    expect(readdirSync(join(one.folder, "hms-ops-data/tsdb/snapshots"))).toEqual([]);
    for (const query of ["load", "sparse", "increase(resetting_total[10m])", "waits_integer"]) {
      const theirs = await range(one.url, query);
      expect(theirs.length).toBeGreaterThan(0);
      expect(await range(two.url, query), query).toEqual(theirs);
    }
  });

  it("finds the store of the hub that the environment names, from any folder", async () => {
    const hub = await hubIn(newFolder());
    await remoteWrite(hub.url, makeSeries(seededRandom(SEED), START_MS));
    const elsewhere = newFolder();
    const tsdb = (...words: string[]) =>
      runHmsOpsWith({ HMS_OPS_URL: hub.url }, elsewhere, "tsdb", ...words);
    const data = join(hub.folder, "hms-ops-data");
    const told = expect.stringContaining(`The store of the hub at ${hub.url}: ${data}\n`);
    expect(await tsdb("inspect")).toMatchObject({ code: 0, said: told });
    expect(await tsdb("backup", "backups")).toMatchObject({ code: 0, said: told });
    expect(await runHmsOps(elsewhere, "tsdb", "verify", "backups")).toMatchObject({ code: 0 });
    const { code, out } = await tsdb("snapshot");
    expect([code, out]).toEqual([0, expect.stringContaining(join(data, "tsdb/snapshots"))]);
    const inside = await tsdb("backup", join(data, "backups"));
    expect(inside).toMatchObject({ code: 1, said: expect.stringContaining("OPS-1711") });
    expect(readdirSync(data)).not.toContain("backups");
  });

  it("a backup under load holds every sample that was acknowledged before it began", async () => {
    const home = newFolder();
    const hub = await hubIn(home);
    let acknowledged = 0;
    let isOver = false;
    const sender = (async () => {
      for (let i = 0; !isOver; i++) {
        const timesMs = Array.from({ length: 50 }, (_, k) => START_MS + i * 50 + k);
        const values = timesMs.map((_, k) => i * 50 + k);
        await remoteWrite(hub.url, [{ labels: labelsOf({ __name__: "sent" }), timesMs, values }]);
        acknowledged = (i + 1) * 50;
      }
    })();
    const backups: { before: number; folder: string }[] = [];
    for (let i = 0; i < 3; i++) {
      const before = acknowledged;
      const ran = await runHmsOps(home, "tsdb", "backup", "backups", "-o", "json");
      expect(ran, ran.said).toMatchObject({ code: 0 });
      const { folder, damaged } = JSON.parse(ran.out);
      expect(damaged).toEqual([]);
      backups.push({ before, folder });
    }
    isOver = true;
    await sender;
    expect(backups.at(-1)?.before).toBeGreaterThan(0);
    for (const [i, { before, folder }] of backups.entries()) {
      const target = newFolder();
      const data = join(target, "hms-ops-data");
      expect(await runHmsOps(target, "tsdb", "restore", folder, data)).toMatchObject({ code: 0 });
      expect(await runHmsOps(target, "tsdb", "verify", data)).toMatchObject({ code: 0 });
      const restored = await hubIn(target);
      const found = await instant(restored.url, "count_over_time(sent[2h])");
      const count = Number(found.result[0]?.value[1] ?? 0);
      expect(count, `backup ${i}`).toBeGreaterThanOrEqual(before);
      const last = await instant(restored.url, "max_over_time(sent[2h])");
      if (count > 0) expect(Number(last.result[0]?.value[1])).toBe(count - 1);
      await restored.stop();
    }
  });
});
