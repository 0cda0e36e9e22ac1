import { MOST_NESTING } from "../../limits.ts";
import type { Expr } from "./ast.ts";
import { formatAggregator, formatOperator, formatPromql, formatRangeOf } from "./format.ts";

/** Longer expressions are broken up, measured in bytes as Prometheus measures them. */
const LINE_BYTES = 100;

/**
 * Writes an expression over several lines where one is too long, as `/api/v1/format_query` of
 * Prometheus does (promql/parser/prettier_rules.md).
 */
export function prettyPromql(expr: Expr): string {
  return pretty(expr, 0);
}

function pretty(expr: Expr, level: number): string {
  const line = formatPromql(expr);
  const isShort = new TextEncoder().encode(line).length <= LINE_BYTES;
  const indent = indentOf(level);
  // Prometheus leaves the indent of a short sub-query out.
  if (isShort) return expr.kind === "subquery" ? line : indent + line;
  switch (expr.kind) {
    case "aggregation": {
      const parameter = expr.parameter ? `${pretty(expr.parameter, level + 1)},\n` : "";
      const inner = parameter + pretty(expr.expr, level + 1);
      return `${indent}${formatAggregator(expr)}(\n${inner}\n${indent})`;
    }
    case "binary": {
      const [left, right] = [expr.left, expr.right].map((side) => pretty(side, level + 1));
      return `${left}\n${indent}${formatOperator(expr)}\n${right}`;
    }
    case "call": {
      const args = expr.args.map((arg) => pretty(arg, level + 1)).join(",\n");
      return `${indent}${expr.name}(\n${args}\n${indent})`;
    }
    case "subquery":
      return pretty(expr.expr, level) + formatRangeOf(expr);
    case "paren":
      return `${indent}(\n${pretty(expr.expr, level + 1)}\n${indent})`;
    case "unary":
      return `${indent}${expr.operator}${pretty(expr.expr, level).trim()}`;
    case "number":
    case "string":
    case "vector":
    case "matrix":
      return indent + line;
  }
}

/** A deep tree is not pushed ever further to the right. */
function indentOf(level: number): string {
  return "  ".repeat(Math.min(level, MOST_NESTING));
}
