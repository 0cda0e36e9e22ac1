import { type ArgumentType, FUNCTIONS } from "../functions/table.ts";
import type { Expr } from "../syntax/ast.ts";

/** As Prometheus' documentation names them. */
export const TYPE_NAMES: Readonly<Record<ArgumentType, string>> = {
  vector: "instant vector",
  matrix: "range vector",
  scalar: "scalar",
  string: "string",
};

/** What an expression evaluates to; a call of an unknown function counts as a vector. */
export function typeOf(expr: Expr): ArgumentType {
  switch (expr.kind) {
    case "number":
      return "scalar";
    case "string":
      return "string";
    case "matrix":
    case "subquery":
      return "matrix";
    case "vector":
    case "aggregation":
      return "vector";
    case "call":
      return FUNCTIONS[expr.name]?.returns ?? "vector";
    case "binary": {
      const scalars = typeOf(expr.left) === "scalar" && typeOf(expr.right) === "scalar";
      return scalars ? "scalar" : "vector";
    }
    case "unary":
    case "paren":
      return typeOf(expr.expr);
  }
}
