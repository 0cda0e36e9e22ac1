import { seededRandom } from "@hms-ops/model";
import { type Answer, differenceOf, readAnswer } from "./answers.ts";
import { addressOf, get } from "./ask.ts";
import { preciseSeconds } from "./process-figures.ts";
import type { BenchQuery } from "./query-set.ts";
import type { System, SystemName } from "./systems.ts";

export interface QueryFigures {
  readonly query: BenchQuery;
  readonly medianMs: Readonly<Partial<Record<SystemName, number>>>;
  /** Processor time of the server, mean of the runs. */
  readonly cpuMs: Readonly<Partial<Record<SystemName, number>>>;
  /** Why an answer is not taken for right; empty = it is. Prometheus is the measure. */
  readonly wrong: string;
  /** How VictoriaMetrics' answer differs from Prometheus', if it does. */
  readonly victoriaNote: string;
}

/** Sums in another order differ in the last bits. */
const EXACT = 1e-9;
/** VictoriaMetrics drops low bits of floats. */
const LOSSY = 1e-6;
/** It takes rates without extrapolation. */
const NEAR = 0.1;

interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

interface Tally {
  readonly tookMs: number[];
  cpuSeconds: number;
}

/** Asks every query of every system `runs` times, interleaved in a random order. */
export async function measureQueries(
  systems: readonly System[],
  queries: readonly BenchQuery[],
  span: Span,
  runs: number,
  options: { readonly seed: number; readonly cached?: boolean },
): Promise<readonly QueryFigures[]> {
  const random = seededRandom(options.seed);
  const tallies = new Map<string, Tally>();
  const tallyOf = (query: BenchQuery, system: System) => {
    const key = `${query.shape} ${query.name} ${system.name}`;
    const tally = tallies.get(key) ?? { tookMs: [], cpuSeconds: 0 };
    tallies.set(key, tally);
    return tally;
  };
  const checks = new Map<BenchQuery, { readonly wrong: string; readonly victoriaNote: string }>();
  for (const query of queries) checks.set(query, await checkAnswers(systems, query, span));
  for (let run = 0; run < runs; run++) {
    const order = queries
      .flatMap((query) => systems.map((system) => ({ query, system, at: random.next() })))
      .sort((a, b) => a.at - b.at);
    for (const { query, system } of order) {
      const tally = tallyOf(query, system);
      const before = preciseSeconds(system.pid);
      const { tookMs } = await get(addressOf(system, query, span, options.cached));
      tally.cpuSeconds += preciseSeconds(system.pid) - before;
      tally.tookMs.push(tookMs);
    }
  }
  return queries.map((query) => ({
    query,
    medianMs: each(systems, (system) => median(tallyOf(query, system).tookMs)),
    cpuMs: each(systems, (system) => (tallyOf(query, system).cpuSeconds / runs) * 1000),
    wrong: checks.get(query)?.wrong ?? "",
    victoriaNote: checks.get(query)?.victoriaNote ?? "",
  }));
}

async function checkAnswers(
  systems: readonly System[],
  query: BenchQuery,
  span: Span,
): Promise<{ readonly wrong: string; readonly victoriaNote: string }> {
  const answers: Partial<Record<SystemName, Answer>> = {};
  let wrong = "";
  for (const system of systems) {
    try {
      answers[system.name] = readAnswer((await get(addressOf(system, query, span))).text);
    } catch (error) {
      wrong ||= `${system.name}: ${error instanceof Error ? error.message : error}`;
    }
  }
  const { Prometheus: right, "HMS-OPS": ours, VictoriaMetrics: victoria } = answers;
  if (right === undefined) return { wrong, victoriaNote: "" };
  if (right.size === 0) wrong ||= "Prometheus answers nothing";
  if (ours !== undefined) wrong ||= differenceOf(right, ours, EXACT);
  const tolerance = query.victoria === "alike" ? LOSSY : NEAR;
  const victoriaNote =
    victoria === undefined || query.victoria === "other"
      ? ""
      : differenceOf(right, victoria, tolerance);
  return { wrong, victoriaNote };
}

function each(
  systems: readonly System[],
  read: (system: System) => number,
): Readonly<Partial<Record<SystemName, number>>> {
  return Object.fromEntries(systems.map((system) => [system.name, read(system)]));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

export function geometricMean(values: readonly number[]): number {
  const logs = values.filter((value) => value > 0).map(Math.log);
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / Math.max(1, logs.length));
}
