import { type Matcher, METRIC_NAME } from "@hms-ops/model";
import { childrenOf, type Expr } from "../syntax/ast.ts";

/** Whether what a selector finds has one name. */
export function matchOneMetric(matchers: readonly Matcher[]): boolean {
  return matchers.some(({ name, operator }) => name === METRIC_NAME && operator === "=");
}

/** Whether all series of an expression's answer have one name, or none; false: perhaps not. */
export function isOfOneMetric(expr: Expr): boolean {
  if (expr.kind === "vector") return matchOneMetric(expr.matchers);
  if (expr.kind === "matrix") return matchOneMetric(expr.selector.matchers);
  if (expr.kind === "binary" && expr.operator === "or") return false;
  return childrenOf(expr).every(isOfOneMetric);
}
