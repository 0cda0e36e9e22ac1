import type { VectorElement } from "@hms-ops/model";
import { MAX_TEMPLATE_QUERY_ROUNDS } from "../limits.ts";
import type { Rule } from "../rules/rule.ts";
import type { AlertRuleState } from "./alert.ts";
import {
  type AlertEvaluation,
  type AlertEvaluationOptions,
  evaluateAlertRule,
} from "./evaluate-alert-rule.ts";

/** The elements of an expression's answer, or why there are none. */
export type VectorAnswer =
  | { readonly vector: readonly VectorElement[] }
  | { readonly error: string };

/** One run of an alerting rule, with the queries of its templates asked as they come up. */
export async function runAlertRule(
  rule: Rule,
  previous: AlertRuleState,
  vector: readonly VectorElement[],
  options: Omit<AlertEvaluationOptions, "answers">,
  ask: (expr: string) => Promise<VectorAnswer>,
): Promise<AlertEvaluation> {
  const answers = new Map<string, readonly VectorElement[] | { error: string }>();
  const evaluate = () =>
    evaluateAlertRule(rule, previous, vector, options.nowMs, { ...options, answers });
  let outcome = evaluate();
  for (let round = 1; outcome.wantedQueries.length > 0; round++) {
    for (const text of outcome.wantedQueries) {
      const found = await ask(text);
      answers.set(text, "error" in found ? { error: found.error } : found.vector);
    }
    outcome = evaluate();
    if (round >= MAX_TEMPLATE_QUERY_ROUNDS) break;
  }
  return outcome;
}
