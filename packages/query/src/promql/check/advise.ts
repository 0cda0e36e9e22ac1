import { type Diagnostic, METRIC_NAME } from "@hms-ops/model";
import {
  type Binary,
  bare,
  type Call,
  childrenOf,
  type Expr,
  isComparison,
  type VectorSelector,
} from "../syntax/ast.ts";
import { answeringRates } from "./answers.ts";
import { type TimeUnit, unitOf } from "./units.ts";

/** What is known of metrics besides their names. */
export interface MetricFacts {
  /** As metadata has it: `counter`, `gauge`, …; undefined: nothing is known. */
  typeOf?(metricName: string): string | undefined;
}

const COUNTER_SUFFIX = /_(?:total|sum|count|bucket)$/;
const OF_COUNTERS: ReadonlySet<string> = new Set(["rate", "increase", "irate", "resets"]);
const OF_GAUGES: ReadonlySet<string> = new Set(["delta", "idelta", "deriv", "predict_linear"]);

/**
 * Warnings about what is legal but hardly meant: a rate of a gauge or of a sum, milliseconds beside
 * seconds, buckets without their bound; and hints about what is easily misread. In the order of the text; empty when nothing is odd.
 */
export function adviseQuery(expr: Expr, facts: MetricFacts = {}): readonly Diagnostic[] {
  const warnings: Diagnostic[] = [];
  const visit = (node: Expr): void => {
    if (node.kind === "call") adviseCall(node, facts, warnings);
    if (node.kind === "binary") adviseBinary(node, warnings);
    for (const part of childrenOf(node)) visit(part);
  };
  visit(expr);
  for (const call of answeringRates(expr)) hintPerSecond(call, warnings);
  return warnings.sort((a, b) => (a.from ?? 0) - (b.from ?? 0));
}

/** Warns where an alert's `for` passes before its rule was evaluated twice. Milliseconds. */
export function adviseFor(
  forMs: number,
  intervalMs: number,
): Omit<Diagnostic, "from" | "to"> | undefined {
  if (forMs === 0 || forMs >= 2 * intervalMs) return undefined;
  const message = `for: ${forMs / 1000}s is shorter than two evaluations of ${intervalMs / 1000}s, so that one look decides`;
  const suggestion = `write for: ${(2 * intervalMs) / 1000}s or more, or leave it out`;
  return { severity: "warning", message, suggestion };
}

function adviseCall(call: Call, facts: MetricFacts, warnings: Diagnostic[]): void {
  const range = call.args.map(bare).find(({ kind }) => kind === "matrix" || kind === "subquery");
  if (range?.kind === "subquery" && OF_COUNTERS.has(call.name)) {
    const inner = bare(range.expr);
    if (inner.kind === "aggregation") {
      const message = `${call.name}() of a ${inner.operator} misses resets: a counter that begins anew hides among the others`;
      const suggestion = `turn it round: ${inner.operator}(${call.name}(metric[5m]))`;
      warnings.push(warning(call, message, suggestion));
    }
  }
  if (range?.kind === "matrix") {
    adviseType(call, range.selector, facts, warnings);
  }
  if (call.name === "histogram_quantile" || call.name === "histogram_fraction") {
    adviseBuckets(call, warnings);
  }
}

function adviseType(
  call: Call,
  selector: VectorSelector,
  facts: MetricFacts,
  warnings: Diagnostic[],
): void {
  const name = nameOf(selector);
  if (name === "") return;
  const type = facts.typeOf?.(name);
  const isCounter = type === "counter" || (type === undefined && /_total$/.test(name));
  const isGauge = type === "gauge" || (type === undefined && !COUNTER_SUFFIX.test(name));
  if (OF_COUNTERS.has(call.name) && isGauge) {
    const known = type === "gauge" ? "is a gauge" : "does not look like a counter by its name";
    const message = `${call.name}() is for counters, and ${name} ${known}: each fall counts as a restart`;
    const suggestion = `for the change of a gauge write delta(${name}[…]) or deriv(${name}[…])`;
    warnings.push(warning(call, message, suggestion));
  }
  if (OF_GAUGES.has(call.name) && isCounter) {
    const message = `${call.name}() is for gauges, and ${name} is a counter: a restart counts as a fall`;
    warnings.push(warning(call, message, `write rate(${name}[…]) or increase(${name}[…])`));
  }
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** A rate over a minute is often read as one per minute. */
function hintPerSecond(call: Call, hints: Diagnostic[]): void {
  const range = call.args.map(bare).find(({ kind }) => kind === "matrix");
  const rangeMs = range?.kind === "matrix" ? range.rangeMs : 0;
  if (rangeMs !== MINUTE_MS && rangeMs !== HOUR_MS) return;
  const [unit, factor] = rangeMs === MINUTE_MS ? ["minute", 60] : ["hour", 3_600];
  const message = `rate() is per second, also over a range of one ${unit}`;
  const suggestion = `for per ${unit} write increase(…), or rate(…) * ${factor}`;
  hints.push({ ...warning(call, message, suggestion), severity: "info" });
}

/** An aggregation that takes the bound of the buckets away leaves nothing to compute with. */
function adviseBuckets(call: Call, warnings: Diagnostic[]): void {
  const inner = bare(call.args[call.args.length - 1] ?? call);
  if (inner.kind !== "aggregation" || !mentionsBuckets(inner)) return;
  const keepsBound = inner.without ? !inner.grouping.includes("le") : inner.grouping.includes("le");
  if (keepsBound) return;
  const message = `${inner.operator} takes the label le away, by which ${call.name}() tells the buckets apart`;
  const clause = inner.without ? "leave le out of without (…)" : "add le: sum by (le) (…)";
  warnings.push(warning(inner, message, clause));
}

function mentionsBuckets(expr: Expr): boolean {
  if (expr.kind === "vector") return /_bucket$/.test(nameOf(expr));
  if (expr.kind === "matrix") return /_bucket$/.test(nameOf(expr.selector));
  return childrenOf(expr).some(mentionsBuckets);
}

const SAME_UNIT_OPERATORS: ReadonlySet<string> = new Set(["+", "-"]);
const OTHER_UNIT: Readonly<Record<TimeUnit, string>> = { ms: "milliseconds", s: "seconds" };

function adviseBinary(expr: Binary, warnings: Diagnostic[]): void {
  if (!isComparison(expr.operator) && !SAME_UNIT_OPERATORS.has(expr.operator)) return;
  const left = unitOf(expr.left);
  const right = unitOf(expr.right);
  if (left === undefined || right === undefined || left === right) return;
  const message = `by their names the left side is in ${OTHER_UNIT[left]} and the right one in ${OTHER_UNIT[right]}`;
  const side = left === "ms" ? "left" : "right";
  warnings.push(warning(expr, message, `divide the ${side} side by 1000`));
}

function nameOf({ name, matchers }: VectorSelector): string {
  if (name !== "") return name;
  const named = matchers.find((one) => one.name === METRIC_NAME && one.operator === "=");
  return named?.value ?? "";
}

function warning({ from, to }: Expr, message: string, suggestion: string): Diagnostic {
  return { severity: "warning", message, suggestion, from, to };
}
