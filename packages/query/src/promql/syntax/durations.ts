import { formatDurationMs } from "@hms-ops/model";
import { plainNumber } from "../exec/numbers.ts";
import { secondsOfMs } from "./numbers.ts";

/**
 * A length of time as it is written in brackets and behind `offset`: a number, or arithmetic over
 * numbers and the query's own step and range. In seconds.
 */
export type Duration =
  | { readonly kind: "seconds"; readonly value: number; readonly isDuration: boolean }
  | { readonly kind: "query"; readonly what: "step" | "range" }
  | { readonly kind: "negative"; readonly of: Duration }
  | { readonly kind: "paren"; readonly of: Duration }
  | {
      readonly kind: "operation";
      readonly operator: DurationOperator;
      readonly left: Duration;
      readonly right: Duration;
    };

export type DurationOperator = "+" | "-" | "*" | "/" | "%" | "^" | "min_of" | "max_of";

/** What `step()` and `range()` stand for; both are 0 in an instant query. */
export interface QueryLengths {
  readonly stepMs: number;
  readonly rangeMs: number;
}

const MOST_SECONDS = Number.MAX_SAFE_INTEGER / 1000;
/** A single number is kept in 64 bits of nanoseconds. */
export const MOST_LITERAL_SECONDS = 2 ** 63 / 1e9;
export const OUT_OF_RANGE = "duration out of range";

/** The number that a length is, with its sign; undefined where it takes arithmetic. */
export function durationLiteral(
  expr: Duration,
): Extract<Duration, { kind: "seconds" }> | undefined {
  if (expr.kind === "seconds") return expr;
  if (expr.kind === "paren") return durationLiteral(expr.of);
  if (expr.kind !== "negative") return undefined;
  const literal = durationLiteral(expr.of);
  return literal && { ...literal, value: -literal.value };
}

export function literalSeconds(expr: Duration): number | undefined {
  return durationLiteral(expr)?.value;
}

export function dependsOnQuery(expr: Duration): boolean {
  if (expr.kind === "operation") return dependsOnQuery(expr.left) || dependsOnQuery(expr.right);
  if (expr.kind === "negative" || expr.kind === "paren") return dependsOnQuery(expr.of);
  return expr.kind === "query";
}

/** Whole milliseconds, cut toward zero; a text says why there is no such length. */
export function durationMs(expr: Duration, lengths: QueryLengths): number | string {
  const literal = literalSeconds(expr);
  if (literal !== undefined) {
    if (Math.abs(literal) > MOST_LITERAL_SECONDS) return OUT_OF_RANGE;
    // Only numbers are rounded, to nanoseconds: what is computed is not, as in Prometheus.
    return Math.trunc(Math.round(literal * 1e9) / 1e6);
  }
  const seconds = secondsOf(expr, lengths);
  if (typeof seconds === "string") return seconds;
  if (Number.isNaN(seconds)) return "duration expression is not a number";
  if (Math.abs(seconds) > MOST_SECONDS) return OUT_OF_RANGE;
  return Math.trunc(seconds * 1000);
}

function secondsOf(expr: Duration, lengths: QueryLengths): number | string {
  if (expr.kind === "seconds") return expr.value;
  if (expr.kind === "query")
    return secondsOfMs(lengths[expr.what === "step" ? "stepMs" : "rangeMs"]);
  if (expr.kind === "paren") return secondsOf(expr.of, lengths);
  if (expr.kind === "negative") {
    const value = secondsOf(expr.of, lengths);
    return typeof value === "string" ? value : -value;
  }
  const left = secondsOf(expr.left, lengths);
  const right = secondsOf(expr.right, lengths);
  if (typeof left === "string") return left;
  return typeof right === "string" ? right : compute(expr.operator, left, right);
}

function compute(operator: DurationOperator, left: number, right: number): number | string {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return right === 0 ? "division by zero" : left / right;
    case "%":
      return right === 0 ? "modulo by zero" : left % right;
    case "^":
      return left ** right;
    case "min_of":
      return Math.min(left, right);
    case "max_of":
      return Math.max(left, right);
  }
}

/** As text that reads back to the same length. */
export function formatDuration(ms: number, expr: Duration | undefined): string {
  if (expr) return formatTerm(expr);
  return ms < 0 ? `-${formatDurationMs(-ms)}` : formatDurationMs(ms);
}

function formatTerm(expr: Duration): string {
  switch (expr.kind) {
    case "seconds":
      return expr.isDuration
        ? formatDurationMs(Math.round(expr.value * 1000))
        : plainNumber(expr.value);
    case "query":
      return `${expr.what}()`;
    case "negative":
      return `-${formatTerm(expr.of)}`;
    case "paren":
      return `(${formatTerm(expr.of)})`;
    case "operation": {
      const { operator, left, right } = expr;
      if (operator === "min_of" || operator === "max_of") {
        return `${operator}(${formatTerm(left)}, ${formatTerm(right)})`;
      }
      return `${formatTerm(left)} ${operator} ${formatTerm(right)}`;
    }
  }
}
