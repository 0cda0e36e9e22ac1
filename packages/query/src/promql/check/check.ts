import { type Diagnostic, METRIC_NAME } from "@hms-ops/model";
import { FUNCTIONS, type FunctionRow } from "../functions/table.ts";
import {
  type Aggregation,
  type Binary,
  type Call,
  childrenOf,
  type Expr,
  isComparison,
  isSetOperator,
  PARAMETER_AGGREGATIONS,
  type Subquery,
  type Unary,
  type VectorSelector,
} from "../syntax/ast.ts";
import { quote } from "../syntax/quoted.ts";
import { refusesEmpty } from "../syntax/selectors.ts";
import { TYPE_NAMES, typeOf } from "./types.ts";

/**
 * Type errors of an expression, worded and ordered as Prometheus has them (promql/parser/parse.go,
 * checkAST), so that the first one is its error; empty when the expression may run.
 */
export function checkTypes(expr: Expr): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  visit(expr, problems);
  return problems;
}

function visit(expr: Expr, problems: Diagnostic[]): void {
  if (expr.kind === "call") checkCall(expr, problems);
  else if (expr.kind === "aggregation") checkAggregation(expr, problems);
  else if (expr.kind === "binary") checkBinary(expr, problems);
  else if (expr.kind === "vector") checkSelector(expr, problems);
  else if (expr.kind === "matrix") checkSelector(expr.selector, problems);
  else {
    for (const part of childrenOf(expr)) visit(part, problems);
    if (expr.kind === "unary") checkUnary(expr, problems);
    if (expr.kind === "subquery") checkSubquery(expr, problems);
  }
}

function checkUnary(expr: Unary, problems: Diagnostic[]): void {
  const type = typeOf(expr.expr);
  if (type === "scalar" || type === "vector") return;
  const message = `unary expression only allowed on expressions of type scalar or instant vector, got "${TYPE_NAMES[type]}"`;
  problems.push(problem(expr, message));
}

function checkSubquery(expr: Subquery, problems: Diagnostic[]): void {
  const type = typeOf(expr.expr);
  if (type === "vector") return;
  // Here Prometheus names the types as its API does.
  const message = `subquery is only allowed on instant vector, got ${type} instead`;
  problems.push(problem(expr, message));
}

function checkSelector(selector: VectorSelector, problems: Diagnostic[]): void {
  const { name, matchers } = selector;
  if (name !== "") {
    const second = matchers.slice(1).find((matcher) => matcher.name === METRIC_NAME);
    if (second === undefined) return;
    const both = `${quote(name)} or ${quote(second.value)}`;
    problems.push(problem(selector, `metric name must not be set twice: ${both}`));
    return;
  }
  if (matchers.some(refusesEmpty)) return;
  const message = "vector selector must contain at least one non-empty matcher";
  const suggestion = 'name a metric, or write {job="…"}';
  problems.push({ ...problem(selector, message), suggestion });
}

function checkCall(call: Call, problems: Diagnostic[]): void {
  const row = Object.hasOwn(FUNCTIONS, call.name) ? FUNCTIONS[call.name] : undefined;
  // The parser has told of an unknown one.
  if (row === undefined) return;
  checkCount(call, row, problems);
  if (call.name === "info") checkInfo(call, problems);
  for (const [i, arg] of call.args.entries()) {
    if (i >= row.args.length && row.optional === 0) break;
    const wanted = row.args[Math.min(i, row.args.length - 1)];
    const isLabels = call.name === "info" && i === 1 && arg.kind === "vector";
    if (!isLabels) visit(arg, problems);
    const got = typeOf(arg);
    if (wanted === undefined || got === wanted) continue;
    const message = `expected type ${TYPE_NAMES[wanted]} in call to function "${call.name}", got ${TYPE_NAMES[got]}`;
    const range =
      wanted === "matrix" && got === "vector" ? { suggestion: "add a range: [5m]" } : {};
    problems.push({ ...problem(arg, message), ...range });
  }
}

/** The second argument of `info` is bare braces; they may well match everything. */
function checkInfo({ args, from, to }: Call, problems: Diagnostic[]): void {
  const labels = args[1];
  if (labels === undefined) return;
  const type = typeOf(labels);
  if (type !== "vector") {
    const message = `expected type instant vector in call to function "info", got ${TYPE_NAMES[type]}`;
    problems.push({ severity: "error", message, from, to, code: "OPS-1201" });
  }
  if (labels.kind !== "vector") {
    problems.push(problem(labels, "expected label selectors only"));
  } else if (labels.name !== "") {
    const message = "expected label selectors only, got vector selector instead";
    problems.push({ ...problem(labels, message), suggestion: 'write {version=~".+"}' });
  }
}

function checkCount(call: Call, { args, optional }: FunctionRow, problems: Diagnostic[]): void {
  const isOpen = optional === Number.POSITIVE_INFINITY;
  const most = isOpen ? optional : args.length;
  const least = args.length - (isOpen ? 1 : optional);
  const count = call.args.length;
  if (count >= least && count <= most) return;
  const wanted =
    optional === 0 ? `${args.length}` : count < least ? `at least ${least}` : `at most ${most}`;
  const message = `expected ${wanted} argument(s) in call to "${call.name}", got ${count}`;
  problems.push({ ...problem(call, message), suggestion: `write ${usageOf(call.name, args)}` });
}

const EXAMPLES: Readonly<Record<string, string>> = {
  vector: "metric",
  matrix: "metric[5m]",
  scalar: "1",
  string: '"text"',
};

function usageOf(name: string, args: FunctionRow["args"]): string {
  return `${name}(${args.map((type) => EXAMPLES[type]).join(", ")})`;
}

function checkAggregation(expr: Aggregation, problems: Diagnostic[]): void {
  visit(expr.expr, problems);
  const type = typeOf(expr.expr);
  if (type !== "vector") {
    const message = `expected type instant vector in aggregation expression, got ${TYPE_NAMES[type]}`;
    problems.push(problem(expr.expr, message));
  }
  if (!PARAMETER_AGGREGATIONS.has(expr.operator) || expr.parameter === undefined) return;
  visit(expr.parameter, problems);
  const wanted = expr.operator === "count_values" ? "string" : "scalar";
  const got = typeOf(expr.parameter);
  if (got !== wanted) {
    const message = `expected type ${wanted} in aggregation parameter, got ${TYPE_NAMES[got]}`;
    problems.push(problem(expr.parameter, message));
  }
}

function checkBinary(expr: Binary, problems: Diagnostic[]): void {
  const { left, right, operator, matching, returnBool } = expr;
  visit(left, problems);
  visit(right, problems);
  const types = [typeOf(left), typeOf(right)];
  const atOperator = (message: string, suggestion?: string) => {
    const to = expr.operatorFrom + operator.length;
    const place = { from: expr.operatorFrom, to };
    problems.push({ ...problem(place, message), ...(suggestion && { suggestion }) });
  };
  if (returnBool && !isComparison(operator)) {
    atOperator("bool modifier can only be used on comparison operators", "leave bool out");
  }
  if (isComparison(operator) && !returnBool && types.every((type) => type === "scalar")) {
    atOperator("comparisons between scalars must use BOOL modifier", `write ${operator} bool`);
  }
  if (matching.on) {
    for (const label of matching.labels.filter((one) => matching.include.includes(one))) {
      atOperator(`label "${label}" must not occur in ON and GROUP clause at once`);
    }
  }
  for (const [i, side] of [left, right].entries()) {
    if (types[i] === "scalar" || types[i] === "vector") continue;
    const message = "binary expression must contain only scalar and instant vector types";
    problems.push(problem(side, message));
  }
  checkMatching(
    expr,
    types.every((type) => type === "vector"),
    problems,
  );
  if (types.includes("scalar") && isSetOperator(operator)) {
    const message = `set operator "${operator}" not allowed in binary scalar expression`;
    problems.push({ ...problem(expr, message), suggestion: "make the number a vector(…)" });
  }
}

function checkMatching(expr: Binary, areVectors: boolean, problems: Diagnostic[]): void {
  const { matching, operator } = expr;
  const report = (message: string) => problems.push(problem(expr, message));
  if (!areVectors) {
    if (matching.labels.length > 0) report("vector matching only allowed between instant vectors");
    if (matching.fill) report("filling in missing series only allowed between instant vectors");
  } else if (isSetOperator(operator)) {
    if (matching.card !== "many-to-many") {
      report(`no grouping allowed for "${operator}" operation`);
      report("set operations must always be many-to-many");
    }
    if (matching.fill) report("filling in missing series not allowed for set operators");
  }
}

function problem({ from, to }: { from: number; to: number }, message: string): Diagnostic {
  return { severity: "error", message, from, to, code: "OPS-1201" };
}
