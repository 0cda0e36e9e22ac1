import { bare, type Call, type Expr, isComparison } from "../syntax/ast.ts";

/** Aggregations of rates that are rates. */
const KEEPING_AGGREGATIONS: ReadonlySet<string> = new Set([
  "sum",
  "avg",
  "min",
  "max",
  "quantile",
  "topk",
  "bottomk",
  "limitk",
  "limit_ratio",
]);
/** Calls whose answer is what they were given, or one of it. */
const KEEPING_CALLS: ReadonlySet<string> = new Set([
  "sort",
  "sort_desc",
  "sort_by_label",
  "sort_by_label_desc",
  "label_replace",
  "label_join",
  "abs",
  "ceil",
  "floor",
  "round",
  "clamp",
  "clamp_min",
  "clamp_max",
  "scalar",
  "avg_over_time",
  "min_over_time",
  "max_over_time",
  "last_over_time",
  "quantile_over_time",
]);

/**
 * The calls of `rate` whose value is the answer itself, or what a condition compares. A ratio, a
 * quantile or a count is the same whatever time a rate is counted by; who has multiplied knows it.
 */
export function answeringRates(expr: Expr): readonly Call[] {
  switch (expr.kind) {
    case "paren":
    case "unary":
    case "subquery":
      return answeringRates(expr.expr);
    case "aggregation":
      return KEEPING_AGGREGATIONS.has(expr.operator) ? answeringRates(expr.expr) : [];
    case "call":
      if (expr.name === "rate") return isOfTime(expr) ? [] : [expr];
      return KEEPING_CALLS.has(expr.name) ? expr.args.flatMap(answeringRates) : [];
    case "binary": {
      const { operator, left, right } = expr;
      if (operator === "and" || operator === "unless") return answeringRates(left);
      const keeps = operator === "or" || operator === "+" || operator === "-";
      const isLimited = isComparison(operator) && isNumber(left) !== isNumber(right);
      return keeps || isLimited ? [left, right].flatMap(answeringRates) : [];
    }
    default:
      return [];
  }
}

function isNumber(expr: Expr): boolean {
  return bare(expr).kind === "number";
}

/** Seconds per second are a share. */
function isOfTime({ args }: Call): boolean {
  return args.map(bare).some((arg) => {
    return arg.kind === "matrix" && /_seconds_(?:total|sum)$/.test(arg.selector.name);
  });
}
