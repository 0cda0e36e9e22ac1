import type { Diagnostic } from "@hms-ops/model";
import { checkTypes } from "./check/check.ts";
import { typeOf } from "./check/types.ts";
import { EVERY_SYNTAX, type LanguageFeatures } from "./features.ts";
import type { ArgumentType } from "./functions/table.ts";
import { hasOpenDurations, resolveDurations } from "./plan/durations.ts";
import type { Expr } from "./syntax/ast.ts";
import { parsePromql } from "./syntax/parser.ts";

/** Of the query; for lengths that don't depend on them. */
const NO_LENGTHS = { stepMs: 0, rangeMs: 0 };

/** An expression that parses and whose types fit; may be run any number of times. */
export interface PreparedQuery {
  readonly text: string;
  readonly expr: Expr;
  /** The same with its durations resolved, where none is an expression. */
  readonly resolved?: Expr;
  readonly type: ArgumentType;
}

/** Parses and checks; never throws. What is experimental and not among `features` is refused. */
export function prepareQuery(
  text: string,
  features: LanguageFeatures = EVERY_SYNTAX,
): {
  readonly query: PreparedQuery | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { expr, diagnostics } = parsePromql(text, features);
  if (expr === undefined) return { query: undefined, diagnostics };
  const problems = checkTypes(expr);
  if (problems.length > 0) return { query: undefined, diagnostics: problems };
  const resolved = hasOpenDurations(expr)
    ? {}
    : { resolved: resolveDurations(expr, text, NO_LENGTHS) };
  return { query: { text, expr, ...resolved, type: typeOf(expr) }, diagnostics: [] };
}
