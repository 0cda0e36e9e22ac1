import { type Cursor, ParseFailure } from "./cursor.ts";
import {
  type Duration,
  type DurationOperator,
  dependsOnQuery,
  durationMs,
  literalSeconds,
  MOST_LITERAL_SECONDS,
  OUT_OF_RANGE,
} from "./durations.ts";

/** A length as the text gives it. */
export interface ReadDuration {
  /** NaN where only the query's step and range decide. */
  readonly ms: number;
  /** Set where it takes arithmetic. */
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
/** Until 3.13 the two were called `min` and `max`. */
const PICKS: Readonly<Record<string, "min_of" | "max_of" | undefined>> = {
  min_of: "min_of",
  max_of: "max_of",
  min: "min_of",
  max: "max_of",
};
/** Reads what stands in brackets. */
export function readDuration(cursor: Cursor): ReadDuration {
  return finished(cursor, () => readOperation(cursor, 0, false));
}

/**
 * Behind `offset` the first term is all, `x offset 1h / 2` is half of x; where it begins with a
 * parenthesis or two signs, arithmetic goes on: `x offset (1h) / 2`, `x offset --1h / 2`.
 */
export function readOffset(cursor: Cursor): ReadDuration {
  const isSign = (ahead: number) => cursor.isSymbol("-", ahead) || cursor.isSymbol("+", ahead);
  const goesOn = cursor.isSymbol("(") || (isSign(0) && isSign(1));
  return finished(cursor, () =>
    goesOn ? readOperation(cursor, 0, false) : readTerm(cursor, true),
  );
}

function finished(cursor: Cursor, read: () => Duration): ReadDuration {
  const { from } = cursor.peek();
  const expr = read();
  if (dependsOnQuery(expr)) return { ms: Number.NaN, expr };
  const ms = durationMs(expr, { stepMs: 0, rangeMs: 0 });
  if (typeof ms === "string") throw new ParseFailure(from, cursor.previousEnd, ms);
  return literalSeconds(expr) === undefined ? { ms, expr } : { ms };
}

function readOperation(cursor: Cursor, least: number, isOffset: boolean): Duration {
  let left = readTerm(cursor, isOffset);
  for (;;) {
    const { kind, text } = cursor.peek();
    // Prometheus looks for a sign before it judges what stands left of it.
    if (kind === "bad") cursor.unexpected();
    const strength = kind === "symbol" && Object.hasOwn(STRENGTH, text) ? STRENGTH[text]! : 0;
    if (strength <= least) return left;
    const sign = cursor.read();
    cursor.countOperator(sign);
    const operator = text as DurationOperator;
    const inner = operator === "^" ? strength - 1 : strength;
    const right = cursor.nested(() => readOperation(cursor, inner, false));
    if (literalSeconds(right) === 0 && (operator === "/" || operator === "%")) {
      const reason = operator === "/" ? "division by zero" : "modulo by zero";
      throw new ParseFailure(sign.from, sign.to, reason);
    }
    left = { kind: "operation", operator, left, right };
  }
}

/**
 * `isOffset`: a sign binds to the term alone, so that `x offset -2 ^ 2` is a power of x. It is
 * there, at `signFrom`, that Prometheus tells of a number behind one sign that is too long.
 */
function readTerm(cursor: Cursor, isOffset: boolean, signFrom?: number): Duration {
  const { from, kind } = cursor.peek();
  if (cursor.takeSymbol("+")) return cursor.nested(() => readSigned(cursor, isOffset, from));
  if (cursor.takeSymbol("-")) {
    const of = cursor.nested(() => readSigned(cursor, isOffset, from));
    return { kind: "negative", of };
  }
  if (cursor.takeSymbol("(")) {
    const of = cursor.nested(() => readOperation(cursor, 0, false));
    cursor.expectSymbol(")");
    return { kind: "paren", of };
  }
  if (kind === "number" || cursor.isWord("inf")) return readLiteral(cursor, signFrom ?? from);
  const word = kind === "identifier" ? cursor.peek().text.toLowerCase() : "";
  if (word === "step" || word === "range") {
    cursor.read();
    cursor.expectSymbol("(");
    cursor.expectSymbol(")");
    return { kind: "query", what: word };
  }
  const operator = Object.hasOwn(PICKS, word) ? PICKS[word] : undefined;
  if (operator && (operator === word || cursor.isSymbol("(", 1))) {
    return readPick(cursor, operator);
  }
  return cursor.unexpected("write a duration: 5m");
}

function readSigned(cursor: Cursor, isOffset: boolean, signFrom: number): Duration {
  return isOffset ? readTerm(cursor, true, signFrom) : readOperation(cursor, SIGN_STRENGTH, false);
}

function readLiteral(cursor: Cursor, faultFrom: number): Duration {
  const { value = Number.POSITIVE_INFINITY, isDuration = false, to } = cursor.read();
  if (value <= MOST_LITERAL_SECONDS) return { kind: "seconds", value, isDuration };
  throw new ParseFailure(faultFrom, to, OUT_OF_RANGE);
}

function readPick(cursor: Cursor, operator: "min_of" | "max_of"): Duration {
  cursor.read();
  cursor.expectSymbol("(");
  const left = cursor.nested(() => readOperation(cursor, 0, false));
  cursor.expectSymbol(",");
  const right = cursor.nested(() => readOperation(cursor, 0, false));
  cursor.expectSymbol(")");
  return { kind: "operation", operator, left, right };
}
