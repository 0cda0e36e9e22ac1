import type { Matcher } from "@hms-ops/model";
import { METRIC_NAME } from "@hms-ops/model";
import { typeOf } from "../check/types.ts";
import { plainNumber } from "../exec/numbers.ts";
import { FUNCTIONS } from "../functions/table.ts";
import type { Binary, Call, Expr, Subquery, VectorSelector } from "./ast.ts";

/** A tree as JSON: objects, arrays, texts, numbers, truths and null. */
export type JsonTree =
  | null
  | boolean
  | number
  | string
  | readonly JsonTree[]
  | { readonly [key: string]: JsonTree };

/** An expression in the form in which `/api/v1/parse_query` of Prometheus answers. */
export function astJson(expr: Expr): JsonTree {
  switch (expr.kind) {
    case "number":
      return { type: "numberLiteral", val: plainNumber(expr.value) };
    case "string":
      return { type: "stringLiteral", val: expr.value };
    case "paren":
      return { type: "parenExpr", expr: astJson(expr.expr) };
    case "unary":
      return { type: "unaryExpr", op: expr.operator, expr: astJson(expr.expr) };
    case "vector":
      return { type: "vectorSelector", ...selectorJson(expr) };
    case "matrix":
      return {
        type: "matrixSelector",
        ...selectorJson(expr.selector),
        range: lengthJson(expr.rangeMs),
      };
    case "subquery":
      return {
        type: "subquery",
        expr: astJson(expr.expr),
        range: lengthJson(expr.rangeMs),
        step: lengthJson(expr.stepMs ?? 0),
        ...shiftJson(expr),
      };
    case "aggregation":
      return {
        type: "aggregation",
        op: expr.operator,
        expr: astJson(expr.expr),
        param: expr.parameter ? astJson(expr.parameter) : null,
        grouping: expr.grouping,
        without: expr.without,
      };
    case "binary":
      return binaryJson(expr);
    case "call":
      return callJson(expr);
  }
}

/** Whole milliseconds; 0 where only a query decides. */
function lengthJson(ms: number): number {
  return Number.isNaN(ms) ? 0 : ms;
}

function selectorJson(selector: VectorSelector): { readonly [key: string]: JsonTree } {
  const { name, matchers, edges } = selector;
  // Prometheus puts the matcher of the bare name last.
  const [first, ...rest] = matchers;
  const ordered = name !== "" && first?.name === METRIC_NAME ? [...rest, first] : matchers;
  return {
    name,
    matchers: ordered.map(matcherJson),
    ...shiftJson(selector),
    anchored: edges === "anchored",
    smoothed: edges === "smoothed",
  };
}

function matcherJson({ name, operator, value }: Matcher): JsonTree {
  return { name, type: operator, value };
}

function shiftJson({ offsetMs, at }: VectorSelector | Subquery) {
  return {
    offset: lengthJson(offsetMs),
    timestamp: at && "timeMs" in at ? at.timeMs : null,
    startOrEnd: at && "edge" in at ? at.edge : null,
  };
}

function binaryJson({ operator, left, right, returnBool, matching }: Binary): JsonTree {
  const { card, labels, on, include, fill } = matching;
  const areVectors = typeOf(left) === "vector" && typeOf(right) === "vector";
  const fillValues = { lhs: fillJson(fill?.left), rhs: fillJson(fill?.right) };
  return {
    type: "binaryExpr",
    op: operator,
    lhs: astJson(left),
    rhs: astJson(right),
    matching: areVectors ? { card, labels, on, include, fillValues } : null,
    bool: returnBool,
  };
}

/** JSON has no words for numbers that are none. */
function fillJson(value: number | undefined): JsonTree {
  if (value === undefined) return null;
  return Number.isFinite(value) ? value : plainNumber(value);
}

function callJson({ name, args }: Call): JsonTree {
  const row = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  const { args: argTypes = [], optional = 0, returns = "vector" } = row ?? {};
  const variadic = Number.isFinite(optional) ? optional : -1;
  return {
    type: "call",
    func: { name, argTypes, variadic, returnType: returns },
    args: args.map(astJson),
  };
}
