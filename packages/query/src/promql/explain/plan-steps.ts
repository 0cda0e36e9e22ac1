import type { MatrixSelector, Subquery, VectorSelector } from "../syntax/ast.ts";
import { type Aggregation, type Binary, bare, type Call, type Expr } from "../syntax/ast.ts";
import { formatAggregator, formatOperator, formatPromql } from "../syntax/format.ts";
import { rangeText } from "./words.ts";

/** One thing that is done, in the order in which it is done. */
export interface PlanStep {
  /** From 1. */
  readonly number: number;
  readonly does: string;
  /** Steps whose results it takes. */
  readonly takes: readonly number[];
  /** The part of the expression that is known when the step is done; PromQL. */
  readonly expr: string;
}

/** Most steps listed: more than fit on a page tell nobody anything. */
const MOST_STEPS = 200;

/** How an expression is evaluated: reads first, each selector once however often it is written. */
export function planSteps(expr: Expr): readonly PlanStep[] {
  const steps: PlanStep[] = [];
  const reads = new Map<string, number>();
  const add = (does: string, takes: readonly number[], of: Expr): number => {
    if (steps.length >= MOST_STEPS) return steps.length;
    return steps.push({ number: steps.length + 1, does, takes, expr: formatPromql(of) });
  };
  const read = (does: string, of: Expr): number => {
    const known = reads.get(does);
    if (known !== undefined) return known;
    const number = add(does, [], of);
    reads.set(does, number);
    return number;
  };
  const visit = (node: Expr): number | undefined => {
    switch (node.kind) {
      case "number":
      case "string":
        return undefined;
      case "vector":
        return read(`read the newest sample of ${formatPromql(node)} at each step`, node);
      case "matrix":
        return read(`read ${selectorText(node)} over ${rangeText(node)} before each step`, node);
      case "paren":
        return visit(node.expr);
      case "unary":
        return add(node.operator === "-" ? "negate" : "keep", ids(visit(node.expr)), node);
      case "subquery":
        return add(subqueryText(node), ids(visit(node.expr)), node);
      case "aggregation":
        return add(aggregationText(node), ids(...argumentsOf(node).map(visit)), node);
      case "call":
        return add(callText(node), ids(...node.args.map(visit)), node);
      case "binary":
        return add(binaryText(node), ids(visit(node.left), visit(node.right)), node);
    }
  };
  visit(expr);
  return steps;
}

function ids(...numbers: readonly (number | undefined)[]): readonly number[] {
  return [...new Set(numbers.filter((number) => number !== undefined))];
}

function argumentsOf({ parameter, expr }: Aggregation): readonly Expr[] {
  return parameter ? [parameter, expr] : [expr];
}

function selectorText({ selector }: MatrixSelector): string {
  const { at: _, offsetExpr: _expr, ...plain } = selector satisfies VectorSelector;
  const shifted = selector.offsetMs !== 0 || selector.at ? ", shifted in time," : "";
  return `${formatPromql({ ...plain, offsetMs: 0 })}${shifted}`;
}

function subqueryText(node: Subquery): string {
  const step = node.stepMs === undefined ? "default step" : `step of ${node.stepMs / 1000} s`;
  return `evaluate on a grid of its own, ${rangeText(node)} back, ${step}`;
}

function aggregationText(node: Aggregation): string {
  const parameter = node.parameter ? bare(node.parameter) : undefined;
  const shown =
    parameter && /^(?:number|string)$/.test(parameter.kind) ? ` ${formatPromql(parameter)}` : "";
  return `fold with ${formatAggregator(node).trim()}${shown}`;
}

function callText({ name, args }: Call): string {
  const slides = args.some((arg) => /^(?:matrix|subquery)$/.test(bare(arg).kind));
  const plain = args
    .map(bare)
    .filter(({ kind }) => kind === "number" || kind === "string")
    .map(formatPromql);
  const shown = plain.length > 0 ? ` (${plain.join(", ")})` : "";
  return slides ? `slide ${name} along the samples${shown}` : `apply ${name}${shown}`;
}

function binaryText(node: Binary): string {
  const numbers = [node.left, node.right].map(bare).filter(({ kind }) => kind === "number");
  const shown = numbers.length > 0 ? ` with ${numbers.map(formatPromql).join(" and ")}` : "";
  const pairs = numbers.length === 0 ? "pair series and compute" : "compute";
  return `${pairs} ${formatOperator(node)}${shown}`;
}
