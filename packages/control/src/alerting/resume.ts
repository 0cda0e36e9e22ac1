import { OUTAGE_TOLERANCE_MS } from "../limits.ts";
import type { AlertRuleState } from "./alert.ts";

/**
 * A stored state, ready to go on after the hub was down. Firing and resolved alerts go on as they
 * were. A pending alert keeps the time that it has been watched: time in which nobody looked
 * counts only while it is short.
 */
export function resumeState(stored: AlertRuleState, nowMs: number): AlertRuleState {
  const lastMs = stored.lastEvaluationMs;
  if (lastMs === undefined || nowMs - lastMs <= OUTAGE_TOLERANCE_MS) return stored;
  const outageMs = nowMs - lastMs;
  return {
    ...stored,
    alerts: stored.alerts.map((alert) =>
      alert.state === "pending" ? { ...alert, activeAtMs: alert.activeAtMs + outageMs } : alert,
    ),
  };
}
