import { type Diagnostic, nearestWord } from "@hms-ops/model";
import { type ArgumentType, FUNCTIONS, type FunctionRow } from "../functions/table.ts";
import {
  AGGREGATIONS,
  type Aggregation,
  type Binary,
  type Call,
  childrenOf,
  type Expr,
  isComparison,
  isSetOperator,
  PARAMETER_AGGREGATIONS,
} from "../syntax/ast.ts";

const TYPE_NAMES: Readonly<Record<ArgumentType, string>> = {
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

/** Type errors of an expression, worded as Prometheus words them; empty when it may run. */
export function checkTypes(expr: Expr): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  visit(expr, problems);
  return problems;
}

function visit(expr: Expr, problems: Diagnostic[]): void {
  for (const part of childrenOf(expr)) visit(part, problems);
  if (expr.kind === "call") checkCall(expr, problems);
  else if (expr.kind === "aggregation") checkAggregation(expr, problems);
  else if (expr.kind === "binary") checkBinary(expr, problems);
  else if (expr.kind === "unary") {
    const type = typeOf(expr.expr);
    if (type !== "scalar" && type !== "vector") {
      const message = `unary expression only allowed on expressions of type scalar or instant vector, got "${TYPE_NAMES[type]}"`;
      problems.push(problem(expr, message));
    }
  } else if (expr.kind === "subquery") {
    const type = typeOf(expr.expr);
    if (type !== "vector") {
      const message = `subquery is only allowed on instant vector, got ${TYPE_NAMES[type]} instead`;
      problems.push(problem(expr, message));
    }
  }
}

function checkCall(call: Call, problems: Diagnostic[]): void {
  const row = Object.hasOwn(FUNCTIONS, call.name) ? FUNCTIONS[call.name] : undefined;
  if (row === undefined) {
    const guess = nearestWord(call.name, [...Object.keys(FUNCTIONS), ...AGGREGATIONS]);
    const suggestion = guess ? { suggestion: `did you mean ${guess}?` } : {};
    problems.push({ ...problem(call, `unknown function with name "${call.name}"`), ...suggestion });
    return;
  }
  checkCount(call, row, problems);
  for (const [i, arg] of call.args.entries()) {
    const wanted = row.args[Math.min(i, row.args.length - 1)];
    const got = typeOf(arg);
    if (wanted !== undefined && got !== wanted) {
      const message = `expected type ${TYPE_NAMES[wanted]} in call to function "${call.name}", got ${TYPE_NAMES[got]}`;
      const range =
        wanted === "matrix" && got === "vector" ? { suggestion: "add a range: [5m]" } : {};
      problems.push({ ...problem(arg, message), ...range });
    }
  }
}

function checkCount(call: Call, { args, optional }: FunctionRow, problems: Diagnostic[]): void {
  const most = optional === Number.POSITIVE_INFINITY ? optional : args.length;
  const least = args.length - (optional === Number.POSITIVE_INFINITY ? 1 : optional);
  const count = call.args.length;
  if (count >= least && count <= most) return;
  const wanted =
    least === most ? `${least}` : count < least ? `at least ${least}` : `at most ${most}`;
  const message = `expected ${wanted} argument(s) in call to "${call.name}", got ${count}`;
  problems.push(problem(call, message));
}

function checkAggregation(expr: Aggregation, problems: Diagnostic[]): void {
  const type = typeOf(expr.expr);
  if (type !== "vector") {
    const message = `expected type instant vector in aggregation expression, got ${TYPE_NAMES[type]}`;
    problems.push(problem(expr.expr, message));
  }
  if (!PARAMETER_AGGREGATIONS.has(expr.operator) || expr.parameter === undefined) return;
  const wanted = expr.operator === "count_values" ? "string" : "scalar";
  const got = typeOf(expr.parameter);
  if (got !== wanted) {
    const message = `expected type ${wanted} in aggregation parameter, got ${TYPE_NAMES[got]}`;
    problems.push(problem(expr.parameter, message));
  }
}

function checkBinary(expr: Binary, problems: Diagnostic[]): void {
  const left = typeOf(expr.left);
  const right = typeOf(expr.right);
  for (const [type, side] of [
    [left, expr.left],
    [right, expr.right],
  ] as const) {
    if (type !== "scalar" && type !== "vector") {
      const message = "binary expression must contain only scalar and instant vector types";
      problems.push(problem(side, message));
      return;
    }
  }
  const vectors = left === "vector" && right === "vector";
  if (isSetOperator(expr.operator) && !vectors) {
    problems.push(
      problem(expr, `set operator "${expr.operator}" not allowed in binary scalar expression`),
    );
  }
  if (expr.returnBool && !isComparison(expr.operator)) {
    problems.push(problem(expr, "bool modifier can only be used on comparison operators"));
  }
  if (isComparison(expr.operator) && !expr.returnBool && left === "scalar" && right === "scalar") {
    const message = "comparisons between scalars must use BOOL modifier";
    const { operator } = expr;
    problems.push({ ...problem(expr, message), suggestion: `write ${operator} bool` });
  }
  if (expr.matching.explicit && !vectors) {
    problems.push(problem(expr, "vector matching only allowed between instant vectors"));
  }
}

function problem({ from, to }: Expr, message: string): Diagnostic {
  return { severity: "error", message, from, to, code: "OPS-1201" };
}
