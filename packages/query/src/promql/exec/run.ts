import {
  compareLabels,
  type MatrixSeries,
  METRIC_NAME,
  type MetricStore,
  OpsError,
  type QueryAnswer,
  type QueryBudget,
  type QueryValue,
  type StepGrid,
  type VectorElement,
} from "@hms-ops/model";
import { QUERY_ERRORS } from "../../errors.ts";
import { planBuckets } from "../plan/buckets.ts";
import { resolveDurations } from "../plan/durations.ts";
import { planScans, type ScanPlan } from "../plan/scans.ts";
import { type PlanOptions, planReads } from "../plan/selectors.ts";
import { statsOnly } from "../plan/stats-only.ts";
import type { PreparedQuery } from "../prepare.ts";
import { bare, type Expr, type VectorSelector } from "../syntax/ast.ts";
import { Annotations, COUNTER_FUNCTIONS, counterHint } from "./annotations.ts";
import { answerFromBuckets } from "./bucket-answers.ts";
import { readColumns, type SeriesColumns } from "./columns.ts";
import type { ScanCrew } from "./crew.ts";
import { edgeSeries } from "./edges.ts";
import { Evaluator } from "./evaluate.ts";
import { type EvaluationTime, gridEndMs } from "./grid.ts";
import { finishNames } from "./names.ts";
import { QueryMemory } from "./query-memory.ts";
import { type HistogramPoint, rawSeries } from "./raw-series.ts";
import { answerByScans } from "./scan.ts";
import { floatsOnly, type VectorTable } from "./table.ts";
import { WarnedReads } from "./warned-reads.ts";

export interface RunParameters {
  readonly grid: StepGrid;
  /** The start that was asked for, before the first step where earlier ones are known already. */
  readonly startMs?: number;
  /** The end that was asked for, which may lie behind the last step; without it the last step. */
  readonly endMs?: number;
  /** One evaluation whose answer is a vector; else a matrix over the grid. */
  readonly instant: boolean;
  readonly lookbackMs: number;
  readonly budget: QueryBudget;
  /** Of samples that a scan looks at and does not keep; absent = the same. */
  readonly passingBudget?: QueryBudget;
  /** Step of a sub-query that has none. */
  readonly defaultStepMs: number;
  /** Names go at the very end, so that they tell series apart until then. */
  readonly delayedNameRemoval?: boolean;
  /** "off": nothing is answered from sums that the store keeps; so that an auditor can compare. */
  readonly companions?: "off";
  readonly nowMonotonicMs?: () => number;
  /** Threads that may take part in large scans. */
  readonly crew?: ScanCrew;
}

/**
 * Evaluates a prepared query: read what the plan says, evaluate the whole grid in columns.
 * Rejects with an OpsError: execution errors (422) and what the budget throws.
 */
export async function runQuery(
  query: PreparedQuery,
  store: Pick<MetricStore, "snapshot">,
  parameters: RunParameters,
): Promise<QueryAnswer> {
  const { grid, instant, budget } = parameters;
  const now = parameters.nowMonotonicMs ?? (() => 0);
  const startedMs = now();
  refuseRangeOf(query, instant);
  const queryEndMs = parameters.endMs ?? gridEndMs(grid);
  const queryStartMs = parameters.startMs ?? grid.startMs;
  const isMoment = queryStartMs === queryEndMs;
  const time = { grid, isMoment, queryStartMs, queryEndMs, queryStepMs: grid.stepMs };
  // As Prometheus has it, an instant query has neither step nor range.
  const lengths = instant
    ? { stepMs: 0, rangeMs: 0 }
    : { stepMs: grid.stepMs, rangeMs: queryEndMs - queryStartMs };
  const expr = query.resolved ?? resolveDurations(query.expr, query.text, lengths);
  const reads = new Map<VectorSelector, SeriesColumns>();
  const plans = parameters.companions === "off" ? [] : planBuckets(expr, time, parameters);
  const annotations = new Annotations(query.text);
  const reading = new WarnedReads(store, annotations);
  const kept = await answerFromBuckets(reading, plans, budget);
  const scans = planScans(expr, time, { ...parameters, answered: kept.tables });
  const scanned = await answerByScans(reading, scans, parameters);
  const answered = new Map<Expr, VectorTable>([...kept.tables, ...scanned.tables]);
  const options = { ...parameters, answered, statsOnly: statsOnly(expr) };
  let samplesRead = kept.samplesRead + scanned.samplesRead;
  let seriesSelected = kept.seriesSelected + scanned.seriesSelected;
  for (const { matchers, range, selectors } of planReads(expr, time, options)) {
    const columns = await readColumns(reading, matchers, range, budget);
    for (const selector of selectors) reads.set(selector, columns);
    seriesSelected += columns.series.length;
    samplesRead += columns.offsets[columns.series.length] ?? 0;
  }
  reading.settle();
  const readMs = now();
  for (const [message, call] of kept.infos) annotations.info(message, call.from);
  hintCounters(scans, scanned.tables, annotations);
  const value = evaluate(bare(expr), time, reads, options, annotations);
  return {
    value,
    warnings: annotations.warnings,
    infos: annotations.infos,
    stats: {
      samplesRead,
      seriesSelected,
      parseMs: 0,
      readMs: readMs - startedMs,
      evaluateMs: now() - readMs,
    },
  };
}

/** Of the rates that were folded; the others are told of when they are evaluated. */
function hintCounters(
  scans: readonly ScanPlan[],
  tables: ReadonlyMap<Expr, VectorTable>,
  annotations: Annotations,
): void {
  for (const { node, source, fold, matchers, selectorFrom } of scans) {
    const isCounted = source.kind === "range" && COUNTER_FUNCTIONS.has(source.name);
    if (!fold || !isCounted || !tables.get(node)?.present.includes(1)) continue;
    const metric = matchers.find(({ name, operator }) => name === METRIC_NAME && operator === "=");
    const hint = metric && counterHint(metric.value);
    if (hint) annotations.info(hint, selectorFrom);
  }
}

function refuseRangeOf({ type }: PreparedQuery, instant: boolean): void {
  if (instant || type === "vector" || type === "scalar") return;
  const [name, mend] =
    type === "matrix"
      ? ["range vector", "write a function around it, as rate(…) or max_over_time(…)"]
      : ["string", "ask for a metric or a number: a text has no value over time"];
  throw new OpsError(QUERY_ERRORS.notOverTime, { type: name, mend });
}

function evaluate(
  expr: Expr,
  time: EvaluationTime,
  reads: ReadonlyMap<VectorSelector, SeriesColumns>,
  parameters: RunParameters & PlanOptions,
  annotations: Annotations,
): QueryValue {
  const timeMs = time.grid.startMs;
  if (expr.kind === "string") return { kind: "string", timeMs, value: expr.value };
  const evaluator = new Evaluator(reads, parameters, annotations, parameters.budget);
  const memory = new QueryMemory(parameters.budget);
  if (expr.kind === "matrix" || expr.kind === "subquery") {
    const range = evaluator.range(expr, time);
    const edges = expr.kind === "matrix" ? expr.selector.edges : undefined;
    const series = edges
      ? edgeSeries(range.columns, edges, range.ends[0] ?? 0, range.rangeMs, parameters.lookbackMs)
      : rawSeries(range, memory);
    return { kind: "matrix", series: series.toSorted((a, b) => compareLabels(a.labels, b.labels)) };
  }
  const result = evaluator.operand(expr, time);
  if (result instanceof Float64Array) return scalarValue(result, time, parameters.instant);
  const table = finishNames(result, memory);
  return parameters.instant
    ? vectorValue(table, timeMs, memory)
    : matrixValue(table, time.grid, memory);
}

function scalarValue(values: Float64Array, { grid }: EvaluationTime, instant: boolean): QueryValue {
  if (instant) return { kind: "scalar", timeMs: grid.startMs, value: values[0] ?? Number.NaN };
  return { kind: "matrix", series: [{ labels: [], timesMs: stepTimes(grid), values }] };
}

/** Measured: an element; a series with its two columns; a point of those that are copied. */
const ELEMENT_BYTES = 90;
const SERIES_BYTES = 500;
const POINT_BYTES = 16;

function vectorValue(table: VectorTable, timeMs: number, memory: QueryMemory): QueryValue {
  const { series, values, present, histograms } = table;
  const elements: VectorElement[] = [];
  for (const [row, labels] of series.entries()) {
    if (present[row] !== 1) continue;
    memory.keepBytes(ELEMENT_BYTES);
    const histogram = histograms?.get(row);
    elements.push(
      histogram
        ? { labels, timeMs, value: Number.NaN, histogram }
        : { labels, timeMs, value: values[row] ?? Number.NaN },
    );
  }
  return { kind: "vector", elements };
}

/** A series without gaps is shown where it stands in the table: a large answer is not copied. */
function matrixValue(table: VectorTable, grid: StepGrid, memory: QueryMemory): QueryValue {
  const { steps } = table;
  const floats = floatsOnly(table);
  const gridTimes = stepTimes(grid);
  const series: MatrixSeries[] = [];
  for (const [row, labels] of table.series.entries()) {
    const first = row * steps;
    const values = table.values.subarray(first, first + steps);
    const present = floats.present.subarray(first, first + steps);
    const count = presentCount(present);
    const histograms = histogramPoints(table, row, grid);
    if (count === 0 && histograms.length === 0) continue;
    memory.keepBytes(SERIES_BYTES + (count === table.steps ? 0 : count * POINT_BYTES));
    const points =
      count === steps
        ? { timesMs: gridTimes, values }
        : pointsOf(gridTimes, values, present, count);
    series.push({ labels, ...points, ...(histograms.length > 0 && { histograms }) });
  }
  return { kind: "matrix", series: inOrder(series, memory) };
}

function inOrder(series: MatrixSeries[], memory: QueryMemory): readonly MatrixSeries[] {
  return series.sort((a, b) => {
    memory.visit();
    return compareLabels(a.labels, b.labels);
  });
}

function stepTimes({ startMs, stepMs, count }: StepGrid): Float64Array {
  const timesMs = new Float64Array(count);
  for (let step = 0; step < count; step++) timesMs[step] = startMs + step * stepMs;
  return timesMs;
}

function presentCount(present: Uint8Array): number {
  let count = 0;
  for (let step = 0; step < present.length; step++) count += present[step]!;
  return count;
}

function pointsOf(
  gridTimes: Float64Array,
  all: Float64Array,
  present: Uint8Array,
  count: number,
): Pick<MatrixSeries, "timesMs" | "values"> {
  const timesMs = new Float64Array(count);
  const values = new Float64Array(count);
  for (let step = 0, at = 0; step < present.length; step++) {
    if (present[step] !== 1) continue;
    timesMs[at] = gridTimes[step]!;
    values[at] = all[step]!;
    at++;
  }
  return { timesMs, values };
}

function histogramPoints(
  { histograms, steps }: VectorTable,
  row: number,
  { startMs, stepMs }: StepGrid,
): readonly HistogramPoint[] {
  const points: HistogramPoint[] = [];
  if (histograms === undefined) return points;
  for (let step = 0; step < steps; step++) {
    const histogram = histograms.get(row * steps + step);
    if (histogram) points.push([startMs + step * stepMs, histogram]);
  }
  return points;
}
