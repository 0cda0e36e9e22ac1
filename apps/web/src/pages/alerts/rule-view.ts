import type { OpenAlert, StatusState } from "@hms-ops/panels";
import type { ListedRule } from "../../hub-types.ts";

export type RuleState = "firing" | "pending" | "ok" | "no-data";

/** One alerting rule with what of it is open, as the page shows it. */
export interface RuleView {
  readonly rule: ListedRule;
  readonly state: RuleState;
  readonly mark: StatusState;
  readonly word: string;
  /** Firing before pending, then oldest first. */
  readonly open: readonly OpenAlert[];
  /** Of the first open one; undefined when none is. */
  readonly sinceMs: number | undefined;
}

/** Alerting rules, worst first, then by name. */
export function ruleViews(
  rules: readonly ListedRule[],
  alerts: readonly OpenAlert[],
): readonly RuleView[] {
  return rules
    .filter((rule) => rule.kind === "alerting")
    .map((rule) => ruleView(rule, alerts))
    .toSorted((a, b) => rank(a) - rank(b) || a.rule.name.localeCompare(b.rule.name, "en"));
}

function ruleView(rule: ListedRule, alerts: readonly OpenAlert[]): RuleView {
  const open = alerts
    .filter((alert) => alert.name === rule.name)
    .toSorted((a, b) => a.state.localeCompare(b.state, "en") || a.sinceMs - b.sinceMs);
  const critical = open.some((alert) => alert.severity === "crit");
  const shared = { rule, open, sinceMs: open[0]?.sinceMs };
  if (rule.health === "err")
    return { ...shared, state: "no-data", mark: "none", word: "Cannot be judged" };
  switch (rule.state) {
    case "firing":
      return {
        ...shared,
        state: "firing",
        mark: critical ? "crit" : "warn",
        word: critical ? "Critical" : "Warning",
      };
    case "pending":
      return { ...shared, state: "pending", mark: "warn", word: "Pending" };
    case "inactive":
      return { ...shared, state: "ok", mark: "ok", word: "OK" };
    case "unknown":
    case null:
      return { ...shared, state: "no-data", mark: "none", word: "No data" };
  }
}

const STATES: readonly RuleState[] = ["firing", "pending", "no-data", "ok"];

function rank(view: RuleView): number {
  return STATES.indexOf(view.state) * 2 + (view.mark === "crit" ? 0 : 1);
}

export function countStates(views: readonly RuleView[]): Readonly<Record<RuleState, number>> {
  const counts = { firing: 0, pending: 0, ok: 0, "no-data": 0 };
  for (const { state } of views) counts[state] += 1;
  return counts;
}

/**
 * `3 alerts of 2 rules fire. One is pending.` A rule has one alert for each series that breaks it;
 * the sentence counts alerts, as the number beside "Alerts" in the rail does.
 */
export function alertsSentence(
  counts: Readonly<Record<RuleState, number>>,
  alerts: readonly OpenAlert[],
): string {
  const all = counts.firing + counts.pending + counts.ok + counts["no-data"];
  if (all === 0) return "No alert rule is loaded.";
  const fire = alerts.filter(({ state }) => state === "firing");
  const pending = alerts.length - fire.length;
  if (alerts.length === 0) return "Nothing fires.";
  const parts: string[] = [];
  if (fire.length === 1) parts.push("One alert fires.");
  if (fire.length > 1) parts.push(`${fire.length} alerts${ofRules(fire)} fire.`);
  if (pending > 0) parts.push(pending === 1 ? "One is pending." : `${pending} are pending.`);
  return parts.join(" ");
}

/** Said where a count of alerts would not fit the list of rules below it. */
function ofRules(alerts: readonly OpenAlert[]): string {
  const count = new Set(alerts.map(({ name }) => name)).size;
  if (count === alerts.length) return "";
  return count === 1 ? " of one rule" : ` of ${count} rules`;
}

export interface LimitedExpr {
  readonly expr: string;
  readonly value: number;
  readonly bad: "above" | "below";
}

const LIMIT = /^([\s\S]+?)\s*(>=?|<=?)\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*$/i;

/**
 * `rate(a[1m]) / rate(b[1m]) > 0.05` as what is measured and its limit. Undefined where the
 * expression is no single comparison with a number: then there is no one limit to draw.
 */
export function splitLimit(expr: string): LimitedExpr | undefined {
  const match = LIMIT.exec(expr.trim());
  const [, measured, operator, number] = match ?? [];
  if (!measured || !operator || !number) return undefined;
  if (/\b(and|or|unless)\b|[<>]|[!=]=/.test(withoutText(measured))) return undefined;
  return {
    expr: measured,
    value: Number(number),
    bad: operator.startsWith(">") ? "above" : "below",
  };
}

/** Without quoted text and matchers, in which any word and sign may stand. */
function withoutText(expr: string): string {
  return expr.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\{[^}]*\}/g, "");
}
