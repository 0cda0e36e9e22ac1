import { type Matcher, METRIC_NAME } from "@hms-ops/model";
import { typeOf } from "./check/types.ts";
import { plainNumber } from "./exec/numbers.ts";
import { FUNCTIONS } from "./functions/table.ts";
import {
  type Aggregation,
  type Binary,
  type Call,
  childrenOf,
  type Expr,
  type MatrixSelector,
  type Subquery,
  type Unary,
  type VectorMatching,
  type VectorSelector,
} from "./syntax/ast.ts";
import { type Duration, durationLiteral } from "./syntax/durations.ts";

/** A node of the tree that `/api/v1/parse_query` answers; made of plain data. */
export type TreeNode = Readonly<Record<string, unknown>>;

/** The matchers of every selector in an expression, in the order in which they are written. */
export function selectorsOf(expr: Expr): readonly (readonly Matcher[])[] {
  if (expr.kind === "vector") return [expr.matchers];
  if (expr.kind === "matrix") return [expr.selector.matchers];
  return childrenOf(expr).flatMap(selectorsOf);
}

/** An expression as Prometheus' interface reads it: times in milliseconds, numbers as text. */
export function promqlTree(expr: Expr): TreeNode {
  switch (expr.kind) {
    case "number":
      return { type: "numberLiteral", val: plainNumber(expr.value) };
    case "string":
      return { type: "stringLiteral", val: expr.value };
    case "paren":
      return { type: "parenExpr", expr: promqlTree(expr.expr) };
    case "unary":
      return unaryNode(expr);
    case "vector":
      return { type: "vectorSelector", ...selectorMembers(expr) };
    case "matrix":
      return matrixNode(expr);
    case "subquery":
      return subqueryNode(expr);
    case "call":
      return callNode(expr);
    case "aggregation":
      return aggregationNode(expr);
    case "binary":
      return binaryNode(expr);
  }
}

/** A signed number is a number. */
function unaryNode({ operator, expr }: Unary): TreeNode {
  if (expr.kind === "number") {
    return promqlTree(operator === "-" ? { ...expr, value: -expr.value } : expr);
  }
  return { type: "unaryExpr", op: operator, expr: promqlTree(expr) };
}

function matrixNode({ selector, rangeMs, rangeExpr }: MatrixSelector): TreeNode {
  const range = { range: milliseconds(rangeMs), rangeExpr: writtenAs(rangeExpr) };
  return { type: "matrixSelector", ...selectorMembers(selector), ...range };
}

function selectorMembers(selector: VectorSelector): TreeNode {
  const { name, edges } = selector;
  return {
    name,
    matchers: nameLast(selector).map(({ name: label, operator, value }) => ({
      name: label,
      value,
      type: operator,
    })),
    ...shiftMembers(selector),
    anchored: edges === "anchored",
    smoothed: edges === "smoothed",
  };
}

/** The name in front of the braces comes behind what stands in them. */
function nameLast({ name, matchers }: VectorSelector): readonly Matcher[] {
  const isImplied = (matcher: Matcher) =>
    matcher.name === METRIC_NAME && matcher.operator === "=" && matcher.value === name;
  const implied = name === "" ? undefined : matchers.find(isImplied);
  return implied ? [...matchers.filter((matcher) => matcher !== implied), implied] : matchers;
}

function shiftMembers({ offsetMs, offsetExpr, at }: VectorSelector | Subquery): TreeNode {
  return {
    offset: milliseconds(offsetMs),
    offsetExpr: writtenAs(offsetExpr),
    timestamp: at && "timeMs" in at ? at.timeMs : null,
    startOrEnd: at && "edge" in at ? at.edge : null,
  };
}

function subqueryNode(subquery: Subquery): TreeNode {
  const { expr, rangeMs, rangeExpr, stepMs = 0, stepExpr } = subquery;
  return {
    type: "subquery",
    expr: promqlTree(expr),
    range: milliseconds(rangeMs),
    rangeExpr: writtenAs(rangeExpr),
    ...shiftMembers(subquery),
    step: milliseconds(stepMs),
    stepExpr: writtenAs(stepExpr),
  };
}

function callNode({ name, args }: Call): TreeNode {
  const row = FUNCTIONS[name];
  return {
    type: "call",
    func: {
      name,
      argTypes: row?.args ?? [],
      variadic: row?.optional === Number.POSITIVE_INFINITY ? -1 : (row?.optional ?? 0),
      returnType: row?.returns ?? "vector",
    },
    args: args.map(promqlTree),
  };
}

function aggregationNode(expr: Aggregation): TreeNode {
  return {
    type: "aggregation",
    op: expr.operator,
    expr: promqlTree(expr.expr),
    param: expr.parameter ? promqlTree(expr.parameter) : null,
    grouping: expr.grouping,
    without: expr.without,
  };
}

function binaryNode({ operator, left, right, matching, returnBool }: Binary): TreeNode {
  const isMatched = typeOf(left) === "vector" && typeOf(right) === "vector";
  return {
    type: "binaryExpr",
    op: operator,
    lhs: promqlTree(left),
    rhs: promqlTree(right),
    matching: isMatched ? matchingNode(matching) : null,
    bool: returnBool,
  };
}

function matchingNode({ card, labels, on, include, fill }: VectorMatching): TreeNode {
  const fillValues = { lhs: fill?.left ?? null, rhs: fill?.right ?? null };
  return { card, labels, on, include, fillValues };
}

/** How a length is written that takes arithmetic; null of a plain one. */
function writtenAs(duration: Duration | undefined): TreeNode | null {
  return duration ? durationNode(duration) : null;
}

/**
 * Numbers tell here whether they have a unit, unlike elsewhere; their signs are theirs, and their
 * parentheses forgotten.
 */
function durationNode(duration: Duration): TreeNode {
  const literal = durationLiteral(duration) ?? duration;
  switch (literal.kind) {
    case "seconds":
      return {
        type: "numberLiteral",
        val: plainNumber(literal.value),
        duration: literal.isDuration,
      };
    case "query":
      return { type: "durationExpr", op: literal.what, lhs: null, rhs: null, wrapped: false };
    case "negative":
      return {
        type: "durationExpr",
        op: "-",
        lhs: null,
        rhs: durationNode(literal.of),
        wrapped: false,
      };
    case "paren":
      return { ...durationNode(literal.of), wrapped: true };
    case "operation":
      return {
        type: "durationExpr",
        op: literal.operator,
        lhs: durationNode(literal.left),
        rhs: durationNode(literal.right),
        wrapped: false,
      };
  }
}

function milliseconds(ms: number): number {
  return Number.isNaN(ms) ? 0 : ms;
}
