import {
  activeAlerts,
  endSamples,
  notificationOf,
  type Rule,
  type RuleSample,
} from "@hms-ops/control";
import type { RuleMemory } from "./rule-memory.ts";
import type { RuleNews } from "./run-group.ts";

export interface RemovedRule {
  readonly rule: Rule;
  readonly key: string;
}

/** The news for whoever heard that an alert of the rule fires: it is over. */
export function newsOfRemoval(
  { rule, key }: RemovedRule,
  memory: RuleMemory,
  nowMs: number,
): RuleNews | undefined {
  if (rule.kind === "recording") return undefined;
  const state = memory.alertState(key);
  const transitions = activeAlerts(state)
    .filter((alert) => alert.state === "firing")
    .map((alert) => ({ alert, from: "firing", to: "inactive" }) as const);
  const notification = notificationOf(rule, { ...state, alerts: [] }, transitions, nowMs);
  return notification && { rule, notification };
}

/** Markers for the series of a removed rule; its metric of the alert's name included. */
export function endOfRemoval(
  { rule, key }: RemovedRule,
  memory: RuleMemory,
  timeMs: number,
): readonly RuleSample[] {
  if (rule.kind === "alerting") return endSamples(rule, memory.alertState(key), timeMs);
  return memory
    .recordingState(key)
    .series.map((labels) => ({ labels, timeMs, value: Number.NaN, stale: true }));
}
