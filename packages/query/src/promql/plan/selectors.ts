import type { Matcher, TimeRange } from "@hms-ops/model";
import { OpsError } from "@hms-ops/model";
import { QUERY_ERRORS } from "../../errors.ts";
import { MOST_SUBQUERY_STEPS } from "../../limits.ts";
import { surroundings } from "../exec/edges.ts";
import { type EvaluationTime, shiftedTimes, subqueryGrid } from "../exec/grid.ts";
import type { VectorTable } from "../exec/table.ts";
import { childrenOf, type Expr, type Subquery, type VectorSelector } from "../syntax/ast.ts";

/** One read of the store: selectors with the same matchers and overlapping times share it. */
export interface SelectorRead {
  readonly matchers: readonly Matcher[];
  readonly range: TimeRange;
  readonly selectors: readonly VectorSelector[];
}

export interface PlanOptions {
  readonly lookbackMs: number;
  /** Step of a sub-query that has none. */
  readonly defaultStepMs: number;
  /** What was answered already, with names: nothing is read for it. */
  readonly answered?: ReadonlyMap<Expr, VectorTable>;
  /** Selectors of whose histograms only count and sum are asked. */
  readonly statsOnly?: ReadonlySet<VectorSelector>;
  /** Names go at the very end, so that they tell series apart until then. */
  readonly delayedNameRemoval?: boolean;
}

interface Need {
  readonly selector: VectorSelector;
  readonly range: TimeRange;
}

/** What an expression must read, and over which time, for a grid. */
export function planReads(
  expr: Expr,
  time: EvaluationTime,
  options: PlanOptions,
): readonly SelectorRead[] {
  const needs = new Map<string, Need[]>();
  collect(expr, time, options, needs);
  return [...needs.values()].flatMap(shareReads);
}

/** `x / x offset 30d` is two short reads, not one of 30 days. */
function shareReads(needs: readonly Need[]): readonly SelectorRead[] {
  const reads: { matchers: readonly Matcher[]; range: TimeRange; selectors: VectorSelector[] }[] =
    [];
  for (const { selector, range } of needs.toSorted((a, b) => a.range.fromMs - b.range.fromMs)) {
    const last = reads[reads.length - 1];
    if (last === undefined || range.fromMs > last.range.toMs) {
      reads.push({ matchers: selector.matchers, range, selectors: [selector] });
      continue;
    }
    const toMs = Math.max(last.range.toMs, range.toMs);
    last.range = { fromMs: last.range.fromMs, toMs };
    last.selectors.push(selector);
  }
  return reads;
}

/** The grid on which a sub-query's inner expression is evaluated. */
export function innerTime(
  subquery: Subquery,
  time: EvaluationTime,
  defaultStepMs: number,
): EvaluationTime {
  const times = shiftedTimes(time, subquery);
  const grid = subqueryGrid(times, subquery.rangeMs, subquery.stepMs ?? defaultStepMs);
  if (grid.count > MOST_SUBQUERY_STEPS) {
    const reason = `sub-query has ${grid.count} steps, at most ${MOST_SUBQUERY_STEPS} are allowed`;
    throw new OpsError(QUERY_ERRORS.execution, { reason });
  }
  return { ...time, grid, isMoment: grid.startMs === times[times.length - 1] };
}

function collect(
  expr: Expr,
  time: EvaluationTime,
  options: PlanOptions,
  needs: Map<string, Need[]>,
): void {
  if (options.answered?.has(expr)) return;
  if (expr.kind === "vector") {
    const { afterMs } = surroundings(expr.edges, options.lookbackMs);
    addNeed(expr, options.lookbackMs + beforeStats(expr, options), afterMs, time, needs);
  } else if (expr.kind === "matrix") {
    const { beforeMs, afterMs } = surroundings(expr.selector.edges, options.lookbackMs);
    const windowMs = expr.rangeMs + beforeMs + beforeStats(expr.selector, options);
    addNeed(expr.selector, windowMs, afterMs, time, needs);
  } else if (expr.kind === "subquery") {
    const inner = innerTime(expr, time, options.defaultStepMs);
    if (inner.grid.count > 0) collect(expr.expr, inner, options, needs);
  } else if (expr.kind === "call" && expr.name === "info" && expr.info) {
    addNeed(expr.info, options.lookbackMs, 0, time, needs);
    for (const part of expr.args.slice(0, 1)) collect(part, time, options, needs);
  } else {
    for (const part of childrenOf(expr)) collect(part, time, options, needs);
  }
}

/** Whether a histogram begins a chunk is told by the sample before it. */
function beforeStats(selector: VectorSelector, { statsOnly, lookbackMs }: PlanOptions): number {
  return statsOnly?.has(selector) ? lookbackMs : 0;
}

function addNeed(
  selector: VectorSelector,
  windowMs: number,
  afterMs: number,
  time: EvaluationTime,
  needs: Map<string, Need[]>,
): void {
  const times = shiftedTimes(time, selector);
  // Windows are open on the left, and times are whole milliseconds.
  const fromMs = (times[0] ?? 0) - windowMs + 1;
  const toMs = (times[times.length - 1] ?? 0) + afterMs;
  const matchers = selector.matchers.map(({ name, operator, value }) => [name, operator, value]);
  const key = JSON.stringify(matchers);
  const known = needs.get(key) ?? [];
  needs.set(key, known);
  known.push({ selector, range: { fromMs, toMs } });
}
