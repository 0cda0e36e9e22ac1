import { labelsKey, labelsOf, type Matcher, METRIC_NAME, OpsError } from "@hms-ops/model";
import {
  adviseFor,
  adviseQuery,
  linePosition,
  type MetricFacts,
  prepareQuery,
  type SeriesCatalog,
  whyNothing,
} from "@hms-ops/query";
import { CONTROL_ERRORS } from "../errors.ts";
import type { Rule, RuleGroup, RuleProblem } from "./rule.ts";

export interface RuleAdvice extends MetricFacts {
  /** Of groups that name none. */
  readonly intervalMs: number;
  /** What a hub holds; without it nothing is said of selectors that match nothing. */
  readonly catalog?: SeriesCatalog;
}

type Remark = readonly [reason: string, suggestion: string];

/** Warnings about rules that are legal and hardly meant, in the order of the rules. */
export async function adviseRules(
  groups: readonly RuleGroup[],
  advice: RuleAdvice,
): Promise<readonly RuleProblem[]> {
  const catalog = advice.catalog && withRecorded(advice.catalog, groups);
  const first = new Map<string, RuleGroup>();
  const problems: RuleProblem[] = [];
  for (const group of groups) {
    for (const rule of group.rules) {
      for (const remark of await remarksOn(rule, group, { ...advice, ...(catalog && { catalog }) }))
        problems.push(hardlyMeant(rule, group, remark));
      const key = `${rule.name}\u0000${labelsKey(labelsOf(rule.labels))}`;
      const other = first.get(key);
      if (other === undefined) first.set(key, group);
      else problems.push(duplicate(rule, other));
    }
  }
  return problems;
}

async function remarksOn(
  rule: Rule,
  group: RuleGroup,
  advice: RuleAdvice,
): Promise<readonly Remark[]> {
  const { query } = prepareQuery(rule.expr);
  if (!query) return [];
  const found = adviseQuery(query.expr, advice).filter(({ severity }) => severity === "warning");
  const nothing = advice.catalog ? await whyNothing(query.expr, advice.catalog) : [];
  const remarks = [...found, ...nothing].map(({ message, suggestion, from }): Remark => {
    const position = linePosition(rule.expr, from ?? 0);
    return [`${message} (expr ${position})`, suggestion ?? "Try the expression in Explore."];
  });
  if (query.type === "matrix" || query.type === "string") {
    const kind = query.type === "matrix" ? "a range vector" : "a text";
    remarks.push([
      `the expression is ${kind}, so every run fails`,
      "Write one that yields a number a series.",
    ]);
  }
  const tooShort = adviseFor(rule.forMs, group.intervalMs ?? advice.intervalMs);
  if (tooShort) remarks.push([tooShort.message, tooShort.suggestion ?? ""]);
  return remarks;
}

/** What rules record is there as soon as they run. */
function withRecorded(catalog: SeriesCatalog, groups: readonly RuleGroup[]): SeriesCatalog {
  const names = new Set(["ALERTS", "ALERTS_FOR_STATE"]);
  for (const { rules } of groups) for (const { name } of rules) names.add(name);
  const isRecorded = ({ name, operator, value }: Matcher) =>
    name === METRIC_NAME && operator === "=" && names.has(value);
  return {
    metricNames: () => catalog.metricNames(),
    labelNames: (metric) => catalog.labelNames(metric),
    labelValues: (metric, label) => catalog.labelValues(metric, label),
    matches: async (matchers) => matchers.some(isRecorded) || (await catalog.matches(matchers)),
  };
}

function hardlyMeant(rule: Rule, group: RuleGroup, [reason, suggestion]: Remark): RuleProblem {
  const place = `group "${group.name}", "${rule.name}"`;
  return warning(rule, new OpsError(CONTROL_ERRORS.hardlyMeant, { place, reason, suggestion }));
}

function duplicate(rule: Rule, { name: group, file: other }: RuleGroup): RuleProblem {
  const inputs = { name: rule.name, group, other };
  return warning(rule, new OpsError(CONTROL_ERRORS.duplicateRule, inputs));
}

function warning({ origin }: Rule, { code, message, mend }: OpsError): RuleProblem {
  return { ...origin, column: 1, severity: "warning", code, message, mend };
}
