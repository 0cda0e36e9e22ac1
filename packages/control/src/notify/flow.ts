import { compareLabels, labelsKey } from "@hms-ops/model";
import type { Alert, AlertRuleState, Transition } from "../alerting/alert.ts";
import { MAX_ALERTS_PER_NOTIFICATION } from "../limits.ts";
import type { NotifyTarget, Rule } from "../rules/rule.ts";
import type { Notification } from "./channel.ts";

/**
 * What people must hear after a run of a rule; undefined = nothing. One notification a rule: all
 * that fires, and what has just resolved. Pending alerts are never told.
 */
export function notificationOf(
  rule: Rule,
  state: AlertRuleState,
  transitions: readonly Transition[],
  atMs: number,
): Notification | undefined {
  const fired = transitions.filter(({ to }) => to === "firing");
  const ended = transitions.filter(({ from, to }) => from === "firing" && to !== "firing");
  if (fired.length + ended.length === 0) return undefined;
  const firing = state.alerts.filter((alert) => alert.state === "firing").sort(byLabels);
  const resolved = ended.map(({ alert }) => asResolved(alert, atMs)).sort(byLabels);
  const alerts = [...firing, ...resolved];
  const newlyFired = new Set(fired.map(({ alert }) => labelsKey(alert.labels)));
  return {
    alertName: rule.name,
    status: firing.length > 0 ? "firing" : "resolved",
    alerts: alerts.slice(0, MAX_ALERTS_PER_NOTIFICATION),
    truncatedCount: Math.max(0, alerts.length - MAX_ALERTS_PER_NOTIFICATION),
    groupKey: `{}:{alertname=${JSON.stringify(rule.name)}}`,
    groupLabels: { alertname: rule.name },
    expr: rule.expr,
    ...(rule.condition && { condition: rule.condition }),
    dialect: rule.dialect,
    ruleLabels: rule.labels,
    atMs,
    isFirst: ended.length === 0 && firing.every(({ labels }) => newlyFired.has(labelsKey(labels))),
  };
}

/** Who hears of a rule: its own list, else the hub's receivers, else whoever sits at the terminal. */
export function receiversOf(
  rule: Rule,
  defaults: readonly NotifyTarget[],
): readonly NotifyTarget[] {
  if (rule.notify.length > 0) return rule.notify;
  return defaults.length > 0 ? defaults : [{ channel: "terminal", address: "hub" }];
}

/** Back to pending after a raised `for` is an end too, for those who were told. */
function asResolved(alert: Alert, atMs: number): Alert {
  return { ...alert, state: "inactive", resolvedAtMs: alert.resolvedAtMs ?? atMs };
}

function byLabels(a: Alert, b: Alert): number {
  return compareLabels(a.labels, b.labels);
}
