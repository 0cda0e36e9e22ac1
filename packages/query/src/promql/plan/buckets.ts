import { type EvaluationTime, shiftedTimes } from "../exec/grid.ts";
import { bare, type Call, childrenOf, type Expr, type MatrixSelector } from "../syntax/ast.ts";
import { innerTime, type PlanOptions } from "./selectors.ts";

/** Functions that buckets answer as samples do; never rates, quantiles or look-back. */
const BUCKETED = ["sum_over_time", "count_over_time", "min_over_time", "max_over_time"] as const;
export type BucketedFunction = (typeof BUCKETED)[number] | "avg_over_time";
const NAMES: ReadonlySet<string> = new Set([...BUCKETED, "avg_over_time"]);

/** Stores keep buckets of finished days: a shorter stretch is not worth the question. */
const STRETCH_MS_MIN = 6 * 3_600_000;
/** Narrower buckets are kept by no store. */
const ALIGN_MS_MIN = 60_000;

/** A call whose windows might be answered from buckets. */
export interface BucketPlan {
  readonly call: Call;
  readonly name: BucketedFunction;
  readonly matrix: MatrixSelector;
  /** Of the windows; never fall. */
  readonly ends: Float64Array;
  /** All borders of all windows are multiples of it. */
  readonly alignMs: number;
}

/** The calls of an expression whose windows have borders in common that are wide enough. */
export function planBuckets(
  expr: Expr,
  time: EvaluationTime,
  options: PlanOptions,
): readonly BucketPlan[] {
  const plans: BucketPlan[] = [];
  const visit = (node: Expr, at: EvaluationTime): void => {
    if (node.kind === "call" && NAMES.has(node.name)) {
      const plan = bucketPlan(node, at);
      if (plan) plans.push(plan);
    }
    if (node.kind !== "subquery") {
      for (const part of childrenOf(node)) visit(part, at);
      return;
    }
    const inner = innerTime(node, at, options.defaultStepMs);
    if (inner.grid.count > 0) visit(node.expr, inner);
  };
  visit(expr, time);
  return plans;
}

function bucketPlan(call: Call, time: EvaluationTime): BucketPlan | undefined {
  const [first] = call.args;
  const matrix = first && bare(first);
  if (matrix?.kind !== "matrix" || matrix.selector.edges) return undefined;
  const ends = shiftedTimes(time, matrix.selector);
  const startMs = ends[0] ?? 0;
  const endMs = ends[ends.length - 1] ?? 0;
  if (endMs - startMs + matrix.rangeMs < STRETCH_MS_MIN) return undefined;
  const stepMs = ends.length > 1 ? (ends[1] ?? 0) - startMs : 0;
  const alignMs = [startMs, stepMs].reduce(commonDivisor, matrix.rangeMs);
  if (!Number.isSafeInteger(alignMs) || alignMs < ALIGN_MS_MIN) return undefined;
  return { call, name: call.name as BucketedFunction, matrix, ends, alignMs };
}

/** Of whole numbers; NaN if one is none. */
function commonDivisor(a: number, b: number): number {
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return Number.NaN;
  let [left, right] = [Math.abs(a), Math.abs(b)];
  while (right !== 0) [left, right] = [right, left % right];
  return left;
}
