import { computeOf, isTrim } from "../exec/row-operations.ts";
import { bare, type Expr } from "../syntax/ast.ts";

/** What an expression of numbers alone comes to, `4 * 3600`; undefined where it may vary. */
export function constantOf(expr: Expr): number | undefined {
  const node = bare(expr);
  if (node.kind === "number") return node.value;
  if (node.kind === "unary") {
    const value = constantOf(node.expr);
    return value === undefined || node.operator === "+" ? value : -value;
  }
  if (node.kind !== "binary" || isTrim(node)) return undefined;
  const left = constantOf(node.left);
  const right = left === undefined ? undefined : constantOf(node.right);
  return left === undefined || right === undefined ? undefined : computeOf(node)(left, right);
}
