import { bare, childrenOf, type Expr, type VectorSelector } from "../syntax/ast.ts";
import { isOfOneMetric } from "./one-metric.ts";
import { statsOnly } from "./stats-only.ts";
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
  "stddev_over_time",
  "stdvar_over_time",
  "step",
  "sum_over_time",
]);
const OF_THE_RANGE_AGGREGATIONS: ReadonlySet<string> = new Set(["limitk", "limit_ratio"]);

/** Of hints about resets these look at those inside a window alone, and give their own. */
const HIDE_HINTS: ReadonlySet<string> = new Set(["delta", "idelta", "increase", "irate", "rate"]);

export interface StepWindowOptions {
  readonly lookbackMs: number;
  readonly delayedNameRemoval?: boolean;
}

interface Asked extends StepWindowOptions {
  /** Their hints depend on what was read before, so on where the range begins. */
  readonly statsOnly: ReadonlySet<VectorSelector>;
}

/**
 * Undefined: the answer at one step is not told by the samples of a window around it, so no step of
 * it may be kept.
 */
export function stepWindow(expr: Expr, options: StepWindowOptions): StepWindow | undefined {
  return windowOf(expr, { ...options, statsOnly: statsOnly(expr) }, false);
}

function windowOf(expr: Expr, asked: Asked, hidesHints: boolean): StepWindow | undefined {
  const node = bare(expr);
  const depends = (selector: VectorSelector) =>
    selector.edges !== undefined || (asked.statsOnly.has(selector) && !hidesHints);
  switch (node.kind) {
    case "number":
    case "string":
      return { beforeMs: 0, afterMs: 0 };
    case "vector":
      if (depends(node)) return undefined;
      return shifted({ beforeMs: asked.lookbackMs, afterMs: 0 }, node);
    // Ranges of several metrics: without their names series may be alike, which is an error wherever
    // in the whole range they are.
    case "matrix": {
      if (node.rangeExpr || depends(node.selector) || !isOfOneMetric(node)) return undefined;
      return shifted({ beforeMs: node.rangeMs, afterMs: 0 }, node.selector);
    }
    case "subquery": {
      if (node.rangeExpr || node.stepExpr || !isOfOneMetric(node.expr)) return undefined;
      const inner = windowOf(node.expr, asked, false);
      return inner && shifted({ ...inner, beforeMs: inner.beforeMs + node.rangeMs }, node);
    }
    case "call":
      if (OF_THE_RANGE.has(node.name)) return undefined;
      return joined(childrenOf(node), asked, HIDE_HINTS.has(node.name));
    case "aggregation": {
      if (OF_THE_RANGE_AGGREGATIONS.has(node.operator)) return undefined;
      // Then the parameter is that of the first step.
      const isPinned = isStepInvariant(node.expr);
      if (node.parameter && isPinned && !isStepInvariant(node.parameter)) return undefined;
      return joined(childrenOf(node), asked, false);
    }
    case "binary":
      // The first step at which a series is there settles whether its name is to go.
      if (node.operator === "or" && asked.delayedNameRemoval) return undefined;
      return joined(childrenOf(node), asked, false);
    default:
      return joined(childrenOf(node), asked, false);
  }
}

function joined(parts: readonly Expr[], asked: Asked, hidesHints: boolean): StepWindow | undefined {
  let beforeMs = 0;
  let afterMs = 0;
  for (const part of parts) {
    const window = windowOf(part, asked, hidesHints);
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
