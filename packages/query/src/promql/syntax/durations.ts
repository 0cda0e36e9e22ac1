import { formatDurationMs } from "@hms-ops/model";
import { type Cursor, ParseFailure } from "./cursor.ts";

/**
 * A length of time as it is written in brackets and behind `offset`: a number, or arithmetic over
 * numbers and the query's own step and range. In seconds.
 */
export type Duration =
  /** `text` is the number or duration as it was written. */
  | { readonly kind: "seconds"; readonly value: number; readonly text: string }
  | { readonly kind: "query"; readonly what: "step" | "range" }
  | { readonly kind: "negative"; readonly of: Duration }
  | {
      readonly kind: "operation";
      readonly operator: DurationOperator;
      readonly left: Duration;
      readonly right: Duration;
    };

type DurationOperator = "+" | "-" | "*" | "/" | "%" | "^" | "min_of" | "max_of";

/** What `step()` and `range()` stand for; both are 0 in an instant query. */
export interface QueryLengths {
  readonly stepMs: number;
  readonly rangeMs: number;
}

/** A length that the text fixes, or one that only the query's step and range decide. */
export interface ReadDuration {
  /** NaN as long as `expr` is not resolved. */
  readonly ms: number;
  /** Set when the length depends on the query. */
  readonly expr?: Duration;
}

const STRENGTH: Readonly<Record<string, number>> = {
  "+": 1,
  "-": 1,
  "*": 2,
  "/": 2,
  "%": 2,
  "^": 4,
};
/** Signs bind tighter than `*` and looser than `^`, as outside of brackets. */
const SIGN_STRENGTH = 3;
const MOST_SECONDS = Number.MAX_SAFE_INTEGER / 1000;

/** Reads what stands in brackets; `what` names it in errors. */
export function readDuration(cursor: Cursor, what: string): ReadDuration {
  return finished(cursor, what, (inside) => readOperation(inside, 0, what));
}

/** Behind `offset` arithmetic needs parentheses: without them the first term is all. */
export function readOffset(cursor: Cursor): ReadDuration {
  return finished(cursor, "offset", (inside) => readTerm(inside, "offset"));
}

function finished(cursor: Cursor, what: string, read: (cursor: Cursor) => Duration): ReadDuration {
  const { from } = cursor.peek();
  const expr = read(cursor);
  if (dependsOnQuery(expr)) return { ms: Number.NaN, expr };
  const ms = durationMs(expr, { stepMs: 0, rangeMs: 0 });
  if (typeof ms === "string") throw new ParseFailure(from, cursor.previousEnd, ms);
  if (what !== "offset" && ms <= 0) {
    throw new ParseFailure(from, cursor.previousEnd, "duration must be greater than 0");
  }
  return { ms };
}

function readOperation(cursor: Cursor, least: number, what: string): Duration {
  let left = readTerm(cursor, what);
  for (;;) {
    const { kind, text } = cursor.peek();
    const strength = kind === "symbol" && Object.hasOwn(STRENGTH, text) ? STRENGTH[text]! : 0;
    if (strength <= least) return left;
    cursor.countOperator(cursor.read());
    const operator = text as DurationOperator;
    const inner = operator === "^" ? strength - 1 : strength;
    const right = cursor.nested(() => readOperation(cursor, inner, what));
    left = { kind: "operation", operator, left, right };
  }
}

function readTerm(cursor: Cursor, what: string): Duration {
  const token = cursor.peek();
  if (cursor.takeSymbol("+")) return cursor.nested(() => readSigned(cursor, what));
  if (cursor.takeSymbol("-")) {
    const of = cursor.nested(() => readSigned(cursor, what));
    return { kind: "negative", of };
  }
  if (cursor.takeSymbol("(")) {
    const inner = cursor.nested(() => readOperation(cursor, 0, what));
    cursor.expectSymbol(")", what);
    return inner;
  }
  if (token.kind === "number" && token.value !== undefined) {
    cursor.read();
    return { kind: "seconds", value: token.value, text: token.text };
  }
  const called = cursor.isSymbol("(", 1);
  if (called && (cursor.isWord("step") || cursor.isWord("range"))) {
    const query = cursor.isWord("step") ? "step" : "range";
    cursor.read();
    cursor.read();
    cursor.expectSymbol(")", what);
    return { kind: "query", what: query };
  }
  if (called && (cursor.isWord("min_of") || cursor.isWord("max_of"))) return readPick(cursor, what);
  return cursor.unexpected(what, "duration");
}

function readSigned(cursor: Cursor, what: string): Duration {
  return what === "offset" ? readTerm(cursor, what) : readOperation(cursor, SIGN_STRENGTH, what);
}

function readPick(cursor: Cursor, what: string): Duration {
  const operator = cursor.isWord("min_of") ? "min_of" : "max_of";
  cursor.read();
  cursor.read();
  const left = cursor.nested(() => readOperation(cursor, 0, what));
  cursor.expectSymbol(",", what);
  const right = cursor.nested(() => readOperation(cursor, 0, what));
  cursor.expectSymbol(")", what);
  return { kind: "operation", operator, left, right };
}

function dependsOnQuery(expr: Duration): boolean {
  if (expr.kind === "operation") return dependsOnQuery(expr.left) || dependsOnQuery(expr.right);
  if (expr.kind === "negative") return dependsOnQuery(expr.of);
  return expr.kind === "query";
}

/** Whole milliseconds, cut toward zero; a text says why there is no such length. */
export function durationMs(expr: Duration, lengths: QueryLengths): number | string {
  const seconds = secondsOf(expr, lengths);
  if (typeof seconds === "string") return seconds;
  if (Number.isNaN(seconds)) return "duration expression is not a number";
  if (Math.abs(seconds) > MOST_SECONDS) return "duration out of range";
  // What is a whole number of milliseconds but for rounding stays one.
  const ms = seconds * 1000;
  const nearest = Math.round(ms);
  return Math.abs(ms - nearest) < 1e-6 ? nearest : Math.trunc(ms);
}

function secondsOf(expr: Duration, lengths: QueryLengths): number | string {
  if (expr.kind === "seconds") return expr.value;
  if (expr.kind === "query") return lengths[expr.what === "step" ? "stepMs" : "rangeMs"] / 1000;
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
      return expr.text;
    case "query":
      return `${expr.what}()`;
    case "negative":
      return `-(${formatTerm(expr.of)})`;
    case "operation": {
      const { operator, left, right } = expr;
      if (operator === "min_of" || operator === "max_of") {
        return `${operator}(${formatTerm(left)}, ${formatTerm(right)})`;
      }
      return `(${formatTerm(left)} ${operator} ${formatTerm(right)})`;
    }
  }
}
