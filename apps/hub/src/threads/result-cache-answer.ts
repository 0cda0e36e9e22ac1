import {
  compareLabels,
  labelsKey,
  type MatrixSeries,
  type QueryAnswer,
  type StepGrid,
} from "@hms-ops/model";
import type { StepWindow } from "@hms-ops/query";
import type { Generation, Generations } from "@hms-ops/stores/tsdb";
import { type CachedSteps, packSteps, unpackSteps } from "./result-cache-entry.ts";

/** How much of an answer was kept: all, some, none of its steps; or it may not be kept at all. */
export type CacheOutcome = "hit" | "partial" | "miss" | "uncacheable";

export interface CachedQuestion {
  readonly text: string;
  readonly grid: StepGrid;
  /** Undefined: not to be kept. */
  readonly window: StepWindow | undefined;
  /** What was kept of it, at the same phase of the same step. */
  readonly known: CachedSteps | undefined;
  readonly generations: Pick<Generations, "now" | "changesSince">;
  readonly maxBytes: number;
  readonly evaluate: (grid: StepGrid) => Promise<QueryAnswer>;
}

export interface CachedAnswer {
  readonly answer: QueryAnswer;
  readonly outcome: CacheOutcome;
  /** To be kept in the place of what was known; undefined: that stays. */
  readonly kept: CachedSteps | undefined;
}

/**
 * Evaluates the steps that are not known, or of whose windows a sample may have changed. The answer
 * is, bit for bit, that of the whole range evaluated anew; but sums over series have the last bits
 * of the order in which the store had the series then, which a flush changes.
 */
export async function answerThroughCache(question: CachedQuestion): Promise<CachedAnswer> {
  const { grid, window, known, generations, evaluate } = question;
  // Before anything is read, so that what is read is at least as new.
  const generation = generations.now();
  if (!window) return { answer: await evaluate(grid), outcome: "uncacheable", kept: undefined };
  const run = known && holdingRun(question, known, window);
  if (!known || !run || run.to <= run.from) {
    const answer = await evaluate(grid);
    return { answer, outcome: "miss", kept: keep(question, answer, generation) };
  }
  const shift = Math.round((grid.startMs - known.grid.startMs) / grid.stepMs);
  const held = unpackSteps(known, run.from + shift, run.to + shift);
  const parts: QueryAnswer[] = [];
  for (const part of missingParts(grid, run)) parts.push(await evaluate(part));
  if (parts.length === 0) return { answer: heldAnswer(held), outcome: "hit", kept: undefined };
  // Of a whole range one thing may be told where its parts tell two: a span of times, the worst.
  if (parts.length > 1 && parts.every(tellsMore)) {
    return { answer: await evaluate(grid), outcome: "miss", kept: undefined };
  }
  const answer = joinAnswers(held, parts);
  return { answer, outcome: "partial", kept: keep(question, answer, generation) };
}

interface Run {
  /** Steps of the grid that is asked; `to` not included. */
  readonly from: number;
  readonly to: number;
}

/** The longest run of steps that are known and whose windows nothing has changed. */
function holdingRun(
  { text, grid, generations }: CachedQuestion,
  known: CachedSteps,
  { beforeMs, afterMs }: StepWindow,
): Run | undefined {
  if (known.text !== text || known.grid.stepMs !== grid.stepMs) return undefined;
  const shift = (known.grid.startMs - grid.startMs) / grid.stepMs;
  if (!Number.isInteger(shift)) return undefined;
  const from = Math.max(0, shift);
  const to = Math.min(grid.count, shift + known.grid.count);
  if (to <= from) return undefined;
  const timeOf = (step: number) => grid.startMs + step * grid.stepMs;
  const range = { fromMs: timeOf(from) - beforeMs, toMs: timeOf(to - 1) + afterMs };
  let best: Run = { from, to: from };
  let next = from;
  const isKnown = generations.changesSince(known.generation, range, (changedMs, untilMs) => {
    const first = Math.ceil((changedMs - afterMs - grid.startMs) / grid.stepMs);
    const last = Math.floor((untilMs + beforeMs - grid.startMs) / grid.stepMs);
    const end = Math.min(first, to);
    if (end - next > best.to - best.from) best = { from: next, to: end };
    next = Math.max(next, last + 1);
  });
  if (!isKnown) return undefined;
  return to - next > best.to - best.from ? { from: next, to } : best;
}

function missingParts({ startMs, stepMs, count }: StepGrid, { from, to }: Run): StepGrid[] {
  const parts: StepGrid[] = [];
  if (from > 0) parts.push({ startMs, stepMs, count: from });
  if (to < count) parts.push({ startMs: startMs + to * stepMs, stepMs, count: count - to });
  return parts;
}

/**
 * What was told beside an answer is told anew each time: only answers without it are kept. Nor is
 * one of a single step: there, series may be alike that no range may have.
 */
function keep(
  { text, grid, maxBytes }: CachedQuestion,
  answer: QueryAnswer,
  generation: Generation,
): CachedSteps | undefined {
  const { value } = answer;
  if (value.kind !== "matrix" || grid.count === 1 || tellsMore(answer)) return undefined;
  return packSteps({ text, grid, generation, series: value.series }, maxBytes);
}

function tellsMore({ warnings, infos }: QueryAnswer): boolean {
  return warnings.length > 0 || infos.length > 0;
}

const NOTHING_READ = { samplesRead: 0, seriesSelected: 0, parseMs: 0, readMs: 0, evaluateMs: 0 };

function heldAnswer(series: readonly MatrixSeries[]): QueryAnswer {
  return { value: { kind: "matrix", series }, warnings: [], infos: [], stats: NOTHING_READ };
}

function joinAnswers(held: readonly MatrixSeries[], parts: readonly QueryAnswer[]): QueryAnswer {
  const pieces = new Map<string, MatrixSeries[]>();
  const sources = [
    held,
    ...parts.map(({ value }) => (value.kind === "matrix" ? value.series : [])),
  ];
  for (const one of sources.flat()) {
    const key = labelsKey(one.labels);
    const known = pieces.get(key);
    if (known) known.push(one);
    else pieces.set(key, [one]);
  }
  const series = [...pieces.values()].map(joinPieces);
  series.sort((a, b) => compareLabels(a.labels, b.labels));
  const stats = parts.reduce(
    (sum, part) => ({
      samplesRead: sum.samplesRead + part.stats.samplesRead,
      seriesSelected: Math.max(sum.seriesSelected, part.stats.seriesSelected),
      parseMs: sum.parseMs + part.stats.parseMs,
      readMs: sum.readMs + part.stats.readMs,
      evaluateMs: sum.evaluateMs + part.stats.evaluateMs,
    }),
    NOTHING_READ,
  );
  return {
    value: { kind: "matrix", series },
    warnings: [...new Set(parts.flatMap(({ warnings }) => warnings))],
    infos: [...new Set(parts.flatMap(({ infos }) => infos))],
    stats,
  };
}

/** Points of one series from stretches that do not overlap. */
function joinPieces(pieces: readonly MatrixSeries[]): MatrixSeries {
  const [first] = pieces;
  if (pieces.length === 1 && first) return first;
  const inOrder = [...pieces].sort((a, b) => firstTime(a) - firstTime(b));
  const count = pieces.reduce((sum, { timesMs }) => sum + timesMs.length, 0);
  const timesMs = new Float64Array(count);
  const values = new Float64Array(count);
  let at = 0;
  for (const piece of inOrder) {
    timesMs.set(piece.timesMs, at);
    values.set(piece.values, at);
    at += piece.timesMs.length;
  }
  const histograms = inOrder.flatMap((piece) => piece.histograms ?? []);
  const labels = first?.labels ?? [];
  return { labels, timesMs, values, ...(histograms.length > 0 && { histograms }) };
}

function firstTime({ timesMs, histograms = [] }: MatrixSeries): number {
  return Math.min(
    timesMs[0] ?? Number.POSITIVE_INFINITY,
    histograms[0]?.[0] ?? Number.POSITIVE_INFINITY,
  );
}
