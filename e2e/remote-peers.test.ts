import {
  decodeHistogramChunk,
  decodeXorChunk,
  encodeHistogramChunk,
  encodeXorChunk,
} from "@hms-ops/wire/prometheus-chunks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seriesDifference } from "./support/compare-series.ts";
import { type HistogramExporter, startHistogramExporter } from "./support/histogram-exporter.ts";
import { eventually, getData, type HubProcess, removeFolder, startHub } from "./support/hub.ts";
import {
  PROMETHEUS_MISSING,
  type PrometheusPeer,
  startPrometheus,
} from "./support/prometheus-peer.ts";
import { remoteChunks, remoteRead } from "./support/remote-read.ts";

/** Long enough for some chunks of histograms, one of them begun by a reset. */
const SCRAPES = 12;
const RESET_AFTER = 5;

let hub: HubProcess;
let exporter: HistogramExporter;
/** Scrapes and writes to the hub. */
let writer: PrometheusPeer;
/** Has nothing of its own and reads from the hub. */
let reader: PrometheusPeer;
let range: { readonly fromMs: number; readonly toMs: number };

const scraped = [{ name: "job", operator: "=~", value: "self|waits" }] as const;

interface Matrix {
  readonly result: readonly unknown[];
}

function writerConfig(): string {
  return [
    "global: { scrape_interval: 1s }\n",
    "scrape_configs:\n",
    '  - { job_name: self, static_configs: [{ targets: ["$ADDRESS"] }] }\n',
    `  - { job_name: waits, static_configs: [{ targets: ["${exporter.address}"] }] }\n`,
    `remote_write:\n  - url: ${hub.url}/api/v1/write\n`,
    "    send_exemplars: true\n    send_native_histograms: true\n",
    "    queue_config: { batch_send_deadline: 500ms }\n",
    "    metadata_config: { send_interval: 1s }\n",
  ].join("");
}

beforeAll(async () => {
  if (PROMETHEUS_MISSING) return;
  [hub, exporter] = await Promise.all([startHub(), startHistogramExporter(RESET_AFTER)]);
  const fromMs = Date.now();
  const readerConfig = `remote_read:\n  - { url: ${hub.url}/api/v1/read, read_recent: true }\n`;
  [writer, reader] = await Promise.all([
    startPrometheus({
      config: writerConfig(),
      flags: ["--enable-feature=native-histograms,exemplar-storage"],
    }),
    startPrometheus({
      config: readerConfig,
      flags: ["--enable-feature=native-histograms,exemplar-storage"],
    }),
  ]);
  const scrapes = async () => {
    const query = encodeURIComponent('min(count_over_time(up{job=~"self|waits"}[5m]))');
    const path = `/api/v1/query?query=${query}`;
    const { result } = await getData<{ result: { value: [number, string] }[] }>(hub.url, path);
    return Number(result[0]?.value[1] ?? 0);
  };
  await eventually(scrapes, (count) => count >= SCRAPES, 60_000);
  range = { fromMs, toMs: Date.now() - 3_000 };
});

afterAll(async () => {
  await Promise.all([writer?.stop(), reader?.stop(), exporter?.close()]);
  if (!hub) return;
  await hub.stop();
  removeFolder(hub.folder);
});

async function rangeOf(url: string, query: string): Promise<string> {
  const parameters = new URLSearchParams({
    query,
    start: String(range.fromMs / 1_000),
    end: String(range.toMs / 1_000),
    step: "1",
  });
  const { result } = await getData<Matrix>(url, `/api/v1/query_range?${parameters}`);
  return JSON.stringify(result, undefined, 1);
}

function rewritten<Samples extends { readonly count: number }>(
  samples: Samples,
  encode: (samples: Samples, from: number, to: number) => Uint8Array,
): Buffer {
  return Buffer.from(encode(samples, 0, samples.count));
}

describe.skipIf(PROMETHEUS_MISSING)(
  `a real Prometheus writes to the hub and another reads from it ${PROMETHEUS_MISSING}`,
  () => {
    it("what was scraped comes back sample by sample, plain and as chunks", async () => {
      // Of 2.42 only the stream has histograms.
      const theirs = await remoteRead(writer.url, "chunks", range, scraped);
      expect(theirs.size).toBeGreaterThan(100);
      for (const kind of ["samples", "chunks"] as const) {
        const ours = await remoteRead(hub.url, kind, range, scraped);
        expect(seriesDifference(ours, theirs), kind).toBe("");
      }
    });

    it("chunks are written bit by bit as Prometheus writes them", async () => {
      const chunks = await remoteChunks(writer.url, range, scraped);
      expect(chunks.length).toBeGreaterThan(100);
      expect(new Set(chunks.map(({ encoding }) => encoding))).toEqual(new Set([1, 2]));
      for (const { encoding, data } of chunks) {
        const again =
          encoding === 1
            ? rewritten(decodeXorChunk(data), encodeXorChunk)
            : rewritten(decodeHistogramChunk(data, true), encodeHistogramChunk);
        expect(again).toEqual(Buffer.from(data).subarray(0, again.length));
        // Go's writer begins a byte before it has a bit for it.
        expect([...data.subarray(again.length)]).toEqual(again.length < data.length ? [0] : []);
      }
    });

    it("native histograms are among it, with the reset", async () => {
      const matchers = [{ name: "__name__", operator: "=", value: "wait_seconds" }] as const;
      const [[, rows] = ["", []]] = await remoteRead(hub.url, "chunks", range, matchers);
      const counts = rows.map((row) => Number(/"count":(\d+)/.exec(row)?.[1]));
      expect(counts.length).toBeGreaterThan(RESET_AFTER);
      expect(new Set(counts)).toEqual(new Set([6, 12, 18, 24, 30]));
    });

    it.each([
      'up{job=~"self|waits"}',
      "rate(prometheus_tsdb_head_samples_appended_total[5s])",
      'count({job="self"})',
      '{__name__=~"go_(goroutines|threads)",job!="x"}',
    ])("the second Prometheus answers %s as the first", async (query) => {
      const theirs = await rangeOf(writer.url, query);
      expect(theirs.length).toBeGreaterThan(100);
      expect(await rangeOf(reader.url, query)).toBe(theirs);
    });

    it("the hub answers with the histograms as the first Prometheus does", async () => {
      const theirs = await rangeOf(writer.url, "wait_seconds");
      expect(theirs).toContain("histograms");
      expect(JSON.parse(await rangeOf(hub.url, "wait_seconds"))).toEqual(JSON.parse(theirs));
    });

    it("exemplars and metadata have come along", async () => {
      const parameters = new URLSearchParams({
        query: "wait_seconds",
        start: String(range.fromMs / 1_000 - 10),
        end: String(range.toMs / 1_000),
      });
      const path = `/api/v1/query_exemplars?${parameters}`;
      const theirs = await getData<unknown[]>(writer.url, path);
      expect(theirs.length).toBeGreaterThan(0);
      expect(await getData(hub.url, path)).toEqual(theirs);
      const metadata = await getData<object>(hub.url, "/api/v1/metadata?metric=wait_seconds");
      expect(metadata).toEqual({
        wait_seconds: [{ type: "histogram", unit: "", help: "How long callers wait." }],
      });
    });
  },
);
