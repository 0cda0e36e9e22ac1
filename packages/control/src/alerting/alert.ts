import { type Labels, METRIC_NAME, type NativeHistogram, withLabels } from "@hms-ops/model";

export type AlertState = "pending" | "firing" | "inactive";

/** One alert of a rule: its identity is its label set. Plain data, stored as it is. */
export interface Alert {
  /** `alertname` included. */
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  /** `inactive`: resolved, kept a while so that the resolution can be told. */
  readonly state: AlertState;
  /** Of the latest sample seen; 0 where it was a histogram. */
  readonly value: number;
  readonly activeAtMs: number;
  readonly firedAtMs?: number;
  readonly resolvedAtMs?: number;
  readonly keepFiringSinceMs?: number;
}

export type Health = "ok" | "err" | "unknown";

/** All that a rule remembers between two runs; survives a restart as JSON. */
export interface AlertRuleState {
  readonly alerts: readonly Alert[];
  readonly health: Health;
  readonly lastError: string;
  readonly lastEvaluationMs?: number;
}

export const NEW_ALERT_RULE_STATE: AlertRuleState = {
  alerts: [],
  health: "unknown",
  lastError: "",
};

/** A change of state that people may want to hear of. */
export interface Transition {
  readonly alert: Alert;
  readonly from: AlertState | "none";
  readonly to: AlertState;
}

/** A sample that a rule writes back into the store. */
export interface RuleSample {
  readonly labels: Labels;
  readonly timeMs: number;
  /** Means nothing where there is a histogram. */
  readonly value: number;
  readonly histogram?: NativeHistogram;
  /** The series has ended; the value means nothing. */
  readonly stale?: boolean;
}

/** Firing before pending before inactive; `unknown` before the first run. */
export function ruleStateOf(state: AlertRuleState): AlertState | "unknown" {
  if (state.lastEvaluationMs === undefined && state.alerts.length === 0) return "unknown";
  if (state.alerts.some((alert) => alert.state === "firing")) return "firing";
  return state.alerts.some((alert) => alert.state === "pending") ? "pending" : "inactive";
}

export function activeAlerts(state: AlertRuleState): readonly Alert[] {
  return state.alerts.filter((alert) => alert.state !== "inactive");
}

/** The series of an alert that is on: `ALERTS`, by state. */
export function alertsSeries(alert: Alert): Labels {
  return withLabels(alert.labels, { [METRIC_NAME]: "ALERTS", alertstate: alert.state });
}

export function alertsForStateSeries(alert: Alert): Labels {
  return withLabels(alert.labels, { [METRIC_NAME]: "ALERTS_FOR_STATE" });
}
