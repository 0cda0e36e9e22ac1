import { OpsError } from "@hms-ops/model";
import { QUERY_ERRORS } from "../../errors.ts";
import { childrenOf, type Expr, type Subquery, type VectorSelector } from "../syntax/ast.ts";
import { type Duration, durationMs, type QueryLengths } from "../syntax/durations.ts";
import { linePosition } from "../syntax/position.ts";
import { infoSelector } from "./info.ts";

/** Whether a length in it is an expression, which may depend on the query's step or range. */
export function hasOpenDurations(expr: Expr): boolean {
  switch (expr.kind) {
    case "vector":
      return expr.offsetExpr !== undefined;
    case "matrix":
      return expr.rangeExpr !== undefined || expr.selector.offsetExpr !== undefined;
    case "subquery":
      return (
        Boolean(expr.rangeExpr ?? expr.stepExpr ?? expr.offsetExpr) || hasOpenDurations(expr.expr)
      );
    default:
      return childrenOf(expr).some(hasOpenDurations);
  }
}

/** Puts numbers where a length depends on the query's step or range; a failure answers 400. */
export function resolveDurations(expr: Expr, text: string, lengths: QueryLengths): Expr {
  const resolve = (duration: Duration, from: number): number => {
    const ms = durationMs(duration, lengths);
    if (typeof ms === "number") return ms;
    throw new OpsError(QUERY_ERRORS.parse, { position: linePosition(text, from), reason: ms });
  };
  const positive = (duration: Duration, from: number): number => {
    const ms = resolve(duration, from);
    if (ms > 0) return ms;
    const reason = "duration must be greater than 0";
    throw new OpsError(QUERY_ERRORS.parse, { position: linePosition(text, from), reason });
  };
  const shifted = <T extends VectorSelector | Subquery>(node: T): T =>
    node.offsetExpr ? { ...node, offsetMs: resolve(node.offsetExpr, node.from) } : node;
  const visit = (node: Expr): Expr => {
    switch (node.kind) {
      case "number":
      case "string":
        return node;
      case "vector":
        return shifted(node);
      case "matrix": {
        const rangeMs = node.rangeExpr ? positive(node.rangeExpr, node.from) : node.rangeMs;
        return { ...node, selector: shifted(node.selector), rangeMs };
      }
      case "subquery": {
        const rangeMs = node.rangeExpr ? positive(node.rangeExpr, node.from) : node.rangeMs;
        const step = node.stepExpr ? { stepMs: positive(node.stepExpr, node.from) } : {};
        return { ...shifted(node), expr: visit(node.expr), rangeMs, ...step };
      }
      case "call": {
        const args = node.args.map((arg) => visit(arg));
        if (node.name !== "info" || args[0] === undefined) return { ...node, args };
        const labels = args[1]?.kind === "vector" ? args[1] : undefined;
        return { ...node, args, info: infoSelector(args[0], labels) };
      }
      case "aggregation": {
        const parameter = node.parameter ? { parameter: visit(node.parameter) } : {};
        return { ...node, expr: visit(node.expr), ...parameter };
      }
      case "binary":
        return { ...node, left: visit(node.left), right: visit(node.right) };
      case "unary":
      case "paren":
        return { ...node, expr: visit(node.expr) };
    }
  };
  return visit(expr);
}
