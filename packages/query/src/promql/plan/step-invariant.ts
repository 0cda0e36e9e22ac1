import { bare, childrenOf, type Expr } from "../syntax/ast.ts";

/** Functions whose answer depends on the time at which they are asked. */
const OF_TIME: ReadonlySet<string> = new Set([
  "time",
  "timestamp",
  "predict_linear",
  "minute",
  "hour",
  "day_of_week",
  "day_of_month",
  "day_of_year",
  "days_in_month",
  "month",
  "year",
]);

/**
 * Whether Prometheus evaluates an expression once for all steps, as if it were asked of one moment
 * (promql/engine.go, preprocessExprHelper). The parameter of an aggregation does not count there.
 */
export function isStepInvariant(expr: Expr): boolean {
  switch (expr.kind) {
    case "vector":
    case "subquery":
      return expr.at !== undefined;
    case "matrix":
      return expr.selector.at !== undefined;
    case "aggregation":
      return isStepInvariant(expr.expr);
    case "call":
      return isInvariantCall(expr.name, expr.args);
    default:
      return childrenOf(expr).every(isStepInvariant);
  }
}

function isInvariantCall(name: string, args: readonly Expr[]): boolean {
  const isOfSelector = name === "timestamp" && args.every((arg) => bare(arg).kind === "vector");
  return (isOfSelector || !OF_TIME.has(name)) && args.every(isStepInvariant);
}
