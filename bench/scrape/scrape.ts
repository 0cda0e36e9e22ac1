import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Outcome } from "../figure.ts";
import { askNumber } from "../tsdb/ask.ts";
import {
  busiestThreads,
  peakResidentBytes,
  residentBytes,
  threadSeconds,
} from "../tsdb/process-figures.ts";
import { verdictTable } from "../tsdb/report.ts";
import {
  HmsOpsSystem,
  PrometheusSystem,
  type System,
  type SystemName,
  VictoriaMetricsSystem,
} from "../tsdb/systems.ts";
import { textTable } from "../tsdb/text-table.ts";
import { BARS, judge, short } from "../tsdb/verdicts.ts";
import { sleep } from "../tsdb/waiting.ts";
import { STORED_NAMES } from "./exporter-pages.ts";
import { readOptions, type ScrapeBenchOptions } from "./options.ts";
import type { TargetsReport, TargetsTask } from "./targets.process.ts";

const TARGETS = fileURLToPath(new URL("targets.process.ts", import.meta.url));
/** Every series is known, and no start-up work is left. */
const WARM_UP_S = 10;
/** What was scraped last is stored and can be asked for. */
const LAG_MS = 3_000;
/** More seconds than a run has: counters only rise. */
const PAGES = 320;
const JOB = "bench";
const MEGA = 1e6;

interface ScrapeFigures {
  readonly system: SystemName;
  /** Of the exporters' own series, as the system's answers count them. */
  readonly samples: number;
  readonly expected: number;
  readonly processorSeconds: number;
  readonly samplesPerCpuSecond: number;
  readonly peakBytes: number;
  readonly residentBytes: number;
  readonly busiest: readonly string[];
}

interface Mark {
  readonly atMs: number;
  readonly processorSeconds: number;
  readonly threads: ReadonlyMap<string, number>;
}

/**
 * `npm run bench -- scrape`: all systems scrape the same targets at the same time, so that the
 * machine's other work falls on each alike; the processor time is that of each one's process.
 */
export async function benchScrape(words: readonly string[]): Promise<Outcome> {
  const options = readOptions(words);
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-bench-"));
  const targets = await startTargets(options);
  const systems = makeSystems(folder, scrapeSettings(options, targets.report), options);
  try {
    for (const system of systems) await system.start();
    await sleep(WARM_UP_S * 1_000);
    const marks = systems.map(markNow);
    await sleep(options.seconds * 1_000);
    const ends = systems.map(markNow);
    await sleep(LAG_MS);
    const figures: ScrapeFigures[] = [];
    for (const [i, system] of systems.entries()) {
      const [mark, end] = [marks[i], ends[i]];
      if (mark && end) figures.push(await figuresOf(system, mark, end, options));
    }
    return outcome(options, targets.report, systems, figures);
  } finally {
    for (const system of systems) await system.remove();
    targets.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startTargets({ targets, series, seed, gzip }: ScrapeBenchOptions) {
  const task: TargetsTask = { targets, series, seed, gzip, pages: PAGES };
  const child = fork(TARGETS, [JSON.stringify(task)]);
  const [report] = (await once(child, "message")) as [TargetsReport];
  return { report, end: () => child.disconnect() };
}

/** All three read the same file. */
function scrapeSettings(options: ScrapeBenchOptions, { ports }: TargetsReport): string {
  const addresses = ports.map((port) => `"127.0.0.1:${port}"`);
  return [
    "scrape_configs:",
    `  - job_name: ${JOB}`,
    `    scrape_interval: ${options.intervalS}s`,
    `    scrape_timeout: ${options.intervalS}s`,
    `    static_configs: [{targets: [${addresses.join(", ")}]}]`,
    "",
  ].join("\n");
}

function makeSystems(
  folder: string,
  settings: string,
  { hub, withoutPeers }: ScrapeBenchOptions,
): readonly System[] {
  const place = (name: string) => join(folder, name);
  const file = place("scrape.yml");
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, settings);
  const ours = new HmsOpsSystem(place("hms-ops"), hub, [], ["--config", file]);
  if (withoutPeers) return [ours];
  return [
    ours,
    new PrometheusSystem(place("prometheus"), settings),
    new VictoriaMetricsSystem(place("victoria"), [`-promscrape.config=${file}`]),
  ];
}

function markNow(system: System): Mark {
  return {
    atMs: Date.now(),
    processorSeconds: system.processorSeconds,
    threads: threadSeconds(system.pid),
  };
}

async function figuresOf(
  system: System,
  from: Mark,
  to: Mark,
  { targets, series, intervalS }: ScrapeBenchOptions,
): Promise<ScrapeFigures> {
  const peakBytes = peakResidentBytes(system.pid);
  const resident = residentBytes(system.pid);
  const windowMs = to.atMs - from.atMs;
  let samples = 0;
  for (const name of STORED_NAMES) {
    const counted = `count_over_time(${name}{job="${JOB}"}[${windowMs}ms])`;
    samples += await askNumber(system, `sum(${counted})`, to.atMs);
  }
  const processorSeconds = to.processorSeconds - from.processorSeconds;
  return {
    system: system.name,
    samples,
    expected: Math.round((targets * series * windowMs) / 1_000 / intervalS),
    processorSeconds,
    samplesPerCpuSecond: samples / processorSeconds,
    peakBytes,
    residentBytes: resident,
    busiest: busiestThreads(from.threads, to.threads),
  };
}

function outcome(
  options: ScrapeBenchOptions,
  { pageBytes, packedBytes }: TargetsReport,
  systems: readonly System[],
  figures: readonly ScrapeFigures[],
): Outcome {
  const { seed, targets, series, intervalS, seconds } = options;
  const perCpuSecond = (name: SystemName) => {
    const found = figures.find(({ system }) => system === name);
    return found && found.samplesPerCpuSecond / MEGA;
  };
  const verdicts = [
    judge(BARS.scraping, perCpuSecond("HMS-OPS"), {
      prometheus: perCpuSecond("Prometheus"),
      victoria: perCpuSecond("VictoriaMetrics"),
    }),
  ];
  const versions = systems.map((system) => `${system.name}: ${system.version()}`);
  const text = [
    `seed ${seed}; ${targets} targets × ${series} series every ${intervalS} s for ${seconds} s after ${WARM_UP_S} s of warming up, all systems at once; a page has ${pageBytes} bytes${packedBytes ? `, ${packedBytes} in gzip` : ", not compressed"}`,
    versions.join("\n"),
    textTable(
      ["", "samples", "expected", "CPU-s", "M samples per CPU-s", "peak RSS, MB", "RSS, MB"],
      figures.map((row) => [
        row.system,
        row.samples,
        row.expected,
        short(row.processorSeconds),
        short(row.samplesPerCpuSecond / MEGA),
        short(row.peakBytes / MEGA),
        short(row.residentBytes / MEGA),
      ]),
    ),
    figures.map(({ system, busiest }) => `${system}: ${busiest.join(", ")}`).join("\n"),
    verdictTable(verdicts),
  ].join("\n\n");
  return {
    figures: [],
    text,
    details: {
      seed,
      options: { ...options, hub: undefined },
      versions,
      verdicts,
      scraping: figures,
    },
  };
}
