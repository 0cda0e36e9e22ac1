import type { Diagnostic, Matcher } from "@hms-ops/model";
import { MOST_QUERY_LENGTH } from "../../limits.ts";
import { EVERY_SYNTAX, type LanguageFeatures } from "../features.ts";
import {
  AGGREGATIONS,
  type AggregationOperator,
  type BinaryOperator,
  type Expr,
  isSetOperator,
  type VectorMatching,
} from "./ast.ts";
import { readAggregation, readCall, startsExpression } from "./calls.ts";
import { Cursor, ParseFailure } from "./cursor.ts";
import { readFill } from "./fill.ts";
import { isKeyword, isOperatorWord, isReserved } from "./keywords.ts";
import { readPostfix } from "./postfix.ts";
import { readLabelList, readVectorSelector } from "./selectors.ts";

export interface Parsed {
  readonly expr: Expr | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Binding strength of the binary operators; `^` is the only right-associative one. */
const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  "==": 3,
  "!=": 3,
  "<=": 3,
  "<": 3,
  ">=": 3,
  ">": 3,
  "</": 3,
  ">/": 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "%": 5,
  atan2: 5,
  "^": 7,
};
/** Unary minus binds tighter than `*` and looser than `^`: `-1^2` is −1. */
const UNARY_PRECEDENCE = 6;

/**
 * Reads an expression; never throws. Prometheus' grammar (prometheus.io/docs, querying basics);
 * what is experimental there and not among `features` is refused.
 */
export function parsePromql(text: string, features: LanguageFeatures = EVERY_SYNTAX): Parsed {
  return guarded(text, (cursor) => {
    if (cursor.peek().kind === "end") throw new ParseFailure(0, 0, "no expression found in input");
    const expr = readBinary(cursor, features, 0);
    if (cursor.peek().kind !== "end") cursor.unexpected("write an operator, or end here");
    return expr;
  });
}

/** Reads a series selector as `match[]` gives it; never throws. */
export function parseSelector(text: string): {
  readonly matchers: readonly Matcher[] | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { expr, diagnostics } = guarded(text, (cursor) => {
    const { kind, text: word } = cursor.peek();
    if (kind === "identifier" && isNoName(word)) cursor.unexpected(`write {"${word}"}`);
    const selector = readVectorSelector(cursor);
    if (cursor.peek().kind !== "end") cursor.unexpected("end here");
    return selector;
  });
  return { matchers: expr?.kind === "vector" ? expr.matchers : undefined, diagnostics };
}

/** `on`, `bool`, `inf` and their like are words of the language in any case. */
function isNoName(text: string): boolean {
  const word = text.toLowerCase();
  return isReserved(word) || word === "inf" || word === "nan";
}

function guarded(text: string, read: (cursor: Cursor) => Expr): Parsed {
  if (text.length > MOST_QUERY_LENGTH) {
    const message = `expression is longer than ${MOST_QUERY_LENGTH} characters`;
    return { expr: undefined, diagnostics: [{ severity: "error", message, from: 0, to: 0 }] };
  }
  const cursor = new Cursor(text);
  try {
    const expr = read(cursor);
    if (cursor.problems.length > 0) return { expr: undefined, diagnostics: cursor.problems };
    return { expr, diagnostics: [] };
  } catch (error) {
    if (!(error instanceof ParseFailure)) throw error;
    return { expr: undefined, diagnostics: [...cursor.problems, error.diagnostic] };
  }
}

function readBinary(cursor: Cursor, features: LanguageFeatures, least: number): Expr {
  let left = readUnary(cursor, features);
  for (;;) {
    const operator = binaryOperator(cursor);
    const strength = PRECEDENCE[operator ?? ""] ?? 0;
    if (operator === undefined || strength <= least) return left;
    const sign = cursor.read();
    cursor.countOperator(sign);
    const returnBool = cursor.takeWord("bool");
    const matching = readMatching(cursor, operator, features, left.from);
    const right = cursor.nested(() =>
      readBinary(cursor, features, operator === "^" ? strength - 1 : strength),
    );
    const { from } = left;
    left = {
      kind: "binary",
      from,
      to: right.to,
      operator,
      operatorFrom: sign.from,
      left,
      right,
      returnBool,
      matching,
    };
  }
}

function binaryOperator(cursor: Cursor): BinaryOperator | undefined {
  const { kind, text } = cursor.peek();
  const word = kind === "symbol" ? text : kind === "identifier" ? text.toLowerCase() : "";
  return Object.hasOwn(PRECEDENCE, word) ? (word as BinaryOperator) : undefined;
}

function readMatching(
  cursor: Cursor,
  operator: BinaryOperator,
  features: LanguageFeatures,
  from: number,
): VectorMatching {
  const on = cursor.isWord("on");
  const explicit = on || cursor.isWord("ignoring");
  const card = isSetOperator(operator) ? "many-to-many" : "one-to-one";
  let matching: VectorMatching = { on, explicit, labels: [], card, include: [] };
  if (explicit) {
    cursor.read();
    matching = { ...matching, labels: readLabelList(cursor) };
    const many = cursor.isWord("group_left")
      ? "many-to-one"
      : cursor.isWord("group_right")
        ? "one-to-many"
        : undefined;
    if (many) {
      cursor.read();
      const include =
        cursor.isSymbol("(") || !startsExpression(cursor) ? readLabelList(cursor) : [];
      matching = { ...matching, card: many, include };
    }
  }
  const fill = readFill(cursor);
  if (fill === undefined) return matching;
  if (!features.fillModifiers) {
    const reason = "binop fill modifiers are experimental and not enabled";
    cursor.report(from, cursor.previousEnd, reason, enabling("promql-binop-fill-modifiers"));
  }
  return { ...matching, fill };
}

function enabling(flag: string): string {
  return `start the hub with --enable-feature=${flag}`;
}

function readUnary(cursor: Cursor, features: LanguageFeatures): Expr {
  const operator = cursor.isSymbol("-") ? "-" : cursor.isSymbol("+") ? "+" : undefined;
  if (operator === undefined) {
    return readPostfix(cursor, readPrimary(cursor, features), features);
  }
  const { from } = cursor.read();
  const expr = cursor.nested(() => readBinary(cursor, features, UNARY_PRECEDENCE));
  if (expr.kind === "number") {
    return { ...expr, from, value: operator === "-" ? -expr.value : expr.value };
  }
  return { kind: "unary", operator, expr, from, to: expr.to };
}

function readPrimary(cursor: Cursor, features: LanguageFeatures): Expr {
  const { from, to, kind, value = 0, isDuration, string = "" } = cursor.peek();
  if (kind === "number") {
    cursor.read();
    return { kind: "number", value, ...(isDuration && { isDuration }), from, to };
  }
  if (kind === "string") {
    cursor.read();
    return { kind: "string", value: string, from, to };
  }
  if (cursor.isSymbol("(")) {
    cursor.read();
    const expr = cursor.nested(() => readBinary(cursor, features, 0));
    const { to: end } = cursor.expectSymbol(")");
    return { kind: "paren", expr, from, to: end };
  }
  if (cursor.isSymbol("{")) return readVectorSelector(cursor);
  if (kind === "identifier") return readNamed(cursor, features);
  return cursor.unexpected("write a metric name, a number or a call");
}

function readNamed(cursor: Cursor, features: LanguageFeatures): Expr {
  const { text, from, to } = cursor.peek();
  const word = text.toLowerCase();
  if (word === "inf" || word === "nan") {
    cursor.read();
    const value = word === "inf" ? Number.POSITIVE_INFINITY : Number.NaN;
    return { kind: "number", value, from, to };
  }
  const readInner = () => cursor.nested(() => readBinary(cursor, features, 0));
  const isCall = cursor.isSymbol("(", 1);
  const clauseFirst = cursor.isWord("by", 1) || cursor.isWord("without", 1);
  if ((AGGREGATIONS as readonly string[]).includes(word) && (isCall || clauseFirst)) {
    return readAggregation(cursor, word as AggregationOperator, features, readInner);
  }
  if (isReserved(word)) cursor.unexpected(`write {"${text}"} for a metric of this name`);
  const isName = text.includes(":") || isKeyword(word) || isOperatorWord(word);
  if (!isCall || isName) return readVectorSelector(cursor);
  return readCall(cursor, features, readInner);
}
