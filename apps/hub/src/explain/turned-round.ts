import { type Expr, formatPromql } from "@hms-ops/query";

const RANGE_MS = 300_000;

/** `rate(sum by (job) (x)[10m:])` as `sum by (job) (rate(x[10m]))`; undefined where that is not clear. */
export function turnedRound(call: Expr): string | undefined {
  if (call.kind !== "call") return undefined;
  for (const [i, arg] of call.args.entries()) {
    const range = bare(arg);
    const fold = bare(range.kind === "subquery" ? range.expr : range);
    if (fold.kind !== "aggregation") continue;
    const selector = bare(fold.expr);
    if (selector.kind !== "vector") return undefined;
    const rangeMs = range.kind === "subquery" ? range.rangeMs : RANGE_MS;
    const matrix = { kind: "matrix", selector, rangeMs, from: 0, to: 0 } as const;
    const args = call.args.map((one, at) => (at === i ? matrix : one));
    return formatPromql({ ...fold, expr: { ...call, args } });
  }
  return undefined;
}

/** Strips parentheses. */
function bare(expr: Expr): Expr {
  return expr.kind === "paren" ? bare(expr.expr) : expr;
}
