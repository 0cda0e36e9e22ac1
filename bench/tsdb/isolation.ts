import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "../figure.ts";
import { addressOf } from "./ask.ts";
import { type EncodedStream, encodeStream } from "./encode-stream.ts";
import { askForever, type Load, NO_LOAD, readSlowly, sendWide } from "./heavy-load.ts";
import { flushCount, isUpkeepIdle, longestTaskMs, readHubMetrics } from "./hub-metrics.ts";
import { readOptions, type TsdbBenchOptions } from "./options.ts";
import {
  MOST_MORE_AT_P99_MS,
  MOST_MORE_MS,
  Probe,
  type Spread,
  spreadOf,
  spreadText,
  writeProbeRules,
} from "./probe.ts";
import { sendStream } from "./send-stream.ts";
import { makeStreams, type Stream } from "./streams.ts";
import { HmsOpsSystem } from "./systems.ts";
import { textTable } from "./text-table.ts";
import { short } from "./verdicts.ts";
import { sleep } from "./waiting.ts";

const PHASE_MS = 20_000;
const WARM_UP_MS = 10_000;
const WIDE_SERIES = 1_000_000;
const MOST_TASK_MS = 10;
const ALL_CORES = availableParallelism();

/** Range queries over six hours that keep a thread busy for a second or more. */
const HEAVY = [
  "sum by (instance, method) (rate(http_requests_total[5m]))",
  "quantile_over_time(0.9, service_latency_seconds[1h])",
  "sum by (le, instance) (rate(http_request_duration_seconds_bucket[10m]))",
  "max by (job) (max_over_time(queue_depth[1h]))",
];

interface Phase {
  readonly name: string;
  readonly load: (hub: HmsOpsSystem, encoded: EncodedStream) => Load;
}

interface PhaseFigures {
  readonly cores: number;
  readonly phase: string;
  readonly ack: Spread;
  readonly rule: Spread;
  readonly longestTaskMs: number;
  readonly failures: number;
  readonly loadDone: number;
  readonly loadFailed: number;
  readonly holds: string;
}

/**
 * One flush and the compaction after it, again and again while the phase lasts: of what the probe
 * sends, and of samples of the past where there are any.
 */
function compactForever(hub: HmsOpsSystem, encoded: EncodedStream | undefined): Load {
  const tally = { done: 0, failed: 0 };
  let isStopped = false;
  let latestFlushes = 0;
  let flushesBefore = Number.POSITIVE_INFINITY;
  let whenDone = () => {};
  const compact = async () => {
    flushesBefore = latestFlushes;
    const response = await fetch(`${hub.address}/api/ops/v1/tsdb/compact`, { method: "POST" });
    await response.text();
    if (!response.ok) throw new Error(`compact answered ${response.status}`);
    await new Promise<void>((resolve) => {
      whenDone = resolve;
    });
    tally.done++;
  };
  const run = async () => {
    while (!isStopped) {
      if (encoded !== undefined) {
        const task = { url: hub.writeAddress, paths: encoded.paths, samplesPerSecond: 100_000 };
        await sendStream(task);
      }
      await compact();
    }
  };
  const look = (metrics: ReadonlyMap<string, number>) => {
    latestFlushes = flushCount(metrics);
    if (latestFlushes > flushesBefore && isUpkeepIdle(metrics)) whenDone();
  };
  let isOver = false;
  const over = run()
    .catch(() => tally.failed++)
    .finally(() => {
      isOver = true;
    });
  return {
    look,
    stop: async () => {
      isStopped = true;
      for (; !isOver; await sleep(1_000)) look(await readHubMetrics(hub.address));
      await over;
      return tally;
    },
  };
}

const heavy = (clients: number): Phase => ({
  name: `${clients} heavy ${clients === 1 ? "query" : "queries"}`,
  load: (hub, encoded) =>
    askForever(
      HEAVY.map((expr) => addressOf(hub, { expr, shape: "six-hours" }, encoded)),
      clients,
    ),
});

const wideQuery = (url: string, expr: string) =>
  `${url}/api/v1/query?nocache=1&query=${encodeURIComponent(expr)}`;

const PHASES: readonly Phase[] = [
  { name: "idle", load: () => NO_LOAD },
  { name: "flush", load: (hub) => compactForever(hub, undefined) },
  heavy(1),
  heavy(4),
  heavy(16),
  {
    name: "regex over 1 M values",
    load: ({ address }) => askForever([wideQuery(address, 'count(wide{id=~".*-9.*7"})')], 1),
  },
  {
    name: "100k series, slow reader",
    load: ({ address }) => readSlowly(address, wideQuery("", 'wide{shard="s3"}')),
  },
  { name: "ingest, flush, compaction", load: compactForever },
];

/** `npm run bench -- isolation`: what heavy work does to acknowledgements and rules. */
export async function benchIsolation(words: readonly string[]): Promise<Outcome> {
  const options = readOptions(words);
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-bench-"));
  const figures: PhaseFigures[] = [];
  let version = "";
  try {
    const [stream] = makeStreams(options.scale);
    if (stream === undefined) throw new Error("there is no stream");
    const encoded = await encodeStream(stream, folder, options.seed);
    for (const cores of options.cores) {
      const prefix = ["taskset", "-c", `0-${cores - 1}`];
      leaveCores(cores);
      const place = join(folder, `${cores}-cores`);
      const hub = new HmsOpsSystem(place, options.hub, prefix);
      writeProbeRules(place);
      version = hub.version();
      try {
        figures.push(...(await measureHub(hub, cores, encoded, options)));
      } finally {
        await hub.remove();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    figures: [],
    text: isolationText(figures),
    details: { version, seed: options.seed, phases: figures },
  };
}

/** Where a hub gets fewer cores than there are, whoever asks and measures takes the others. */
function leaveCores(cores: number): void {
  const own = cores < ALL_CORES ? `${cores}-${ALL_CORES - 1}` : `0-${ALL_CORES - 1}`;
  execFileSync("taskset", ["-a", "-p", "-c", own, String(process.pid)]);
}

async function measureHub(
  hub: HmsOpsSystem,
  cores: number,
  encoded: EncodedStream,
  { scale, seed, phases }: TsdbBenchOptions,
): Promise<readonly PhaseFigures[]> {
  await hub.start();
  await sendStream({ url: hub.writeAddress, paths: encoded.paths, samplesPerSecond: 0 });
  await sendWide(hub.address, WIDE_SERIES * scale);
  const place = join(encoded.paths[0] ?? "", "..", `${cores}-more`);
  mkdirSync(place);
  const late = await encodeStream(lateStream(scale), place, seed + 1);
  // Else the system writes these files down while the hub waits for its log: 70 to 110 ms, once.
  execFileSync("sync");
  const probe = new Probe(hub.address);
  const figures: PhaseFigures[] = [];
  try {
    await sleep(WARM_UP_MS);
    for (const phase of wanted(phases)) {
      const data = phase.load === compactForever ? late : encoded;
      const measured = await measurePhase(hub, phase, data, probe);
      figures.push(judgePhase({ cores, phase: phase.name, ...measured }, figures[0]));
      process.stderr.write(`${isolationText(figures.slice(-1))}\n`);
    }
  } finally {
    await probe.end();
  }
  return figures;
}

/** Idle is measured always: the others are judged beside it. */
function wanted(parts: readonly string[]): readonly Phase[] {
  if (parts.length === 0) return PHASES;
  return PHASES.filter(({ name }) => name === "idle" || parts.some((part) => name.includes(part)));
}

/** Half an hour of other series: enough for a flush and for blocks to be joined. */
function lateStream(scale: number): Stream {
  const instances = Math.max(4, Math.round(100 * scale));
  return { name: "late", instances, stepMs: 15_000, steps: 120, replaceEvery: 2 };
}

async function measurePhase(
  hub: HmsOpsSystem,
  phase: Phase,
  encoded: EncodedStream,
  probe: Probe,
): Promise<Omit<PhaseFigures, "cores" | "phase" | "holds">> {
  await probe.take();
  await readHubMetrics(hub.address);
  const load = phase.load(hub, encoded);
  let longest = 0;
  for (let i = 0; i < PHASE_MS / 1_000; i++) {
    await sleep(1_000);
    const metrics = await readHubMetrics(hub.address);
    longest = Math.max(longest, longestTaskMs(metrics));
    load.look?.(metrics);
  }
  const { ackMs, ruleDelayMs, failures } = await probe.take();
  const { done, failed } = await load.stop();
  await sleep(2_000);
  return {
    ack: spreadOf(ackMs),
    rule: spreadOf(ruleDelayMs),
    longestTaskMs: longest,
    failures,
    loadDone: done,
    loadFailed: failed,
  };
}

/** Beside the idle phase of the same hub. */
function judgePhase(
  figures: Omit<PhaseFigures, "holds">,
  idle: PhaseFigures | undefined,
): PhaseFigures {
  const { ack, rule } = figures;
  const problems: string[] = [];
  for (const [what, now, before] of [
    ["ack", ack, idle?.ack ?? ack],
    ["rule", rule, idle?.rule ?? rule],
  ] as const) {
    if (!(now.p99 <= before.p99 + MOST_MORE_AT_P99_MS)) problems.push(`${what} p99`);
    if (!(now.max <= before.max + MOST_MORE_MS)) problems.push(`${what} max`);
  }
  if (figures.longestTaskMs > MOST_TASK_MS) problems.push("task");
  return { ...figures, holds: problems.length === 0 ? "held" : `NOT HELD: ${problems.join(", ")}` };
}

function isolationText(figures: readonly PhaseFigures[]): string {
  return textTable(
    [
      "cores, load",
      "ack p50/p99/max ms",
      "rule delay ms",
      "longest task ms",
      "load done",
      "failed",
      "must",
    ],
    figures.map((row) => [
      `${row.cores}: ${row.phase}`,
      spreadText(row.ack),
      spreadText(row.rule),
      short(row.longestTaskMs),
      row.loadDone,
      row.loadFailed + row.failures,
      row.holds,
    ]),
  );
}
