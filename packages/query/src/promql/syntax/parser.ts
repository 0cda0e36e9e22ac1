import type { Diagnostic, Matcher } from "@hms-ops/model";
import { MOST_QUERY_LENGTH } from "../../limits.ts";
import {
  AGGREGATIONS,
  type Aggregation,
  type AggregationOperator,
  type BinaryOperator,
  type Expr,
  isSetOperator,
  type MatrixSelector,
  PARAMETER_AGGREGATIONS,
  type Subquery,
  type VectorMatching,
  type VectorSelector,
} from "./ast.ts";
import { Cursor, ParseFailure } from "./cursor.ts";
import { readDuration, readOffset } from "./durations.ts";
import { readAt, readLabelList, readVectorSelector } from "./selectors.ts";

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
/** Words that can't be metric names. */
const RESERVED: ReadonlySet<string> = new Set([
  "bool",
  "on",
  "ignoring",
  "group_left",
  "group_right",
  "atan2",
]);

/** Reads an expression; never throws. Prometheus' grammar (prometheus.io/docs, querying basics). */
export function parsePromql(text: string): Parsed {
  return guarded(text, (cursor) => {
    if (cursor.peek().kind === "end") throw new ParseFailure(0, 0, "no expression found in input");
    const expr = readBinary(cursor, 0);
    if (cursor.peek().kind !== "end") cursor.unexpected("expression", "operator or end of input");
    return expr;
  });
}

/** Reads a series selector as `match[]` gives it; never throws. */
export function parseSelector(text: string): {
  readonly matchers: readonly Matcher[] | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { expr, diagnostics } = guarded(text, (cursor) => {
    const selector = readVectorSelector(cursor);
    if (cursor.peek().kind !== "end") cursor.unexpected("selector", "end of input");
    return selector;
  });
  return { matchers: expr?.kind === "vector" ? expr.matchers : undefined, diagnostics };
}

function guarded(text: string, read: (cursor: Cursor) => Expr): Parsed {
  if (text.length > MOST_QUERY_LENGTH) {
    const message = `expression is longer than ${MOST_QUERY_LENGTH} characters`;
    return { expr: undefined, diagnostics: [{ severity: "error", message, from: 0, to: 0 }] };
  }
  try {
    return { expr: read(new Cursor(text)), diagnostics: [] };
  } catch (error) {
    if (!(error instanceof ParseFailure)) throw error;
    return { expr: undefined, diagnostics: [error.diagnostic] };
  }
}

function readBinary(cursor: Cursor, least: number): Expr {
  let left = readUnary(cursor);
  for (;;) {
    const operator = binaryOperator(cursor);
    const strength = PRECEDENCE[operator ?? ""] ?? 0;
    if (operator === undefined || strength <= least) return left;
    cursor.countOperator(cursor.read());
    const returnBool = cursor.takeWord("bool");
    const matching = readMatching(cursor, operator);
    const right = cursor.nested(() =>
      readBinary(cursor, operator === "^" ? strength - 1 : strength),
    );
    const { from } = left;
    left = { kind: "binary", from, to: right.to, operator, left, right, returnBool, matching };
  }
}

function binaryOperator(cursor: Cursor): BinaryOperator | undefined {
  const { kind, text } = cursor.peek();
  const word = kind === "symbol" ? text : kind === "identifier" ? text.toLowerCase() : "";
  return Object.hasOwn(PRECEDENCE, word) ? (word as BinaryOperator) : undefined;
}

function readMatching(cursor: Cursor, operator: BinaryOperator): VectorMatching {
  const on = cursor.isWord("on") && cursor.isSymbol("(", 1);
  const ignoring = cursor.isWord("ignoring") && cursor.isSymbol("(", 1);
  const card = isSetOperator(operator) ? "many-to-many" : "one-to-one";
  if (!on && !ignoring) return { on: false, explicit: false, labels: [], card, include: [] };
  cursor.read();
  const labels = readLabelList(cursor, "grouping opts");
  const word = cursor.isWord("group_left")
    ? "many-to-one"
    : cursor.isWord("group_right")
      ? "one-to-many"
      : undefined;
  if (word === undefined) return { on, explicit: true, labels, card, include: [] };
  const { from, to } = cursor.read();
  const include = cursor.isSymbol("(") ? readLabelList(cursor, "grouping opts") : [];
  if (isSetOperator(operator)) {
    throw new ParseFailure(from, to, `no grouping allowed for "${operator}" operation`);
  }
  const twice = on ? include.find((label) => labels.includes(label)) : undefined;
  if (twice !== undefined) {
    throw new ParseFailure(
      from,
      to,
      `label "${twice}" must not occur in ON and GROUP clause at once`,
    );
  }
  return { on, explicit: true, labels, card: word, include };
}

function readUnary(cursor: Cursor): Expr {
  const operator = cursor.isSymbol("-") ? "-" : cursor.isSymbol("+") ? "+" : undefined;
  if (operator === undefined) return readPostfix(cursor);
  const { from } = cursor.read();
  const expr = cursor.nested(() => readBinary(cursor, UNARY_PRECEDENCE));
  if (expr.kind === "number") {
    return { ...expr, from, value: operator === "-" ? -expr.value : expr.value };
  }
  return { kind: "unary", operator, expr, from, to: expr.to };
}

function readPostfix(cursor: Cursor): Expr {
  let expr = readPrimary(cursor);
  for (;;) {
    if (cursor.isSymbol("[")) expr = readRange(cursor, expr);
    else if (cursor.isWord("offset")) expr = withOffset(cursor, expr);
    else if (cursor.isSymbol("@")) expr = withAt(cursor, expr);
    else return expr;
  }
}

function readPrimary(cursor: Cursor): Expr {
  const token = cursor.peek();
  const { from, to, kind } = token;
  if (kind === "number") {
    cursor.read();
    return { kind: "number", value: token.value ?? 0, from, to };
  }
  if (kind === "string") {
    cursor.read();
    return { kind: "string", value: token.string ?? "", from, to };
  }
  if (cursor.isSymbol("(")) {
    cursor.read();
    const expr = cursor.nested(() => readBinary(cursor, 0));
    const { to: end } = cursor.expectSymbol(")", "paren expression");
    return { kind: "paren", expr, from, to: end };
  }
  if (cursor.isSymbol("{")) return readVectorSelector(cursor);
  if (kind === "identifier") return readNamed(cursor);
  return cursor.unexpected("expression", "");
}

function readNamed(cursor: Cursor): Expr {
  const { text, from, to } = cursor.peek();
  const word = text.toLowerCase();
  if ((word === "inf" || word === "nan") && !cursor.isSymbol("{", 1)) {
    cursor.read();
    return {
      kind: "number",
      value: word === "inf" ? Number.POSITIVE_INFINITY : Number.NaN,
      from,
      to,
    };
  }
  const clauseFirst = cursor.isWord("by", 1) || cursor.isWord("without", 1);
  if (
    (AGGREGATIONS as readonly string[]).includes(word) &&
    (cursor.isSymbol("(", 1) || clauseFirst)
  ) {
    return readAggregation(cursor, word as AggregationOperator);
  }
  if (RESERVED.has(word)) cursor.unexpected("expression", "");
  if (!cursor.isSymbol("(", 1)) return readVectorSelector(cursor);
  cursor.read();
  const args = readArguments(cursor);
  return { kind: "call", name: text, args, from, to: cursor.previousEnd };
}

function readArguments(cursor: Cursor): readonly Expr[] {
  cursor.expectSymbol("(", "function call");
  const args: Expr[] = [];
  while (!cursor.isSymbol(")")) {
    args.push(cursor.nested(() => readBinary(cursor, 0)));
    if (cursor.isSymbol(")")) break;
    if (!cursor.takeSymbol(",")) cursor.unexpected("call to function", '"," or ")"');
    if (cursor.isSymbol(")")) {
      const { from, to } = cursor.peek();
      throw new ParseFailure(from, to, "trailing commas not allowed in function call args");
    }
  }
  cursor.read();
  return args;
}

interface Clause {
  readonly grouping: readonly string[];
  readonly without: boolean;
}

function readAggregation(cursor: Cursor, operator: AggregationOperator): Aggregation {
  const { from } = cursor.read();
  const before = readClause(cursor);
  const args = readArguments(cursor);
  const clause = before ?? readClause(cursor) ?? { grouping: [], without: false };
  const to = cursor.previousEnd;
  const wanted = PARAMETER_AGGREGATIONS.has(operator) ? 2 : 1;
  const [first, second] = args;
  const expr = wanted === 2 ? second : first;
  if (args.length !== wanted || expr === undefined) {
    const message = `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`;
    throw new ParseFailure(from, to, message);
  }
  const parameter = wanted === 2 && first ? { parameter: first } : {};
  return { kind: "aggregation", operator, expr, ...parameter, ...clause, from, to };
}

function readClause(cursor: Cursor): Clause | undefined {
  const without = cursor.isWord("without");
  if (!without && !cursor.isWord("by")) return undefined;
  cursor.read();
  return { grouping: readLabelList(cursor, "grouping opts"), without };
}

function readRange(cursor: Cursor, expr: Expr): MatrixSelector | Subquery {
  const bracket = cursor.read();
  cursor.countOperator(bracket);
  const read = readDuration(cursor, "range");
  const range = { rangeMs: read.ms, ...(read.expr && { rangeExpr: read.expr }) };
  if (cursor.takeSymbol(":")) {
    const step = readStep(cursor);
    const { to } = cursor.expectSymbol("]", "subquery selector");
    return { kind: "subquery", expr, ...range, ...step, offsetMs: 0, from: expr.from, to };
  }
  const { to } = cursor.expectSymbol("]", "range selector");
  if (expr.kind !== "vector") {
    const message = "ranges only allowed for vector selectors";
    throw new ParseFailure(bracket.from, to, message, "write a sub-query: expr[5m:]");
  }
  if (isOffset(expr) || expr.at) {
    const message = `no ${expr.at ? "@" : "offset"} modifiers allowed before range`;
    throw new ParseFailure(expr.from, to, message, "put offset and @ behind the range");
  }
  return { kind: "matrix", selector: expr, ...range, from: expr.from, to };
}

function readStep(cursor: Cursor): Pick<Subquery, "stepMs" | "stepExpr"> {
  if (cursor.isSymbol("]")) return {};
  const { ms, expr } = readDuration(cursor, "subquery step");
  return { stepMs: ms, ...(expr && { stepExpr: expr }) };
}

function isOffset({ offsetMs }: VectorSelector | Subquery): boolean {
  return offsetMs !== 0;
}

function withOffset(cursor: Cursor, expr: Expr): Expr {
  const { from } = cursor.read();
  const read = readOffset(cursor);
  return withShift(expr, from, cursor.previousEnd, "offset", (shifted) => {
    if (isOffset(shifted)) {
      throw new ParseFailure(from, cursor.previousEnd, "offset may not be set multiple times");
    }
    return { ...shifted, offsetMs: read.ms, ...(read.expr && { offsetExpr: read.expr }) };
  });
}

function withAt(cursor: Cursor, expr: Expr): Expr {
  const { from } = cursor.read();
  const at = readAt(cursor);
  return withShift(expr, from, cursor.previousEnd, "@", (shifted) => {
    if (shifted.at) {
      throw new ParseFailure(
        from,
        cursor.previousEnd,
        "@ <timestamp> may not be set multiple times",
      );
    }
    return { ...shifted, at };
  });
}

/** Puts a modifier on the selector or sub-query that it stands behind. */
function withShift(
  expr: Expr,
  from: number,
  to: number,
  word: string,
  change: <T extends VectorSelector | Subquery>(shifted: T) => T,
): Expr {
  if (expr.kind === "vector" || expr.kind === "subquery") return { ...change(expr), to };
  if (expr.kind === "matrix") return { ...expr, selector: change(expr.selector), to };
  const message = `${word} modifier must be preceded by an instant vector selector or range vector selector or a subquery`;
  throw new ParseFailure(from, to, message);
}
