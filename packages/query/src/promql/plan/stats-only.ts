import { isTrim } from "../exec/row-operations.ts";
import { bare, childrenOf, type Expr, type VectorSelector } from "../syntax/ast.ts";

/** Functions that ask a histogram for its count and sum alone. */
const STATS = new Set(["histogram_count", "histogram_sum", "histogram_avg"]);
const WHOLE = new Set(["histogram_quantile", "histogram_quantiles", "histogram_fraction"]);

/**
 * Selectors whose histograms Prometheus reads without buckets, as something above them wants count
 * and sum alone and nothing above them wants buckets (promql/engine.go,
 * detectHistogramStatsDecoding). This shows: such histograms go together whatever their
 * bounds, where these are of one kind, and hints tell what was read before. Of `histogram_count(x)` it does not: nothing is made of x.
 */
export function statsOnly(expr: Expr): ReadonlySet<VectorSelector> {
  const found = new Set<VectorSelector>();
  collect(expr, "nothing", found);
  return found;
}

type Wanted = "nothing" | "stats" | "whole";

function collect(expr: Expr, wanted: Wanted, found: Set<VectorSelector>): void {
  if (expr.kind === "vector" || expr.kind === "matrix") {
    if (wanted === "stats") found.add(expr.kind === "vector" ? expr : expr.selector);
    return;
  }
  const inside = wanted === "whole" ? wanted : wantedInside(expr, wanted);
  for (const part of childrenOf(expr)) if (!isTaken(part, expr)) collect(part, inside, found);
}

function wantedInside(expr: Expr, wanted: Wanted): Wanted {
  if (expr.kind === "subquery" || (expr.kind === "binary" && isTrim(expr))) return "whole";
  if (expr.kind !== "call") return wanted;
  if (WHOLE.has(expr.name)) return "whole";
  return STATS.has(expr.name) ? "stats" : wanted;
}

/** Its samples are taken as they are, and count or sum is all that is ever seen of them. */
function isTaken(part: Expr, by: Expr): boolean {
  const inner = bare(part);
  const isPlain = inner.kind === "vector" && inner.edges === undefined;
  return isPlain && by.kind === "call" && STATS.has(by.name);
}
