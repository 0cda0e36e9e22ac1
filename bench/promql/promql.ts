import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "../figure.ts";
import { verdictTable } from "../tsdb/report.ts";
import { missingPeers } from "../tsdb/systems.ts";
import { type DashboardQuery, titleOf } from "./dashboard-query.ts";
import { drawQueries } from "./drawn-queries.ts";
import { FIXED_QUERIES } from "./fixed-queries.ts";
import { type Fleet, machineLoad, openFleet, type ServerFigures } from "./fleet.ts";
import { measureStepGrowth, type StepGrowth, seriesGrowthOf } from "./growth.ts";
import { benchHostile } from "./hostile.ts";
import { measureDashboards, type QueryFigures } from "./measure.ts";
import { type PromqlBenchOptions, readPromqlOptions } from "./options.ts";
import {
  answerNotes,
  meanLines,
  queryTable,
  seriesGrowthTable,
  serverTable,
  slowestTable,
  stepGrowthTable,
} from "./report.ts";
import { judgeSizes } from "./verdicts.ts";

const CACHED_RUNS = 5;
const GROWTH_RUNS = 5;
/** Larger fleets meet Prometheus' bound of samples in memory at 3,600 steps. */
const STEP_GROWTH_SERIES = 10_000;

interface SizeFigures {
  readonly series: number;
  readonly servers: readonly ServerFigures[];
  readonly queries: readonly QueryFigures[];
  /** Asked with all caches on. */
  readonly cachedQueries: readonly QueryFigures[];
  readonly stepGrowth: readonly StepGrowth[];
  readonly load: readonly string[];
}

/** `npm run bench -- promql`: sixty queries of boards and rules beside Prometheus and VictoriaMetrics. */
export async function benchPromql(words: readonly string[]): Promise<Outcome> {
  const options = readPromqlOptions(words);
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-bench-"));
  try {
    if (options.hostile) return await benchHostile(folder, options, log);
    const missing = missingPeers();
    if (missing && !options.withoutPeers) throw new Error(`the peers are missing: ${missing}`);
    const queries = [...FIXED_QUERIES, ...drawQueries(options.querySeed)].filter(
      (query) =>
        options.only.length === 0 || options.only.some((word) => titleOf(query).includes(word)),
    );
    log(`seed ${options.seed}, of the drawn queries ${options.querySeed}`);
    const sizes: SizeFigures[] = [];
    for (const series of options.series) {
      const size = await measureSize(series, queries, folder, options);
      sizes.push(size);
      log(sizeText(size));
    }
    return outcomeOf(sizes, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureSize(
  series: number,
  queries: readonly DashboardQuery[],
  folder: string,
  options: PromqlBenchOptions,
): Promise<SizeFigures> {
  const fleet = await openFleet(series, folder, { ...options, log });
  try {
    return await measureFleet(fleet, queries, options);
  } finally {
    await fleet.remove();
  }
}

async function measureFleet(
  fleet: Fleet,
  queries: readonly DashboardQuery[],
  options: PromqlBenchOptions,
): Promise<SizeFigures> {
  const { series, systems, endS } = fleet;
  const { runs, querySeed: seed } = options;
  const loadBefore = machineLoad();
  const measured = await measureDashboards(systems, queries, endS, { runs, seed, log });
  const servers = await fleet.figures();
  const cachedRuns = Math.min(runs, CACHED_RUNS);
  const cachedQueries = options.withoutCached
    ? []
    : await measureDashboards(systems, queries, endS, { runs: cachedRuns, seed, cached: true });
  const largest = Math.max(...options.series.filter((one) => one <= STEP_GROWTH_SERIES));
  const stepGrowth =
    options.withoutGrowth || series !== largest
      ? []
      : await measureStepGrowth(fleet, queries, Math.min(runs, GROWTH_RUNS));
  const load = [loadBefore, machineLoad()];
  return { series, servers, queries: measured, cachedQueries, stepGrowth, load };
}

function sizeText({
  series,
  servers,
  queries,
  cachedQueries,
  stepGrowth,
  load,
}: SizeFigures): string {
  return [
    `${series} series; load of the machine before and after: ${load.join(" | ")}`,
    queryTable(queries),
    meanLines(queries),
    serverTable(series, servers),
    slowestTable(queries),
    answerNotes(queries),
    ...(cachedQueries.length > 0
      ? [
          "With all caches on, each asked one step later than before (Prometheus has none):",
          queryTable(cachedQueries),
          meanLines(cachedQueries),
          answerNotes(cachedQueries),
        ]
      : []),
    stepGrowthTable(stepGrowth),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function outcomeOf(
  sizes: readonly SizeFigures[],
  { seed, querySeed, runs }: PromqlBenchOptions,
): Outcome {
  const verdicts = judgeSizes(sizes);
  const seriesGrowth = seriesGrowthOf(sizes);
  const text = [
    `seed ${seed}, of the drawn queries ${querySeed}; medians of ${runs} interleaved runs, caches off`,
    ...sizes.map(sizeText),
    seriesGrowthTable(seriesGrowth),
    verdictTable(verdicts),
  ]
    .filter(Boolean)
    .join("\n\n");
  return { figures: [], text, details: { seed, querySeed, runs, verdicts, seriesGrowth, sizes } };
}

function log(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}
