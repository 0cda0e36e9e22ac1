import type { Matcher } from "@hms-ops/model";
import type { Duration } from "./durations.ts";

/** Where a node stands in the text: UTF-16 offsets, `to` exclusive. */
interface Place {
  readonly from: number;
  readonly to: number;
}

export interface NumberLiteral extends Place {
  readonly kind: "number";
  readonly value: number;
  /** Written with units: `5m` is 300. */
  readonly isDuration?: boolean;
}

export interface StringLiteral extends Place {
  readonly kind: "string";
  readonly value: string;
}

/** `@ 1700000000`, `@ start()`, `@ end()`. */
export type AtModifier = { readonly timeMs: number } | { readonly edge: "start" | "end" };

interface Shifted {
  /** Positive looks into the past. */
  readonly offsetMs: number;
  /** Where the query's step or range decides; `offsetMs` is NaN until the query runs. */
  readonly offsetExpr?: Duration;
  readonly at?: AtModifier;
}

export interface VectorSelector extends Place, Shifted {
  readonly kind: "vector";
  /** The bare name in front of the braces; its matcher is among `matchers` too. */
  readonly name: string;
  readonly matchers: readonly Matcher[];
  /** `anchored` or `smoothed`: what the values at a range's edges are. */
  readonly edges?: RangeEdges;
}

export type RangeEdges = "anchored" | "smoothed";

export interface MatrixSelector extends Place {
  readonly kind: "matrix";
  readonly selector: VectorSelector;
  readonly rangeMs: number;
  readonly rangeExpr?: Duration;
}

export interface Subquery extends Place, Shifted {
  readonly kind: "subquery";
  readonly expr: Expr;
  readonly rangeMs: number;
  readonly rangeExpr?: Duration;
  /** Undefined: the default step that the caller of the engine sets. */
  readonly stepMs?: number;
  readonly stepExpr?: Duration;
}

export interface Call extends Place {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly Expr[];
  /** Of `info`, once it is planned: the series that it joins. */
  readonly info?: VectorSelector;
}

export interface Aggregation extends Place {
  readonly kind: "aggregation";
  readonly operator: AggregationOperator;
  readonly expr: Expr;
  readonly parameter?: Expr;
  readonly grouping: readonly string[];
  readonly without: boolean;
}

export interface Binary extends Place {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  /** Where the operator stands in the text. */
  readonly operatorFrom: number;
  readonly left: Expr;
  readonly right: Expr;
  readonly returnBool: boolean;
  readonly matching: VectorMatching;
}

export interface Unary extends Place {
  readonly kind: "unary";
  readonly operator: "+" | "-";
  readonly expr: Expr;
}

export interface Paren extends Place {
  readonly kind: "paren";
  readonly expr: Expr;
}

export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Call
  | Aggregation
  | Binary
  | Unary
  | Paren;

/** How the two sides of a binary operation find each other. */
export interface VectorMatching {
  /** True: match on `labels` alone; false: on all but `labels` (and the name). */
  readonly on: boolean;
  /** Whether `on` or `ignoring` was written. */
  readonly explicit: boolean;
  readonly labels: readonly string[];
  readonly card: "one-to-one" | "many-to-one" | "one-to-many" | "many-to-many";
  /** Labels of `group_left (…)` or `group_right (…)`. */
  readonly include: readonly string[];
  /** `fill`, `fill_left`, `fill_right`: the value of a partner that is missing. */
  readonly fill?: { readonly left?: number; readonly right?: number };
}

const SET_OPERATORS = ["and", "or", "unless"] as const;
const COMPARISONS = ["==", "!=", "<=", "<", ">=", ">"] as const;
/** `</` and `>/` trim a native histogram: what is below a number, what is above it. */
const ARITHMETIC = ["+", "-", "*", "/", "%", "^", "atan2", "</", ">/"] as const;
export type SetOperator = (typeof SET_OPERATORS)[number];
export type Comparison = (typeof COMPARISONS)[number];
export type Arithmetic = (typeof ARITHMETIC)[number];
export type BinaryOperator = SetOperator | Comparison | Arithmetic;

export const OPERATORS: readonly BinaryOperator[] = [
  ...SET_OPERATORS,
  ...COMPARISONS,
  ...ARITHMETIC,
];

export const AGGREGATIONS = [
  "sum",
  "avg",
  "min",
  "max",
  "count",
  "group",
  "stddev",
  "stdvar",
  "quantile",
  "topk",
  "bottomk",
  "count_values",
  "limitk",
  "limit_ratio",
] as const;
export type AggregationOperator = (typeof AGGREGATIONS)[number];

/** Aggregations whose first argument is a parameter. */
export const PARAMETER_AGGREGATIONS: ReadonlySet<string> = new Set([
  "quantile",
  "topk",
  "bottomk",
  "count_values",
  "limitk",
  "limit_ratio",
]);

export function isSetOperator(operator: string): operator is SetOperator {
  return (SET_OPERATORS as readonly string[]).includes(operator);
}

export function isComparison(operator: string): operator is Comparison {
  return (COMPARISONS as readonly string[]).includes(operator);
}

/** Strips parentheses. */
export function bare(expr: Expr): Expr {
  return expr.kind === "paren" ? bare(expr.expr) : expr;
}

/** The expressions inside an expression, in the order in which they are written. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "call":
      return expr.args;
    case "aggregation":
      return expr.parameter ? [expr.parameter, expr.expr] : [expr.expr];
    case "binary":
      return [expr.left, expr.right];
    case "subquery":
    case "unary":
    case "paren":
      return [expr.expr];
    case "number":
    case "string":
    case "vector":
    case "matrix":
      return [];
  }
}
