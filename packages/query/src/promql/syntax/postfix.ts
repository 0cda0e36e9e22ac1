import type { LanguageFeatures } from "../features.ts";
import type { Expr, MatrixSelector, RangeEdges, Subquery, VectorSelector } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { type ReadDuration, readDuration, readOffset } from "./read-duration.ts";
import { readAt } from "./selectors.ts";

/** Reads what may stand behind an expression: ranges, `offset`, `@`, `anchored`, `smoothed`. */
export function readPostfix(cursor: Cursor, expr: Expr, features: LanguageFeatures): Expr {
  let read = expr;
  for (;;) {
    if (cursor.isSymbol("[")) read = readRange(cursor, read);
    else if (cursor.isWord("offset")) read = withOffset(cursor, read);
    else if (cursor.isSymbol("@")) read = withAt(cursor, read);
    else if (cursor.isWord("anchored")) read = withEdges(cursor, read, "anchored", features);
    else if (cursor.isWord("smoothed")) read = withEdges(cursor, read, "smoothed", features);
    else return read;
  }
}

const DURATIONS = "number, duration, step(), or range()";

function readRange(cursor: Cursor, expr: Expr): Expr {
  const bracket = cursor.read();
  cursor.countOperator(bracket);
  const read = cursor.within("subquery or range selector", DURATIONS, () =>
    positive(cursor, () => readDuration(cursor)),
  );
  const range = { rangeMs: read.ms, ...(read.expr && { rangeExpr: read.expr }) };
  const isSubquery = cursor.within("subquery or range", '":" or "]"', () => {
    if (!cursor.isSymbol(":") && !cursor.isSymbol("]")) cursor.unexpected();
    return cursor.takeSymbol(":");
  });
  if (isSubquery) {
    const step = readStep(cursor);
    const { to } = cursor.within("subquery selector", '"]"', () => cursor.expectSymbol("]"));
    return { kind: "subquery", expr, ...range, ...step, offsetMs: 0, from: expr.from, to };
  }
  const { to } = cursor.read();
  return asMatrix(cursor, expr, range, bracket.from, to);
}

function asMatrix(
  cursor: Cursor,
  expr: Expr,
  range: Pick<MatrixSelector, "rangeMs" | "rangeExpr">,
  bracketFrom: number,
  to: number,
): Expr {
  if (expr.kind !== "vector") {
    const message = "ranges only allowed for vector selectors";
    cursor.report(bracketFrom, to, message, "write a sub-query: expr[5m:]");
    return expr;
  }
  if (isShifted(expr) || expr.at) {
    const message = `no ${isShifted(expr) ? "offset" : "@"} modifiers allowed before range`;
    cursor.report(bracketFrom, to, message, "put offset and @ behind the range");
  }
  return { kind: "matrix", selector: expr, ...range, from: expr.from, to };
}

function readStep(cursor: Cursor): Pick<Subquery, "stepMs" | "stepExpr"> {
  if (cursor.isSymbol("]")) return {};
  const { ms, expr } = cursor.within(
    "subquery selector",
    `${DURATIONS.replace(" or", "")}, or "]"`,
    () => positive(cursor, () => readDuration(cursor)),
  );
  return { stepMs: ms, ...(expr && { stepExpr: expr }) };
}

/** A range or a step of nothing is a fault of its own. */
function positive(cursor: Cursor, read: () => ReadDuration): ReadDuration {
  const { from } = cursor.peek();
  const duration = read();
  if (duration.ms <= 0) {
    cursor.report(from, cursor.previousEnd, "duration must be greater than 0");
  }
  return duration;
}

function isShifted({ offsetMs, offsetExpr }: VectorSelector | Subquery): boolean {
  return offsetMs !== 0 || offsetExpr !== undefined;
}

function withOffset(cursor: Cursor, expr: Expr): Expr {
  cursor.read();
  const read = cursor.within("offset", DURATIONS, () => readOffset(cursor));
  return withShift(cursor, expr, "offset", (shifted) => {
    if (isShifted(shifted)) {
      cursor.report(expr.from, expr.to, "offset may not be set multiple times", "add them up");
    }
    return { ...shifted, offsetMs: read.ms, ...(read.expr && { offsetExpr: read.expr }) };
  });
}

function withAt(cursor: Cursor, expr: Expr): Expr {
  cursor.read();
  const at = cursor.within("@", "timestamp", () => readAt(cursor));
  if ("problem" in at) {
    cursor.report(expr.from, expr.to, at.problem);
    return expr;
  }
  return withShift(cursor, expr, "@", (shifted) => {
    if (shifted.at) {
      cursor.report(expr.from, expr.to, "@ <timestamp> may not be set multiple times");
    }
    return { ...shifted, at };
  });
}

/** Puts a modifier on the selector or sub-query that it stands behind. */
function withShift(
  cursor: Cursor,
  expr: Expr,
  word: string,
  change: <T extends VectorSelector | Subquery>(shifted: T) => T,
): Expr {
  const to = cursor.previousEnd;
  if (expr.kind === "vector" || expr.kind === "subquery") return { ...change(expr), to };
  if (expr.kind === "matrix") return { ...expr, selector: change(expr.selector), to };
  const message = `${word} modifier must be preceded by an instant vector selector or range vector selector or a subquery`;
  cursor.report(expr.from, expr.to, message, `put ${word} directly behind the metric`);
  return expr;
}

function withEdges(
  cursor: Cursor,
  expr: Expr,
  edges: RangeEdges,
  { extendedRanges }: LanguageFeatures,
): Expr {
  const { to } = cursor.read();
  const report = (message: string, suggestion?: string) =>
    cursor.report(expr.from, expr.to, message, suggestion);
  if (!extendedRanges) {
    const flag = "--enable-feature=promql-extended-range-selectors";
    report(`${edges} modifier is experimental and not enabled`, `start the hub with ${flag}`);
    return expr;
  }
  if (expr.kind === "subquery") report(`${edges} modifier is not supported for subqueries`);
  if (expr.kind !== "vector" && expr.kind !== "matrix") {
    if (expr.kind !== "subquery") report(`${edges} modifier not implemented`);
    return expr;
  }
  const selector = expr.kind === "vector" ? expr : expr.selector;
  if (selector.edges !== undefined && selector.edges !== edges) {
    report("anchored and smoothed modifiers cannot be used together", "choose one");
  }
  const changed = { ...selector, edges };
  return expr.kind === "vector" ? { ...changed, to } : { ...expr, selector: changed, to };
}
