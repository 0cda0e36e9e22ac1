import { bare, childrenOf, type Expr } from "../syntax/ast.ts";
import { isStepInvariant } from "./step-invariant.ts";

/** Which samples a step may look at, counted from its time. */
export interface StepWindow {
  readonly beforeMs: number;
  readonly afterMs: number;
}

/**
 * Their answer depends on the whole range, or in its last bits on where the range begins: running
 * sums carry what came before a window.
 */
const OF_THE_RANGE: ReadonlySet<string> = new Set([
  "avg_over_time",
  "end",
  "info",
  "range",
  "start",
  "step",
  "sum_over_time",
]);
const OF_THE_RANGE_AGGREGATIONS: ReadonlySet<string> = new Set(["limitk", "limit_ratio"]);

/**
 * Undefined: the answer at one step is not told by the samples of a window around it, so no step of
 * it may be kept.
 */
export function stepWindow(expr: Expr, lookbackMs: number): StepWindow | undefined {
  const node = bare(expr);
  switch (node.kind) {
    case "number":
    case "string":
      return { beforeMs: 0, afterMs: 0 };
    case "vector":
      return node.edges ? undefined : shifted({ beforeMs: lookbackMs, afterMs: 0 }, node);
    case "matrix": {
      if (node.rangeExpr || node.selector.edges) return undefined;
      return shifted({ beforeMs: node.rangeMs, afterMs: 0 }, node.selector);
    }
    case "subquery": {
      if (node.rangeExpr || node.stepExpr) return undefined;
      const inner = stepWindow(node.expr, lookbackMs);
      return inner && shifted({ ...inner, beforeMs: inner.beforeMs + node.rangeMs }, node);
    }
    case "call":
      return OF_THE_RANGE.has(node.name) ? undefined : joined(childrenOf(node), lookbackMs);
    case "aggregation": {
      if (OF_THE_RANGE_AGGREGATIONS.has(node.operator)) return undefined;
      // Then the parameter is that of the first step.
      const isPinned = isStepInvariant(node.expr);
      if (node.parameter && isPinned && !isStepInvariant(node.parameter)) return undefined;
      return joined(childrenOf(node), lookbackMs);
    }
    default:
      return joined(childrenOf(node), lookbackMs);
  }
}

function joined(parts: readonly Expr[], lookbackMs: number): StepWindow | undefined {
  let beforeMs = 0;
  let afterMs = 0;
  for (const part of parts) {
    const window = stepWindow(part, lookbackMs);
    if (!window) return undefined;
    beforeMs = Math.max(beforeMs, window.beforeMs);
    afterMs = Math.max(afterMs, window.afterMs);
  }
  return { beforeMs, afterMs };
}

interface Shift {
  readonly offsetMs: number;
  readonly offsetExpr?: unknown;
  readonly at?: unknown;
}

function shifted(
  { beforeMs, afterMs }: StepWindow,
  { offsetMs, offsetExpr, at }: Shift,
): StepWindow | undefined {
  // With `@` every step looks at the same time, however far it is.
  if (at !== undefined || offsetExpr !== undefined) return undefined;
  return { beforeMs: beforeMs + offsetMs, afterMs: Math.max(0, afterMs - offsetMs) };
}
