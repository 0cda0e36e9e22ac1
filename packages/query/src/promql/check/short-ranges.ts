import { type Diagnostic, formatDurationMs, type Matcher, METRIC_NAME } from "@hms-ops/model";
import {
  bare,
  type Call,
  childrenOf,
  type Expr,
  type MatrixSelector,
  type VectorSelector,
} from "../syntax/ast.ts";

/** Functions that have no answer for a single sample. */
const NEED_TWO: ReadonlySet<string> = new Set([
  "rate",
  "increase",
  "irate",
  "delta",
  "idelta",
  "deriv",
  "predict_linear",
  "double_exponential_smoothing",
]);

/** Two intervals hold two samples, and late or lost ones are no reason for a gap. */
const ENOUGH_INTERVALS = 4;

/** Most ranges that are looked into; the first ones tell enough. */
const MOST_RANGES = 10;
/** A range as long as this holds samples enough, or is the fault of no scrape interval. */
const LONGEST_MS = 3_600_000;

/** How far apart the samples are that match, milliseconds; undefined: too few to tell. */
export type IntervalOf = (matchers: readonly Matcher[]) => Promise<number | undefined>;

/**
 * Warns of ranges in which there are never two samples though their function needs two, and hints
 * at those where there are not always two. In the order of the text.
 */
export async function adviseRanges(
  expr: Expr,
  intervalOf: IntervalOf,
): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  const asked = callsOfTwoSamples(expr).filter(({ range }) => range.rangeMs <= LONGEST_MS);
  for (const sliding of asked.slice(0, MOST_RANGES)) {
    const intervalMs = (await intervalOf(sliding.range.selector.matchers)) ?? 0;
    if (sliding.range.rangeMs < 2 * intervalMs) found.push(adviceOf(sliding, intervalMs));
  }
  return found;
}

interface SlidingCall {
  readonly call: Call;
  readonly range: MatrixSelector;
}

/** Calls with the ranges in which they need two samples; where edges are made up one will do. */
function callsOfTwoSamples(expr: Expr): readonly SlidingCall[] {
  const own = expr.kind === "call" && needsTwoSamples(expr) ? expr.args.map(bare) : [];
  const sliding = own.flatMap((range) =>
    expr.kind === "call" && range.kind === "matrix" && !range.selector.edges
      ? [{ call: expr, range }]
      : [],
  );
  return [...sliding, ...childrenOf(expr).flatMap(callsOfTwoSamples)];
}

export function needsTwoSamples({ name }: Call): boolean {
  return NEED_TWO.has(name);
}

function adviceOf({ call, range }: SlidingCall, intervalMs: number): Diagnostic {
  const { from, to, selector, rangeMs } = range;
  const never = rangeMs <= intervalMs;
  const holds = `the range ${formatDurationMs(rangeMs)} ${never ? "holds" : "sometimes holds"} less than two samples`;
  const come = `of ${metricOf(selector)}, which come every ${intervalMs / 1000} s`;
  const effect = never ? "has no answer" : "leaves gaps";
  const enough = formatDurationMs(ENOUGH_INTERVALS * intervalMs);
  return {
    severity: never ? "warning" : "info",
    message: `${holds} ${come}: ${call.name}() ${effect}`,
    suggestion: `take at least [${enough}], ${ENOUGH_INTERVALS} times that`,
    from,
    to,
  };
}

/** The name, or in words that there is none. */
export function metricOf({ matchers }: VectorSelector): string {
  const named = matchers.find(({ name, operator }) => name === METRIC_NAME && operator === "=");
  return named?.value ?? "what is selected";
}
