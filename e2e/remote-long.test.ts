import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { seriesDifference } from "./support/compare-series.ts";
import { campaign, reportFigures } from "./support/figures.ts";
import {
  eventually,
  freshFolder,
  getData,
  type HubProcess,
  removeFolder,
  startHub,
} from "./support/hub.ts";
import {
  freePort,
  PROMETHEUS_MISSING,
  type PrometheusPeer,
  startPrometheus,
} from "./support/prometheus-peer.ts";
import { remoteRead } from "./support/remote-read.ts";

const SECONDS = campaign("HMS_OPS_REMOTE_SECONDS", 20);
/** How long the hub stays dead, so that the sender has something to send again. */
const DEAD_MS = 2_000;

const folder = freshFolder();
const peerFolder = mkdtempSync(join(tmpdir(), "hms-ops-prometheus-"));
const running: { hub?: HubProcess; peer?: PrometheusPeer } = {};
const matchers = [{ name: "job", operator: "=~", value: "self.*" }] as const;

afterAll(async () => {
  await running.peer?.stop();
  await running.hub?.stop();
  removeFolder(folder);
  removeFolder(peerFolder);
});

/** Scrapes itself each second under three names, and writes it all to the hub. */
function config(hubUrl: string): string {
  const jobs = ["self-a", "self-b", "self-c"].map(
    (job) => `  - job_name: ${job}\n    static_configs: [{ targets: ["$ADDRESS"] }]\n`,
  );
  return [
    "global: { scrape_interval: 1s }\n",
    `scrape_configs:\n${jobs.join("")}`,
    `remote_write:\n  - url: ${hubUrl}/api/v1/write\n`,
    "    queue_config: { max_backoff: 500ms, batch_send_deadline: 1s }\n",
  ].join("");
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Newest scrape that a server knows, in milliseconds. */
async function newestMs(url: string): Promise<number> {
  const query = encodeURIComponent('min(timestamp(up{job=~"self.*"}))');
  const data = await getData<{ result: { value: [number, string] }[] }>(
    url,
    `/api/v1/query?query=${query}`,
  );
  return Number(data.result[0]?.value[1] ?? 0) * 1_000;
}

/**
 * Waits for the middle of the longest time without a scrape: what Prometheus scrapes while it shuts
 * down it never sends, and that would be its gap, not the hub's.
 */
async function pauseUntilQuiet(url: string): Promise<void> {
  const query = encodeURIComponent('timestamp(up{job=~"self.*"})');
  const { result } = await getData<{ result: { value: [number, string] }[] }>(
    url,
    `/api/v1/query?query=${query}`,
  );
  const phases = result.map(({ value }) => Math.round(Number(value[1]) * 1_000) % 1_000);
  const gaps = phases.map((phase) => ({
    phase,
    ms: Math.min(...phases.map((other) => (other - phase + 999) % 1_000)) + 1,
  }));
  const { phase, ms } = gaps.reduce((longest, gap) => (gap.ms > longest.ms ? gap : longest));
  const quiet = Math.round(phase + ms / 2);
  await pause((((quiet - Date.now()) % 1_000) + 1_000) % 1_000);
}

interface Matrix {
  readonly result: readonly {
    readonly metric: Record<string, string>;
    readonly values: readonly (readonly [number, string])[];
  }[];
}

async function rangeOf(url: string, query: string, fromMs: number, toMs: number) {
  const parameters = new URLSearchParams({
    query,
    start: String(fromMs / 1_000),
    end: String(toMs / 1_000),
    step: "5",
  });
  const { result } = await getData<Matrix>(url, `/api/v1/query_range?${parameters}`);
  return new Map(
    result.map(({ metric, values }) => [JSON.stringify(Object.entries(metric).sort()), values]),
  );
}

/** Without what 2.42 answers otherwise than 3.x: windows that end on a scrape, `rate` near zero. */
const QUERIES = [
  'up{job=~"self.*"}',
  'count by (job) ({job=~"self.*"})',
  'sum by (job) (process_resident_memory_bytes{job=~"self.*"})',
  'delta(prometheus_tsdb_head_samples_appended_total{job=~"self.*"}[9700ms])',
  'resets(prometheus_tsdb_head_samples_appended_total{job=~"self.*"}[61300ms])',
  'max_over_time(go_goroutines{job=~"self.*"}[12300ms])',
];

describe.skipIf(PROMETHEUS_MISSING)(
  `a real Prometheus writes to the hub for ${SECONDS} s ${PROMETHEUS_MISSING}`,
  () => {
    it("it is restarted, the hub is killed twice: no gap, no double, the same answers", {
      timeout: SECONDS * 1_000 + 180_000,
    }, async () => {
      const port = await freePort();
      running.hub = await startHub({ folder, port });
      const { url } = running.hub;
      const peerPort = await freePort();
      const startPeer = () =>
        startPrometheus({ folder: peerFolder, port: peerPort, config: config(url) });
      const startMs = Date.now();
      running.peer = await startPeer();
      const killAt = async (share: number) => {
        await pause(startMs + share * SECONDS * 1_000 - Date.now());
        await running.hub?.kill();
        await pause(DEAD_MS);
        running.hub = await startHub({ folder, port });
      };
      await killAt(0.2);
      await pause(startMs + 0.5 * SECONDS * 1_000 - Date.now());
      await pauseUntilQuiet(running.peer.url);
      await running.peer.end();
      running.peer = await startPeer();
      await killAt(0.7);
      await pause(startMs + SECONDS * 1_000 - Date.now());
      const endMs = Date.now();
      await eventually(
        () => newestMs(url),
        (ms) => ms > endMs + 3_000,
      );
      const range = { fromMs: startMs - 60_000, toMs: endMs };
      const theirs = await remoteRead(running.peer.url, "samples", range, matchers);
      const difference = await eventually(
        async () => seriesDifference(await remoteRead(url, "samples", range, matchers), theirs),
        (text) => text === "",
        15_000,
      ).catch((error: unknown) => String(error));
      expect(difference).toBe("");
      const streamed = await remoteRead(url, "chunks", range, matchers);
      expect(seriesDifference(streamed, theirs)).toBe("");
      for (const query of QUERIES) {
        const ours = await rangeOf(url, query, startMs + 500, endMs);
        const wanted = await rangeOf(running.peer.url, query, startMs + 500, endMs);
        expect(wanted.size).toBeGreaterThan(0);
        expect([...ours.keys()].sort(), query).toEqual([...wanted.keys()].sort());
        for (const [series, values] of wanted) expect(ours.get(series), query).toEqual(values);
      }
      const samples = [...theirs.values()].reduce((sum, lines) => sum + lines.length, 0);
      const scrapes = [...theirs].find(([name]) => name.startsWith("up{"))?.[1].length ?? 0;
      expect(scrapes).toBeGreaterThan(SECONDS / 4);
      reportFigures({
        seconds: SECONDS,
        hubKills: 2,
        prometheusRestarts: 1,
        series: theirs.size,
        scrapes,
        samplesCompared: samples,
        missing: 0,
        double: 0,
      });
    });
  },
);
