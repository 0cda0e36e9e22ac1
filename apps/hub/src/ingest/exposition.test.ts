import { gzipSync, zstdCompressSync } from "node:zlib";
import {
  formatLabels,
  labelsOf,
  type MetricStore,
  OpsError,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { openMemoryStore } from "@hms-ops/stores/memory";
import { compressSnappy } from "@hms-ops/wire/snappy";
import { expect, test } from "vitest";
import { DEFAULT_RELABEL_RULE } from "../config/relabel.ts";
import type { ExpositionOptions } from "../ports.ts";
import { ExpositionIngest, NamedSampleIngest, unpackBody } from "./index.ts";

const T0 = 1_700_000_000_000;
const TARGET = labelsOf({ instance: "127.0.0.1:8001", job: "irs" });

const OPTIONS: ExpositionOptions = {
  source: "irs 127.0.0.1:8001",
  timeMs: T0,
  honorTimestamps: true,
  honorLabels: false,
  targetLabels: TARGET,
  metricRelabel: [],
  sampleLimit: 0,
  trackStaleness: true,
  extra: [],
};

function setUp() {
  const store = openMemoryStore();
  const ingest = new ExpositionIngest(store);
  const accept = (body: string, options: Partial<ExpositionOptions> = {}) =>
    ingest.accept(new TextEncoder().encode(body), { ...OPTIONS, ...options });
  return { store, ingest, accept };
}

/** Every series as `labels: offset=value …`, offsets in seconds from T0, `stale` for markers. */
async function contents(store: MetricStore): Promise<readonly string[]> {
  const range = { fromMs: 0, toMs: T0 * 2 };
  const snapshot = await store.snapshot({ matchers: [], range, budget: UNLIMITED_BUDGET });
  const lines: string[] = [];
  for await (const batch of snapshot.read(range)) {
    for (let k = 0; k < batch.count; k++) {
      const rows: string[] = [];
      for (let row = batch.offsets[k]!; row < batch.offsets[k + 1]!; row++) {
        const value = batch.stale[row] === 1 ? "stale" : batch.values[row];
        rows.push(`${(batch.timesMs[row]! - T0) / 1_000}=${value}`);
      }
      lines.push(`${formatLabels(snapshot.series[batch.first + k]!)}: ${rows.join(" ")}`);
    }
  }
  snapshot.close();
  return lines.sort();
}

async function codeOf(run: Promise<unknown>): Promise<string> {
  return await run.then(
    () => "accepted",
    (error: unknown) => (error instanceof OpsError ? error.code : String(error)),
  );
}

test("a body's samples get the target's labels; what it had itself is kept as exported_…", async () => {
  const { store, accept } = setUp();
  await accept('up{job="mine",exported_job="x"} 1\n');
  expect(await contents(store)).toEqual([
    'up{exported_exported_job="mine", exported_job="x", instance="127.0.0.1:8001", job="irs"}: 0=1',
  ]);
});

test("honoured labels stay and the target's fill the gaps", async () => {
  const { store, accept } = setUp();
  await accept('up{job="mine"} 1\n', { honorLabels: true });
  expect(await contents(store)).toEqual(['up{instance="127.0.0.1:8001", job="mine"}: 0=1']);
});

test("a series that the next body lacks is marked stale, once", async () => {
  const { store, accept } = setUp();
  const bare = { targetLabels: [] };
  expect(await accept("a 1\nb 2\n", bare)).toMatchObject({ seriesAdded: 2, samplesScraped: 2 });
  expect(await accept("a 1\nb 2\n", { ...bare, timeMs: T0 + 15_000 })).toMatchObject({
    seriesAdded: 0,
  });
  expect(await accept("a 3\nc 4\n", { ...bare, timeMs: T0 + 30_000 })).toMatchObject({
    seriesAdded: 1,
  });
  await accept("a 3\nc 4\n", { ...bare, timeMs: T0 + 45_000 });
  expect(await contents(store)).toEqual([
    "a: 0=1 15=1 30=3 45=3",
    "b: 0=2 15=2 30=stale",
    "c: 30=4 45=4",
  ]);
});

test("another spelling of the same labels is the same series, not a new one", async () => {
  const { store, accept } = setUp();
  const bare = { targetLabels: [] };
  await accept('a{x="1",y="2"} 1\n', bare);
  await accept('a{y="2", x="1"} 2\n', { ...bare, timeMs: T0 + 15_000 });
  expect(await contents(store)).toEqual(['a{x="1", y="2"}: 0=1 15=2']);
});

test("series with times of their own are exempt from staleness", async () => {
  const { store, accept } = setUp();
  const bare = { targetLabels: [] };
  await accept(`a 1\nb 2 ${T0 - 1_000}\n`, bare);
  await accept("", { ...bare, timeMs: T0 + 15_000 });
  expect(await contents(store)).toEqual(["a: 0=1 15=stale", "b: -1=2"]);
});

test("a source that ends marks all it had, and its next body starts afresh", async () => {
  const { store, ingest, accept } = setUp();
  const bare = { targetLabels: [] };
  await accept("a 1\n", bare);
  const up = { labels: labelsOf({ __name__: "up" }), timeMs: T0 + 15_000, value: 0 };
  await ingest.endSource(OPTIONS.source, T0 + 15_000, [up]);
  await ingest.endSource(OPTIONS.source, T0 + 30_000, [{ ...up, timeMs: T0 + 30_000 }]);
  await accept("a 2\n", { ...bare, timeMs: T0 + 45_000 });
  expect(await contents(store)).toEqual(["a: 0=1 15=stale 45=2", "up: 15=0 30=0"]);
});

test("changed target labels end the series of the old ones", async () => {
  const { store, accept } = setUp();
  await accept("a 1\n", { targetLabels: labelsOf({ zone: "east" }) });
  await accept("a 1\n", { targetLabels: labelsOf({ zone: "west" }), timeMs: T0 + 15_000 });
  expect(await contents(store)).toEqual(['a{zone="east"}: 0=1 15=stale', 'a{zone="west"}: 15=1']);
});

test("extra samples and the counts of the scrape are stored beside the body", async () => {
  const { store, accept } = setUp();
  const up = { labels: labelsOf({ __name__: "up", job: "irs" }), timeMs: T0, value: 1 };
  const rule = { ...DEFAULT_RELABEL_RULE, sourceLabels: ["__name__"], regex: "noise.*" };
  const options = {
    targetLabels: labelsOf({ job: "irs" }),
    metricRelabel: [{ ...rule, action: "drop" as const }],
    extra: [up],
    reportCounts: true,
  };
  await accept("a 1\nnoise_1 2\nnoise_2 3\n", options);
  const second = await accept("a 1\nnoise_1 2\nnoise_2 3\n", { ...options, timeMs: T0 + 15_000 });
  expect(second).toMatchObject({ samplesScraped: 3, samplesAfterRelabel: 1, seriesAdded: 0 });
  expect(await contents(store)).toEqual([
    'a{job="irs"}: 0=1 15=1',
    'scrape_samples_post_metric_relabeling{job="irs"}: 0=1 15=1',
    'scrape_samples_scraped{job="irs"}: 0=3 15=3',
    'scrape_series_added{job="irs"}: 0=1 15=0',
    'up{job="irs"}: 0=1',
  ]);
});

test("a series that stands twice keeps its last value and is counted", async () => {
  const { store, accept } = setUp();
  const bare = { targetLabels: [] };
  const first = await accept("a 1\nb 1\na 2\n", bare);
  expect(first).toMatchObject({ skippedLines: 1 });
  expect(first.firstProblem).toContain("stand twice");
  await accept("a 3\na 4\nb 1\n", { ...bare, timeMs: T0 + 15_000 });
  expect(await contents(store)).toEqual(["a: 0=2 15=4", "b: 0=1 15=1"]);
});

test("bad lines are skipped and told; a body of bad lines alone is refused", async () => {
  const { store, accept } = setUp();
  const outcome = await accept("good 1\nlatency_ms [12.5, 13.0]\n", { targetLabels: [] });
  expect(outcome).toMatchObject({ samplesScraped: 1, skippedLines: 1 });
  expect(outcome.firstProblem).toBe("line 2: latency_ms: [12.5, 13.0] is not a number");
  expect(await codeOf(accept("<!doctype html>\n<p>hello</p>\n"))).toBe("OPS-1625");
  expect(await contents(store)).toEqual(["good: 0=1"]);
});

test("beyond a limit nothing is stored", async () => {
  const { store, accept } = setUp();
  const labelLimits = { count: 2, nameLength: 8, valueLength: 5 };
  const bare = { targetLabels: [] };
  expect(await codeOf(accept("a 1\nb 2\n", { ...bare, sampleLimit: 1 }))).toBe("OPS-1640");
  for (const bad of ['a{x="1",y="2"} 1', 'a{long_name="1"} 1', 'a{x="123456"} 1']) {
    expect(await codeOf(accept(`${bad}\n`, { ...bare, labelLimits }))).toBe("OPS-1641");
  }
  expect(await codeOf(accept("a 1\n", { format: "openmetrics" }))).toBe("OPS-1642");
  expect(await contents(store)).toEqual([]);
});

test("type, help and unit are kept by family", async () => {
  const { ingest, accept } = setUp();
  await accept("# HELP a Counts.\n# TYPE a counter\na 1\n");
  expect(ingest.metadata().get("a")).toEqual({ type: "counter", help: "Counts.", unit: "" });
});

test("the hub's own samples are stored with their labels", async () => {
  const { store } = setUp();
  const ingest = new NamedSampleIngest(store);
  const labels = labelsOf({ __name__: "ALERTS", alertname: "x" });
  await ingest.accept([{ labels, timeMs: T0, value: 1 }]);
  await ingest.accept([{ labels, timeMs: T0 + 15_000, value: 0, stale: true }]);
  expect(await contents(store)).toEqual(['ALERTS{alertname="x"}: 0=1 15=stale']);
});

test("a body that comes packed is unpacked where it is read, within its bound", async () => {
  const { store, ingest } = setUp();
  const body = gzipSync("a 1\nb 2\n");
  const packed = { encoding: "gzip", maxBytes: 8 } as const;
  const outcome = await ingest.accept(body, { ...OPTIONS, packed });
  expect(outcome).toMatchObject({ samplesScraped: 2, skippedLines: 0 });
  const before = await contents(store);
  const later = { ...OPTIONS, timeMs: T0 + 15_000 };
  const small = { ...packed, maxBytes: 7 };
  expect(await codeOf(ingest.accept(body, { ...later, packed: small }))).toBe("OPS-1600");
  const damaged = body.with(12, body[12]! ^ 255);
  expect(await codeOf(ingest.accept(damaged, { ...later, packed }))).toBe("OPS-1613");
  expect(await codeOf(ingest.accept(new Uint8Array(3), { ...later, packed }))).toBe("OPS-1613");
  expect(await contents(store)).toEqual(before);
});

test("what gzip says of its size need not be true", async () => {
  const { ingest } = setUp();
  const text = "a 1\n".repeat(3_000);
  const packed = { encoding: "gzip", maxBytes: 100_000 } as const;
  for (const said of [0, 1, 11_999, 0xffff_ffff]) {
    const two = Buffer.concat([gzipSync(text), gzipSync(`b 1\n${text}`)]);
    const first = gzipSync(text).length;
    const whole = await ingest.accept(two, { ...OPTIONS, packed });
    expect(whole.samplesScraped).toBe(6_001);
    const lying = new Uint8Array(two.subarray(0, first));
    new DataView(lying.buffer).setUint32(first - 4, said, true);
    expect(await codeOf(ingest.accept(lying, { ...OPTIONS, packed }))).toBe("OPS-1613");
  }
});

test("bodies are unpacked within their bound", async () => {
  const text = new TextEncoder().encode("a 1\n".repeat(10_000));
  const origin = { method: "POST", path: "/ingest" };
  const unpack = (bytes: Uint8Array, encoding: string | undefined, maxBytes = 100_000) =>
    unpackBody(new Uint8Array(bytes), encoding, maxBytes, origin);
  expect(await unpack(text, undefined)).toEqual(text);
  expect(await unpack(gzipSync(text), "gzip")).toEqual(text);
  expect(await unpack(zstdCompressSync(text), " ZSTD ")).toEqual(text);
  expect(await unpack(compressSnappy(text), "snappy")).toEqual(text);
  expect(await codeOf(unpack(gzipSync(text), "gzip", 1_000))).toBe("OPS-1600");
  expect(await codeOf(unpack(text, "identity", 1_000))).toBe("OPS-1600");
  expect(await codeOf(unpack(text, "gzip"))).toBe("OPS-1613");
  expect(await codeOf(unpack(text, "br"))).toBe("OPS-1615");
});
