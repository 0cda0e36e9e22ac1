import type { Expr } from "../syntax/ast.ts";

/** They look at the time of evaluation, whatever their arguments are. */
const OF_THE_TIME: ReadonlySet<string> = new Set([
  "day_of_month",
  "day_of_week",
  "day_of_year",
  "days_in_month",
  "hour",
  "minute",
  "month",
  "predict_linear",
  "time",
  "timestamp",
  "year",
]);

/**
 * Whether every step has the same answer by the look of it: Prometheus evaluates such an expression
 * once, at the first step, and has no more to say of it than there was to say then
 * (promql/engine.go, preprocessExprHelper).
 */
export function isStepInvariant(expr: Expr): boolean {
  switch (expr.kind) {
    case "number":
    case "string":
      return true;
    case "vector":
    case "subquery":
      return expr.at !== undefined;
    case "matrix":
      return expr.selector.at !== undefined;
    case "paren":
    case "unary":
    // Its parameter doesn't count.
    case "aggregation":
      return isStepInvariant(expr.expr);
    case "binary":
      return isStepInvariant(expr.left) && isStepInvariant(expr.right);
    case "call":
      return !OF_THE_TIME.has(expr.name) && expr.args.every(isStepInvariant);
  }
}
