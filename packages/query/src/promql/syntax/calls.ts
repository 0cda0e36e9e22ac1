import { nearestWord } from "@hms-ops/model";
import type { LanguageFeatures } from "../features.ts";
import { FUNCTIONS } from "../functions/table.ts";
import {
  AGGREGATIONS,
  type Aggregation,
  type AggregationOperator,
  type Call,
  type Expr,
  PARAMETER_AGGREGATIONS,
} from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { isReserved } from "./keywords.ts";
import { quote } from "./quoted.ts";
import { readLabelList } from "./selectors.ts";

export const EXPERIMENTAL_AGGREGATIONS: ReadonlySet<string> = new Set(["limitk", "limit_ratio"]);
const ENABLING = "start the hub with --enable-feature=promql-experimental-functions";

/** `name(…)`; the cursor stands on the name. */
export function readCall(cursor: Cursor, features: LanguageFeatures, readInner: () => Expr): Call {
  const { text, from, to } = cursor.read();
  const args = readArguments(cursor, readInner);
  const row = Object.hasOwn(FUNCTIONS, text) ? FUNCTIONS[text] : undefined;
  if (row === undefined) {
    const guess = nearestWord(text, [...Object.keys(FUNCTIONS), ...AGGREGATIONS]);
    const suggestion = guess ? `did you mean ${guess}?` : undefined;
    cursor.report(from, to, `unknown function with name ${quote(text)}`, suggestion);
  } else if (row.experimental && !features.experimentalFunctions) {
    cursor.report(from, to, `function ${quote(text)} is not enabled`, ENABLING);
  }
  return { kind: "call", name: text, args, from, to: cursor.previousEnd };
}

function readArguments(cursor: Cursor, readInner: () => Expr): readonly Expr[] {
  cursor.expectSymbol("(");
  const args: Expr[] = [];
  if (cursor.takeSymbol(")")) return args;
  args.push(readInner());
  while (!cursor.takeSymbol(")")) {
    const { from, to } = cursor.peek();
    if (!cursor.takeSymbol(",")) cursor.unexpected('write "," or ")"');
    if (startsExpression(cursor)) args.push(readInner());
    else cursor.report(from, to, "trailing commas not allowed in function call args");
  }
  return args;
}

/** Whether one may begin here; true also where the text cannot be read on. */
export function startsExpression(cursor: Cursor): boolean {
  const { kind, text } = cursor.peek();
  if (kind === "symbol") return text === "(" || text === "{" || text === "-" || text === "+";
  // A bad token tells its own fault when it is read.
  if (kind === "end") return false;
  return kind !== "identifier" || !isReserved(text.toLowerCase());
}

interface Clause {
  readonly grouping: readonly string[];
  readonly without: boolean;
}

/** `sum by (a) (…)`, `sum (…) by (a)`; the cursor stands on the operator. */
export function readAggregation(
  cursor: Cursor,
  operator: AggregationOperator,
  features: LanguageFeatures,
  readInner: () => Expr,
): Aggregation {
  return cursor.within("aggregation", "", () => {
    const { from } = cursor.read();
    const before = readClause(cursor);
    const args = readArguments(cursor, readInner);
    // Prometheus looks for a clause first, so that what cannot be read there is told before all.
    if (before === undefined && cursor.peek().kind === "bad") cursor.unexpected();
    const clause = before ?? readClause(cursor) ?? { grouping: [], without: false };
    const to = cursor.previousEnd;
    const report = (message: string, suggestion?: string) =>
      cursor.report(from, to, message, suggestion);
    const wanted = PARAMETER_AGGREGATIONS.has(operator) ? 2 : 1;
    const [first, second] = args;
    if (args.length === 0) report("no arguments for aggregate expression provided");
    else if (EXPERIMENTAL_AGGREGATIONS.has(operator) && !features.experimentalFunctions) {
      const flag = "--enable-feature=promql-experimental-functions";
      report(`${operator}() is experimental and must be enabled with ${flag}`, ENABLING);
    } else if (args.length !== wanted) {
      const message = "wrong number of arguments for aggregate expression provided";
      report(`${message}, expected ${wanted}, got ${args.length}`, usage(operator));
    }
    const nothing: Expr = { kind: "string", value: "", from, to };
    const expr = (wanted === 2 ? second : first) ?? nothing;
    const parameter = wanted === 2 && first ? { parameter: first } : {};
    return { kind: "aggregation", operator, expr, ...parameter, ...clause, from, to };
  });
}

function usage(operator: AggregationOperator): string {
  if (operator === "count_values") return 'write count_values("label", metric)';
  if (operator === "quantile") return "write quantile(0.9, metric)";
  if (PARAMETER_AGGREGATIONS.has(operator)) return `write ${operator}(3, metric)`;
  return `write ${operator}(metric)`;
}

function readClause(cursor: Cursor): Clause | undefined {
  const without = cursor.isWord("without");
  if (!without && !cursor.isWord("by")) return undefined;
  cursor.read();
  return { grouping: readLabelList(cursor), without };
}
