import { type Matcher, METRIC_NAME, type TimeRange } from "@hms-ops/model";
import { type EvaluationTime, shiftedTimes } from "../exec/grid.ts";
import { SCHEMA_LABELS } from "../exec/names.ts";
import { isRefusedFactor } from "../functions/smoothing.ts";
import { FUNCTIONS, type FunctionRow } from "../functions/table.ts";
import {
  type Aggregation,
  bare,
  childrenOf,
  type Expr,
  type VectorSelector,
} from "../syntax/ast.ts";
import { constantOf } from "./constants.ts";
import { matchOneMetric } from "./one-metric.ts";
import { innerTime, type PlanOptions } from "./selectors.ts";

/** What a scan makes of the samples of one series: a value a step. Plain data. */
export type ScanSource =
  | { readonly kind: "instant"; readonly lookbackMs: number }
  | {
      readonly kind: "range";
      /** Of a function over a range (`rangeHow`). */
      readonly name: string;
      readonly rangeMs: number;
      /** Scalar arguments. */
      readonly parameters: readonly number[];
    };

export type RangeHow = Extract<FunctionRow["how"], { kind: "range" }>;

export function rangeHow(name: string): RangeHow | undefined {
  const how = FUNCTIONS[name]?.how;
  return how?.kind === "range" ? how : undefined;
}

/** A value of one series at each step. Plain data. */
export interface LineShape {
  readonly source: ScanSource;
  /** Ends of the windows, or times of the look-back; never fall. */
  readonly times: Float64Array;
  /** Of each step, whatever offset the selector has. */
  readonly stepTimes: Float64Array;
}

/** An expression that is answered while the samples are read, without keeping them. */
export interface ScanPlan extends LineShape {
  /** The aggregation, call or selector that is answered. */
  readonly node: Expr;
  readonly matchers: readonly Matcher[];
  readonly range: TimeRange;
  /** Where the selector stands in the text. */
  readonly selectorFrom: number;
  /** Into which the series are folded; absent: each is a row of its own. */
  readonly fold?: { readonly operator: FoldOperator; readonly grouping: Grouping };
}

export interface Grouping {
  readonly names: ReadonlySet<string>;
  /** All labels but these. */
  readonly without: boolean;
}

const FOLDS = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"] as const;
export type FoldOperator = (typeof FOLDS)[number];

/** The parts of an expression that one pass over the samples answers, outermost first. */
export function planScans(
  expr: Expr,
  time: EvaluationTime,
  options: PlanOptions,
): readonly ScanPlan[] {
  const plans: ScanPlan[] = [];
  const visit = (node: Expr, at: EvaluationTime): void => {
    if (options.answered?.has(node)) return;
    const plan = planOf(node, at, options);
    if (plan) {
      plans.push(plan);
      return;
    }
    if (node.kind === "subquery") {
      const inner = innerTime(node, at, options.defaultStepMs);
      if (inner.grid.count > 0) visit(node.expr, inner);
    } else if (node.kind !== "matrix" && !readsItself(node)) {
      for (const part of childrenOf(node)) visit(part, at);
    }
  };
  visit(expr, time);
  return plans;
}

/** These look at the samples of a selector themselves. */
function readsItself(node: Expr): boolean {
  if (node.kind !== "call") return false;
  const [first] = node.args;
  if (node.name === "info") return true;
  return node.name === "timestamp" && first !== undefined && bare(first).kind === "vector";
}

function planOf(node: Expr, time: EvaluationTime, options: PlanOptions): ScanPlan | undefined {
  if (node.kind !== "aggregation") return seriesPlan(node, time, options);
  const operator = FOLDS.find((one) => one === node.operator);
  const inner = operator && seriesPlan(bare(node.expr), time, options);
  if (!inner || options.delayedNameRemoval || options.answered?.has(bare(node.expr))) {
    return undefined;
  }
  const grouping = groupingOf(node, inner);
  return grouping && { ...inner, node, fold: { operator, grouping } };
}

/** Undefined where the evaluator has something to say of single series or of parameters. */
function groupingOf(
  { grouping, without }: Aggregation,
  { source, matchers }: ScanPlan,
): Grouping | undefined {
  const names = new Set(grouping);
  if (without) names.add(METRIC_NAME);
  if (source.kind === "range" && !rangeHow(source.name)?.keepsName) {
    if (source.parameters.length > 0) return undefined;
    // Without their names two series of different metrics may be alike, which is an error.
    if (!matchOneMetric(matchers)) return undefined;
    // Those go with the name, before the series are grouped.
    for (const name of SCHEMA_LABELS) {
      if (without) names.add(name);
      else names.delete(name);
    }
  }
  return { names, without };
}

/** Of a selector or of a function over a range of one. */
function seriesPlan(node: Expr, time: EvaluationTime, options: PlanOptions): ScanPlan | undefined {
  if (node.kind === "vector") {
    if (node.edges) return undefined;
    const { lookbackMs } = options;
    return planFor(node, node, { kind: "instant", lookbackMs }, lookbackMs, time);
  }
  if (node.kind !== "call") return undefined;
  if (!rangeHow(node.name)) return undefined;
  const ranged = node.args.find((arg) => bare(arg).kind === "matrix");
  const matrix = ranged && bare(ranged);
  if (matrix?.kind !== "matrix" || matrix.selector.edges) return undefined;
  const parameters: number[] = [];
  for (const arg of node.args) {
    if (arg === ranged) continue;
    const value = constantOf(arg);
    if (value === undefined) return undefined;
    parameters.push(value);
  }
  // Told when it is this call's turn: of errors Prometheus tells the first that it comes to.
  const canRefuse = node.name === "double_exponential_smoothing";
  if (canRefuse && parameters.some(isRefusedFactor)) return undefined;
  const { rangeMs, selector } = matrix;
  const source = { kind: "range", name: node.name, rangeMs, parameters } as const;
  const plan = planFor(node, selector, source, rangeMs, time);
  return { ...plan, selectorFrom: matrix.from };
}

function planFor(
  node: Expr,
  selector: VectorSelector,
  source: ScanSource,
  windowMs: number,
  time: EvaluationTime,
): ScanPlan {
  const times = shiftedTimes(time, selector);
  const range = {
    // Windows are open on the left, and times are whole milliseconds.
    fromMs: (times[0] ?? 0) - windowMs + 1,
    toMs: times[times.length - 1] ?? 0,
  };
  const stepTimes = shiftedTimes(time, { offsetMs: 0 });
  const { matchers, from: selectorFrom } = selector;
  return { node, source, matchers, range, selectorFrom, times, stepTimes };
}
