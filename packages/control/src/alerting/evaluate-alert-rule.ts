import { labelsKey, METRIC_NAME, type VectorElement } from "@hms-ops/model";
import { RESOLVED_RETENTION_MS } from "../limits.ts";
import type { Rule } from "../rules/rule.ts";
import {
  type Alert,
  type AlertRuleState,
  type AlertState,
  activeAlerts,
  alertsForStateSeries,
  alertsSeries,
  type RuleSample,
  type Transition,
} from "./alert.ts";
import { type ActiveElement, type ExpansionContext, expandElements } from "./expand-elements.ts";

export interface AlertEvaluation {
  readonly state: AlertRuleState;
  /** In the order of the alerts: begun, fired, back to pending, resolved, dropped. */
  readonly transitions: readonly Transition[];
  readonly samples: readonly RuleSample[];
  /** Queries of templates whose answers were not at hand: ask them and evaluate again. */
  readonly wantedQueries: readonly string[];
}

export interface AlertEvaluationOptions extends ExpansionContext {
  /** Most alerts that are on at once; 0 = no limit. */
  readonly limit: number;
  /**
   * After a restart, until sources have had time to report: an alert whose sample is missing stays
   * as it is instead of ending.
   */
  readonly holdMissing: boolean;
  /** Time of the samples written: the evaluation time less the group's query offset. */
  readonly sampleTimeMs: number;
  /** Write the metric that is named like the alert: 1 while it fires, else 0. */
  readonly stateMetric: boolean;
}

/**
 * One run of an alerting rule, as SPEC.md says. Pure: the same inputs give the same outcome, and
 * the new state replaces the old one whole.
 */
export function evaluateAlertRule(
  rule: Rule,
  previous: AlertRuleState,
  vector: readonly VectorElement[],
  nowMs: number,
  options: AlertEvaluationOptions,
): AlertEvaluation {
  const { elements, duplicate, wantedQueries } = expandElements(rule, vector, options);
  if (duplicate) {
    const reason = "vector contains metrics with the same labelset after applying alert labels";
    return failedAlertRule(previous, reason, nowMs);
  }
  const { alerts, transitions } = step(rule, previous.alerts, elements, nowMs, options.holdMissing);
  const onCount = alerts.filter((alert) => alert.state !== "inactive").length;
  if (options.limit > 0 && onCount > options.limit) {
    const lastError = `exceeded limit of ${options.limit} with ${onCount} alerts`;
    const state: AlertRuleState = {
      alerts: [],
      health: "err",
      lastError,
      lastEvaluationMs: nowMs,
    };
    return { state, transitions: [], samples: [], wantedQueries };
  }
  const state: AlertRuleState = { alerts, health: "ok", lastError: "", lastEvaluationMs: nowMs };
  const samples = samplesOf(rule, previous, state, options);
  return { state, transitions, samples, wantedQueries };
}

/** A run whose query failed: alerts stay as they are, nothing is written or told. */
export function failedAlertRule(
  previous: AlertRuleState,
  reason: string,
  nowMs: number,
): AlertEvaluation {
  const state: AlertRuleState = {
    alerts: previous.alerts,
    health: "err",
    lastError: reason,
    lastEvaluationMs: nowMs,
  };
  return { state, transitions: [], samples: [], wantedQueries: [] };
}

/** Series to end when a rule is removed: everything that its state says it wrote. */
export function endSamples(
  rule: Rule,
  state: AlertRuleState,
  timeMs: number,
): readonly RuleSample[] {
  const series = activeAlerts(state).flatMap((alert) => [
    alertsSeries(alert),
    alertsForStateSeries(alert),
  ]);
  series.push([METRIC_NAME, rule.name]);
  return series.map((labels) => ({ labels, timeMs, value: Number.NaN, stale: true }));
}

function step(
  rule: Rule,
  before: readonly Alert[],
  elements: ReadonlyMap<string, ActiveElement>,
  nowMs: number,
  holdMissing: boolean,
): { readonly alerts: readonly Alert[]; readonly transitions: readonly Transition[] } {
  const alerts: Alert[] = [];
  const transitions: Transition[] = [];
  const seen = new Set<string>();
  for (const old of before) {
    const key = labelsKey(old.labels);
    seen.add(key);
    const element = elements.get(key);
    const next = element
      ? present(rule, old, element, nowMs)
      : absent(rule, old, nowMs, holdMissing);
    if (next) alerts.push(next);
    const from: AlertState | "none" =
      old.state === "inactive" && next?.state !== "inactive" ? "none" : old.state;
    const to = next?.state ?? "inactive";
    const unseen = old.state === "inactive" && next === undefined;
    if (from !== to && !unseen) transitions.push({ alert: next ?? old, from, to });
  }
  for (const [key, element] of elements) {
    if (seen.has(key)) continue;
    const alert = begin(rule, element, nowMs);
    alerts.push(alert);
    transitions.push({ alert, from: "none", to: alert.state });
  }
  return { alerts, transitions };
}

/** The sample is there. */
function present(rule: Rule, old: Alert, element: ActiveElement, nowMs: number): Alert {
  if (old.state === "inactive") return begin(rule, element, nowMs);
  const { annotations, value } = element;
  const { labels, activeAtMs } = old;
  const isDue = nowMs - activeAtMs >= rule.forMs;
  // Not due and yet firing: a reload raised `for`.
  if (!isDue) return { labels, annotations, value, activeAtMs, state: "pending" };
  const firedAtMs = old.state === "firing" ? (old.firedAtMs ?? nowMs) : nowMs;
  return { labels, annotations, value, activeAtMs, firedAtMs, state: "firing" };
}

/** The sample is missing; undefined = forget the alert. */
function absent(rule: Rule, old: Alert, nowMs: number, holdMissing: boolean): Alert | undefined {
  if (old.state === "inactive") {
    const sinceMs = nowMs - (old.resolvedAtMs ?? nowMs);
    return sinceMs > RESOLVED_RETENTION_MS ? undefined : old;
  }
  if (holdMissing) return old;
  if (old.state === "pending") return undefined;
  const keepFiringSinceMs = old.keepFiringSinceMs ?? nowMs;
  if (nowMs - keepFiringSinceMs < rule.keepFiringForMs) return { ...old, keepFiringSinceMs };
  const { keepFiringSinceMs: _ended, ...rest } = old;
  return { ...rest, state: "inactive", resolvedAtMs: nowMs };
}

function begin(rule: Rule, element: ActiveElement, nowMs: number): Alert {
  const { labels, annotations, value } = element;
  const alert = { labels, annotations, value, activeAtMs: nowMs };
  return rule.forMs === 0
    ? { ...alert, state: "firing", firedAtMs: nowMs }
    : { ...alert, state: "pending" };
}

function samplesOf(
  rule: Rule,
  previous: AlertRuleState,
  state: AlertRuleState,
  { sampleTimeMs: timeMs, stateMetric }: AlertEvaluationOptions,
): readonly RuleSample[] {
  const samples: RuleSample[] = [];
  const written = new Set<string>();
  const write = (labels: readonly string[], value: number) => {
    written.add(labelsKey(labels));
    samples.push({ labels, timeMs, value });
  };
  for (const alert of activeAlerts(state)) {
    write(alertsSeries(alert), 1);
    write(alertsForStateSeries(alert), Math.floor(alert.activeAtMs / 1000));
  }
  for (const alert of activeAlerts(previous)) {
    for (const labels of [alertsSeries(alert), alertsForStateSeries(alert)]) {
      if (written.has(labelsKey(labels))) continue;
      samples.push({ labels, timeMs, value: Number.NaN, stale: true });
    }
  }
  if (stateMetric) {
    const firing = state.alerts.some((alert) => alert.state === "firing");
    samples.push({ labels: [METRIC_NAME, rule.name], timeMs, value: firing ? 1 : 0 });
  }
  return samples;
}
