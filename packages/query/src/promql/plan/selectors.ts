import type { Matcher, TimeRange } from "@hms-ops/model";
import { OpsError } from "@hms-ops/model";
import { QUERY_ERRORS } from "../../errors.ts";
import { MOST_SUBQUERY_STEPS } from "../../limits.ts";
import { type EvaluationTime, shiftedTimes, subqueryGrid } from "../exec/grid.ts";
import { childrenOf, type Expr, type Subquery, type VectorSelector } from "../syntax/ast.ts";

/** One read of the store: selectors with the same matchers share it. */
export interface SelectorRead {
  readonly matchers: readonly Matcher[];
  readonly range: TimeRange;
}

export interface PlanOptions {
  readonly lookbackMs: number;
  /** Step of a sub-query that has none. */
  readonly defaultStepMs: number;
}

/** Selectors that read the same series have the same key. */
export function selectorKey(matchers: readonly Matcher[]): string {
  return JSON.stringify(matchers.map(({ name, operator, value }) => [name, operator, value]));
}

/** What an expression must read, and over which time, for a grid. */
export function planReads(
  expr: Expr,
  time: EvaluationTime,
  options: PlanOptions,
): ReadonlyMap<string, SelectorRead> {
  const reads = new Map<string, SelectorRead>();
  collect(expr, time, options, reads);
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
  return { ...time, grid };
}

function collect(
  expr: Expr,
  time: EvaluationTime,
  options: PlanOptions,
  reads: Map<string, SelectorRead>,
): void {
  if (expr.kind === "vector") addRead(expr, options.lookbackMs, time, reads);
  else if (expr.kind === "matrix") addRead(expr.selector, expr.rangeMs, time, reads);
  else if (expr.kind === "subquery") {
    const inner = innerTime(expr, time, options.defaultStepMs);
    if (inner.grid.count > 0) collect(expr.expr, inner, options, reads);
  } else {
    for (const part of childrenOf(expr)) collect(part, time, options, reads);
  }
}

function addRead(
  selector: VectorSelector,
  windowMs: number,
  time: EvaluationTime,
  reads: Map<string, SelectorRead>,
): void {
  const times = shiftedTimes(time, selector);
  // Windows are open on the left, and times are whole milliseconds.
  const fromMs = (times[0] ?? 0) - windowMs + 1;
  const toMs = times[times.length - 1] ?? 0;
  const key = selectorKey(selector.matchers);
  const known = reads.get(key)?.range;
  const range = known
    ? { fromMs: Math.min(known.fromMs, fromMs), toMs: Math.max(known.toMs, toMs) }
    : { fromMs, toMs };
  reads.set(key, { matchers: selector.matchers, range });
}
