import { seededRandom } from "@hms-ops/model";
import { type Answer, differenceOf, readAnswer } from "../tsdb/answers.ts";
import { get } from "../tsdb/ask.ts";
import type { System, SystemName } from "../tsdb/systems.ts";
import { askTimed, queryAddress } from "./asking.ts";
import { type DashboardQuery, type QueryTimes, timesOf } from "./dashboard-query.ts";
import { victoriaReason } from "./peer-differences.ts";
import { medianOf, rotated } from "./statistics.ts";

type BySystem = Readonly<Partial<Record<SystemName, number>>>;

export interface QueryFigures {
  readonly query: DashboardQuery;
  readonly medianMs: BySystem;
  /** Processor time of the server while it answered, median. */
  readonly cpuMs: BySystem;
  /** What came over the wire from HMS-OPS. */
  readonly answerBytes: number;
  /** Why our answer is not taken for right; empty = it is. Prometheus is the measure. */
  readonly wrong: string;
  /** How VictoriaMetrics' answer differs from Prometheus', if it does. */
  readonly victoriaDiffers: string;
  /** Why it may, by design; empty = it should not. */
  readonly victoriaReason: string;
}

/** Sums in another order differ in the last bits. */
const EXACT = 1e-9;
const STEP_S = 15;
/** For each query before the first run, as often of every server; at most so many times. */
const WARM_UP_MS = 300;
const MOST_WARM_UPS = 20;

interface Tally {
  readonly tookMs: number[];
  readonly cpuMs: number[];
  failure: string;
}

export interface MeasureOptions {
  readonly runs: number;
  readonly seed: number;
  /**
   * Caches on: each run asks one step later than the one before, as a board that refreshes; the
   * first one is not counted. At the end our cached answers are compared with uncached ones.
   */
  readonly cached?: boolean;
  readonly log?: (text: string) => void;
}

/** Each query of every system in turn, who begins rotates; the queries in a random order. */
export async function measureDashboards(
  systems: readonly System[],
  queries: readonly DashboardQuery[],
  endS: number,
  options: MeasureOptions,
): Promise<readonly QueryFigures[]> {
  const random = seededRandom(options.seed);
  const checks = new Map<DashboardQuery, Check>();
  if (!options.cached) {
    for (const query of queries) checks.set(query, await checkAnswers(systems, query, endS));
  }
  if (!options.cached) await warmUp(systems, queries, endS);
  const tallies = new Tallies();
  const firstRun = options.cached ? -1 : 0;
  for (let run = firstRun; run < options.runs; run++) {
    const order = queries.map((query, i) => ({ query, i, at: random.next() }));
    for (const { query, i } of order.sort((a, b) => a.at - b.at)) {
      const late = options.cached ? options.runs - 1 - run : 0;
      const times = timesOf(query.span, endS - late * (timesOf(query.span, endS).stepS || STEP_S));
      for (const system of rotated(systems, i + run + 1)) {
        const tally = tallies.of(query, system);
        await askOnce(system, query.expr, times, options.cached ?? false, tally, run >= 0);
      }
    }
    options.log?.(`run ${run + 1} of ${options.runs}`);
  }
  if (options.cached) {
    for (const query of queries) checks.set(query, await checkCached(systems, query, endS));
  }
  return queries.map((query) => {
    const check = checks.get(query) ?? UNCHECKED;
    const tally = (system: System) => tallies.of(query, system);
    const failure = systems.map((system) => tally(system).failure).find(Boolean) ?? "";
    return {
      query,
      medianMs: each(systems, (system) => medianOf(tally(system).tookMs)),
      cpuMs: each(systems, (system) => medianOf(tally(system).cpuMs)),
      ...check,
      wrong: check.wrong || failure,
    };
  });
}

/** Servers live for weeks: what a just-started one compiles or fills at first is not measured. */
async function warmUp(
  systems: readonly System[],
  queries: readonly DashboardQuery[],
  endS: number,
): Promise<void> {
  for (const { expr, span } of queries) {
    const times = timesOf(span, endS);
    const endMs = performance.now() + WARM_UP_MS;
    for (let i = 0; i < MOST_WARM_UPS && performance.now() < endMs; i++) {
      for (const system of systems) await get(queryAddress(system, expr, times));
    }
  }
}

async function askOnce(
  system: System,
  expr: string,
  times: QueryTimes,
  cached: boolean,
  tally: Tally,
  counts: boolean,
): Promise<void> {
  const { status, text, tookMs, cpuMs } = await askTimed(
    system,
    queryAddress(system, expr, times, cached),
  );
  if (status !== 200) tally.failure ||= `${system.name}: ${status} ${text.slice(0, 200)}`;
  if (!counts) return;
  tally.tookMs.push(tookMs);
  tally.cpuMs.push(cpuMs);
}

class Tallies {
  readonly #tallies = new Map<DashboardQuery, Map<SystemName, Tally>>();

  of(query: DashboardQuery, { name }: System): Tally {
    const bySystem = this.#tallies.get(query) ?? new Map<SystemName, Tally>();
    this.#tallies.set(query, bySystem);
    const tally = bySystem.get(name) ?? { tookMs: [], cpuMs: [], failure: "" };
    bySystem.set(name, tally);
    return tally;
  }
}

type Check = Pick<QueryFigures, "wrong" | "victoriaDiffers" | "victoriaReason" | "answerBytes">;

const UNCHECKED: Check = { wrong: "", victoriaDiffers: "", victoriaReason: "", answerBytes: 0 };

async function checkAnswers(
  systems: readonly System[],
  query: DashboardQuery,
  endS: number,
): Promise<Check> {
  const texts: Partial<Record<SystemName, string>> = {};
  for (const system of systems) {
    const address = queryAddress(system, query.expr, timesOf(query.span, endS));
    texts[system.name] = (await get(address)).text;
  }
  return { ...compareAnswers(query, texts), answerBytes: texts["HMS-OPS"]?.length ?? 0 };
}

async function checkCached(
  systems: readonly System[],
  { expr, span }: DashboardQuery,
  endS: number,
): Promise<Check> {
  const ours = systems.find(({ name }) => name === "HMS-OPS");
  if (ours === undefined) return UNCHECKED;
  const ask = async (cached: boolean) =>
    (await get(queryAddress(ours, expr, timesOf(span, endS), cached))).text;
  const [cached, fresh] = [await ask(true), await ask(false)];
  return { ...UNCHECKED, wrong: oursBeside(fresh, cached, false), answerBytes: cached.length };
}

/** Which of two equals is chosen is nobody's promise: then the values chosen are compared. */
const RANKING = /^(topk|bottomk)\(/;

/** What is wrong with our answer: names and labels to the letter, values but for rounding. */
function oursBeside(right: string, ours: string, isRanking: boolean): string {
  const wrong = oursAsIs(right, ours);
  if (!isRanking || wrong === "") return wrong;
  return differenceOf(byStep(readAnswer(right)), byStep(readAnswer(ours)), EXACT);
}

/** The values of each step from the least to the greatest, whosever they are. */
function byStep(answer: Answer): Answer {
  const steps = new Map<string, (readonly [number, number])[]>();
  for (const points of answer.values()) {
    for (const point of points) {
      const step = steps.get(String(point[0])) ?? [];
      steps.set(String(point[0]), step);
      step.push(point);
    }
  }
  for (const step of steps.values()) step.sort(([, a], [, b]) => a - b);
  return steps;
}

function oursAsIs(right: string, ours: string): string {
  const [these, those] = [seriesOf(right), seriesOf(ours)];
  if (these.length !== those.length) return `${those.length} series instead of ${these.length}`;
  const other = these.findIndex((one, i) => one !== those[i]);
  if (other >= 0) return `${those[other]} instead of ${these[other]}`;
  return differenceOf(readAnswer(right), readAnswer(ours), EXACT);
}

/** The label sets with their names, sorted. */
function seriesOf(text: string): readonly string[] {
  const { data } = JSON.parse(text) as {
    readonly data?: { readonly result: readonly { readonly metric: Record<string, string> }[] };
  };
  return (data?.result ?? [])
    .map(({ metric }) =>
      JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1))),
    )
    .sort();
}

/** Judges the answers to one query; Prometheus' is the measure. */
export function compareAnswers(
  { expr, mayBeEmpty }: Pick<DashboardQuery, "expr" | "mayBeEmpty">,
  texts: Readonly<Partial<Record<SystemName, string>>>,
): Pick<QueryFigures, "wrong" | "victoriaDiffers" | "victoriaReason"> {
  const answers: Partial<Record<SystemName, Answer>> = {};
  let wrong = "";
  let victoriaDiffers = "";
  for (const [name, text] of Object.entries(texts) as [SystemName, string][]) {
    try {
      answers[name] = readAnswer(text);
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      if (name === "VictoriaMetrics") victoriaDiffers = what;
      else wrong ||= `${name}: ${what}`;
    }
  }
  const { Prometheus: right, "HMS-OPS": ours, VictoriaMetrics: victoria } = answers;
  if (right !== undefined) {
    const [rightText = "", ourText = ""] = [texts.Prometheus, texts["HMS-OPS"]];
    if (right.size === 0 && !mayBeEmpty) wrong ||= "Prometheus answers nothing";
    if (ours !== undefined) wrong ||= oursBeside(rightText, ourText, RANKING.test(expr));
    if (victoria !== undefined) victoriaDiffers ||= differenceOf(right, victoria, EXACT);
  }
  return { wrong, victoriaDiffers, victoriaReason: victoriaDiffers ? victoriaReason(expr) : "" };
}

function each(systems: readonly System[], read: (system: System) => number): BySystem {
  return Object.fromEntries(systems.map((system) => [system.name, read(system)]));
}

/** How many times faster than the peer we are. */
export function ratioOf(
  row: QueryFigures,
  peer: SystemName,
  read: "medianMs" | "cpuMs",
): number | undefined {
  const ours = row[read]["HMS-OPS"];
  const theirs = row[read][peer];
  return ours === undefined || theirs === undefined ? undefined : theirs / ours;
}
