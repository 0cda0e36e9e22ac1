import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { labelsOf, type NativeHistogram } from "@hms-ops/model";
import type { RemoteWriteSeries } from "@hms-ops/wire/remote-write";
import { afterEach, describe, expect, it } from "vitest";
import { runHmsOps } from "./support/command-line.ts";
import {
  eventually,
  freshFolder,
  getData,
  type HubProcess,
  instant,
  removeFolder,
  startHub,
} from "./support/hub.ts";
import { remoteWrite } from "./support/remote-write.ts";

const PROMTOOL = "/usr/bin/promtool";
const PROMTOOL_MISSING = existsSync(PROMTOOL)
  ? ""
  : "apt-get install -y --no-install-recommends prometheus";
const NEEDS = PROMTOOL_MISSING && ` (needs ${PROMTOOL_MISSING})`;
const FIXTURES = fileURLToPath(new URL("fixtures", import.meta.url));

const folders: string[] = [];
const running: HubProcess[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((hub) => hub.stop()));
  for (const folder of folders.splice(0)) removeFolder(folder);
});

function newFolder(): string {
  const folder = freshFolder();
  folders.push(folder);
  return folder;
}

async function hubIn(folder: string): Promise<HubProcess> {
  const flags = ["--no-discovery", "--retention", "200y"];
  const hub = await startHub({ folder, flags });
  running.push(hub);
  return hub;
}

function promtool(folder: string, ...words: string[]): Promise<number> {
  return new Promise((resolve) => {
    execFile(PROMTOOL, words, { cwd: folder }, (error) => {
      resolve(error ? Number(error.code) : 0);
    });
  });
}

/** By file: whether promtool takes it. */
async function theirVerdicts(folder: string, files: readonly string[], ...command: string[]) {
  const verdicts = new Map<string, boolean>();
  for (const file of files) {
    verdicts.set(file, (await promtool(folder, ...command, file)) === 0);
  }
  return verdicts;
}

function filesOf(folder: string, pattern: RegExp): readonly string[] {
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort();
}

describe.skipIf(PROMTOOL_MISSING)(`rules beside promtool 2.42${NEEDS}`, () => {
  it("rule tests get its verdicts, but for what newer promtools read otherwise", async () => {
    const folder = join(FIXTURES, "rule-tests");
    const files = filesOf(folder, /^(pass|fail|newer)-.*\.yml$/);
    expect(files.length).toBeGreaterThan(48);
    const ran = await runHmsOps(folder, "rules", "test", ...files, "-o", "json");
    expect(ran.code).toBe(1);
    const tested: {
      files: { file: string; errors: string[]; tests: { failures: string[] }[] }[];
    } = JSON.parse(ran.out);
    const ours = new Map(
      tested.files.map(({ file, errors, tests }) => [
        file,
        errors.length === 0 && tests.every(({ failures }) => failures.length === 0),
      ]),
    );
    const theirs = await theirVerdicts(folder, files, "test", "rules");
    for (const file of files) {
      const isNewer = file.startsWith("newer-");
      expect([file, theirs.get(file)]).toEqual([file, file.startsWith("pass-")]);
      expect([file, ours.get(file)]).toEqual([file, isNewer || file.startsWith("pass-")]);
    }
  });

  it("rule tests exit as it does", async () => {
    const folder = join(FIXTURES, "rule-tests");
    for (const files of [
      ["pass-recorded.yml"],
      ["pass-recorded.yml", "fail-limit.yml"],
      ["there-is-none.yml"],
    ]) {
      const { code } = await runHmsOps(folder, "rules", "test", ...files);
      expect([files, code]).toEqual([files, await promtool(folder, "test", "rules", ...files)]);
    }
  });

  it("rule files are taken and refused as it does", async () => {
    const folder = join(FIXTURES, "rule-files");
    const files = filesOf(folder, /\.yml$/);
    expect(files.length).toBeGreaterThan(40);
    const ran = await runHmsOps(folder, "rules", "check", ...files, "-o", "json");
    expect(ran.code).toBe(1);
    const { problems }: { problems: { file: string; severity: string }[] } = JSON.parse(ran.out);
    const refused = new Set(
      problems.filter(({ severity }) => severity === "error").map(({ file }) => file),
    );
    const theirs = await theirVerdicts(folder, files, "check", "rules");
    for (const file of files) {
      const isNewer = file.startsWith("newer-");
      expect([file, theirs.get(file)]).toEqual([file, file.startsWith("good-")]);
      expect([file, !refused.has(file)]).toEqual([file, isNewer || file.startsWith("good-")]);
    }
    const good = await runHmsOps(folder, "rules", "check", "good-alert.yml");
    expect(good.code).toBe(0);
  });

  it("what the hub tells of its rules, it takes as a rule file", async () => {
    const hub = await hubIn(newFolder());
    const { groups } = await eventually(
      () => getData<{ groups: readonly ToldGroup[] }>(hub.url, "/api/v1/rules"),
      (told) => told.groups.length > 0,
    );
    const written = groups.map(({ name, interval, limit, rules }) => ({
      name,
      interval: `${interval}s`,
      limit,
      rules: rules.map((rule) => {
        const { query: expr, labels, annotations, duration = 0, keepFiringFor = 0 } = rule;
        if (rule.type === "recording") return { record: rule.name, expr, labels };
        const times = { for: `${duration}s`, keep_firing_for: `${keepFiringFor}s` };
        return { alert: rule.name, expr, ...times, labels, annotations };
      }),
    }));
    expect(written.flatMap(({ rules }) => rules).length).toBeGreaterThan(5);
    writeFileSync(join(hub.folder, "told.yml"), JSON.stringify({ groups: written }));
    expect(await promtool(hub.folder, "check", "rules", "told.yml")).toBe(0);
  });

  it("the past of rules can be made with it, from a hub", async () => {
    const hub = await hubIn(newFolder());
    await writeLoad(hub.url);
    writeFileSync(join(hub.folder, "rules.yml"), RULES);
    const words = ["--url", hub.url, "--start", seconds(0), "--end", seconds(HOUR_MS)];
    const command = ["tsdb", "create-blocks-from", "rules", ...words, "--output-dir", "blocks"];
    expect(await promtool(hub.folder, ...command, "rules.yml")).toBe(0);
    expect(readdirSync(join(hub.folder, "blocks")).length).toBeGreaterThan(0);
  });
});

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2025, 0, 1);
const RULES = `groups:
  - name: claims
    interval: 1m
    rules:
      - {record: 'service:claims:sum', expr: sum by (service) (claims_open)}
      - {record: 'claims:max', expr: max(service:claims:sum), labels: {tier: gold}}
      - {alert: TooMany, expr: claims:max > 10}
`;
const WAITS_RULE = `groups:
  - name: waits
    interval: 1m
    rules:
      - {record: 'waits:sum', expr: sum(waits)}
`;

function seconds(sinceMs: number): string {
  return String((START_MS + sinceMs) / 1_000);
}

function waits(count: number): NativeHistogram {
  return {
    isInteger: true,
    resetHint: "unknown",
    schema: 2,
    zeroThreshold: 0.001,
    zeroCount: 1,
    count: count + 1,
    sum: count * 2.5,
    positive: { spans: [{ offset: 3, length: 1 }], counts: Float64Array.of(count) },
    negative: { spans: [], counts: new Float64Array(0) },
    customBounds: new Float64Array(0),
  };
}

/** An hour at 15 s; one of two services ends in the middle. */
async function writeLoad(url: string, histograms = false): Promise<void> {
  const times = Array.from({ length: 241 }, (_, i) => START_MS + i * 15_000);
  const claims = (service: string, count: number): RemoteWriteSeries => ({
    labels: labelsOf({ __name__: "claims_open", service, office: "a" }),
    timesMs: [...times.slice(0, count), ...(count < 241 ? [times[count] ?? 0] : [])],
    values: [...times.slice(0, count).map((_, i) => i), ...(count < 241 ? [Number.NaN] : [])],
    stale: [...times.slice(0, count).map(() => 0), ...(count < 241 ? [1] : [])],
  });
  const series = [claims("ssn", 241), claims("snap", 120)];
  if (histograms) {
    series.push({
      labels: labelsOf({ __name__: "waits", office: "a" }),
      timesMs: [],
      values: [],
      histograms: times.map((timeMs, i) => ({ timeMs, histogram: waits(i) })),
    });
  }
  await remoteWrite(url, series);
}

interface ToldGroup {
  readonly name: string;
  readonly interval: number;
  readonly limit: number;
  readonly rules: readonly {
    readonly type: "alerting" | "recording";
    readonly name: string;
    readonly query: string;
    readonly duration?: number;
    readonly keepFiringFor?: number;
    readonly labels: Record<string, string>;
    readonly annotations?: Record<string, string>;
  }[];
}

interface Matrix {
  readonly result: readonly {
    readonly metric: Record<string, string>;
    readonly values: readonly (readonly [number, string])[];
    readonly histograms?: readonly (readonly [number, { readonly count: string }])[];
  }[];
}

/** The samples of a series as they are stored. */
function stored(url: string, selector: string, atMs: number, range = "2h"): Promise<Matrix> {
  const query = encodeURIComponent(`${selector}[${range}]`);
  return getData(url, `/api/v1/query?query=${query}&time=${seconds(atMs)}`);
}

describe("back-fill of recording rules", () => {
  it("into a running hub: in order, with ends, and again without a change", async () => {
    const hub = await hubIn(newFolder());
    await writeLoad(hub.url);
    writeFileSync(join(hub.folder, "rules.yml"), RULES);
    const range = ["--start", seconds(0), "--end", seconds(HOUR_MS)];
    const words = ["rules", "backfill", "rules.yml", ...range, "--url", hub.url];
    const ran = await runHmsOps(hub.folder, ...words);
    expect(ran).toMatchObject({
      code: 0,
      out: expect.stringContaining("2 recording rules: "),
      said: "",
    });
    expect(ran.out).toContain("1 alerting rules were not evaluated");
    const sums = await stored(hub.url, "service:claims:sum", HOUR_MS);
    const ssn = sums.result.find(({ metric }) => metric.service === "ssn");
    const snap = sums.result.find(({ metric }) => metric.service === "snap");
    expect([ssn?.values.length, snap?.values.length]).toEqual([60, 30]);
    for (const [time, value] of ssn?.values ?? []) {
      expect(Number(value)).toBe(Math.floor((time * 1_000 - START_MS) / 15_000));
    }
    const gone = await getData<Matrix>(
      hub.url,
      `/api/v1/query?query=service:claims:sum&time=${seconds(32 * 60_000)}`,
    );
    expect(gone.result.map(({ metric }) => metric.service)).toEqual(["ssn"]);
    const highest = await stored(hub.url, "claims:max", HOUR_MS);
    expect(highest.result[0]?.metric).toEqual({ __name__: "claims:max", tier: "gold" });
    expect(highest.result[0]?.values).toEqual(ssn?.values);
    const again = await runHmsOps(hub.folder, ...words);
    expect([again.code, again.out]).toEqual([0, ran.out]);
    expect(await stored(hub.url, "claims:max", HOUR_MS)).toEqual(highest);
  });

  it("into a stopped folder: the hub then answers as for what it recorded", async () => {
    const folder = newFolder();
    const first = await hubIn(folder);
    await writeLoad(first.url, true);
    await first.stop();
    writeFileSync(join(folder, "rules.yml"), WAITS_RULE);
    const range = ["--start", seconds(0), "--end", seconds(HOUR_MS)];
    const words = ["rules", "backfill", "rules.yml", ...range, "--into", "hms-ops-data"];
    const ran = await runHmsOps(folder, ...words);
    expect(ran).toMatchObject({ code: 0, out: "1 recording rules: 60 samples are there\n" });
    expect((await runHmsOps(folder, ...words)).out).toBe(ran.out);
    const hub = await hubIn(folder);
    const busy = await runHmsOps(folder, ...words);
    expect(busy).toMatchObject({ code: 1, said: expect.stringContaining("is in use by a hub") });
    const { result } = await stored(hub.url, "waits:sum", HOUR_MS);
    expect(result[0]?.histograms).toHaveLength(60);
    const printed = await runHmsOps(
      folder,
      "query",
      "waits:sum",
      "--at",
      seconds(HOUR_MS),
      "--url",
      hub.url,
    );
    expect(printed.out).toMatch(/^waits:sum .* count 238, sum 592\.5, average 2\.489$/m);
    expect(printed.out).toMatch(/^ {2}\(1\.414, 1\.682\] +237 {2}█{40}$/m);
    expect(printed.out).not.toContain("NaN");
  });
});

describe("recording rules of a running hub", () => {
  it("store native histograms whole", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "alerts"));
    const rules = WAITS_RULE.replace("interval: 1m", "interval: 1s");
    writeFileSync(join(folder, "alerts/waits.yml"), rules);
    const hub = await hubIn(folder);
    const nowMs = Date.now();
    const series = {
      labels: labelsOf({ __name__: "waits", office: "a" }),
      timesMs: [],
      values: [],
      histograms: [{ timeMs: nowMs, histogram: waits(7) }],
    };
    await remoteWrite(hub.url, [series]);
    const recorded = await eventually(
      () => instant(hub.url, "histogram_count(waits:sum)"),
      ({ result }) => result.length > 0,
    );
    expect(recorded.result[0]?.value[1]).toBe("8");
  });
});
