import { type Matcher, METRIC_NAME } from "@hms-ops/model";
import { childrenOf, type Expr, type VectorSelector } from "../syntax/ast.ts";

const TARGET_INFO: Matcher = { name: METRIC_NAME, operator: "=", value: "target_info" };
const ANY_INFO: Matcher = { name: METRIC_NAME, operator: "=~", value: ".+_info" };

/**
 * The selector of the info series that `info(v, labels)` joins: of `target_info` unless `labels`
 * names others, at the times of the first selector in `v`.
 */
export function infoSelector(vector: Expr, labels: VectorSelector | undefined): VectorSelector {
  const { at, offsetMs = 0, offsetExpr } = firstSelector(vector) ?? {};
  const { from, to } = labels ?? vector;
  return {
    kind: "vector",
    name: "",
    matchers: [...nameMatchers(labels), ...(labels?.matchers ?? [])],
    from,
    to,
    offsetMs,
    ...(offsetExpr && { offsetExpr }),
    ...(at && { at }),
  };
}

/** What must hold for the name besides what was written. */
function nameMatchers(labels: VectorSelector | undefined): readonly Matcher[] {
  const written = (labels?.matchers ?? []).filter(({ name }) => name === METRIC_NAME);
  if (written.length === 0) return [TARGET_INFO];
  const isPositive = written.some(({ operator }) => operator === "=" || operator === "=~");
  return isPositive ? [] : [ANY_INFO];
}

function firstSelector(expr: Expr): VectorSelector | undefined {
  if (expr.kind === "vector") return expr;
  if (expr.kind === "matrix") return expr.selector;
  for (const part of childrenOf(expr)) {
    const found = firstSelector(part);
    if (found) return found;
  }
  return undefined;
}
