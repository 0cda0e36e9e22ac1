import type { ActiveAlert } from "@hms-ops/client";
import { severityState } from "../states/status.ts";
import type { OpenAlert } from "./model.ts";

/** Critical first, firing before pending, then the oldest. */
export function openAlerts(active: readonly ActiveAlert[]): readonly OpenAlert[] {
  return active.map(openAlert).sort(compareAlerts);
}

function openAlert(alert: ActiveAlert): OpenAlert {
  const { labels, annotations, state, activeAtMs, firedAtMs = activeAtMs } = alert;
  return {
    name: labels.alertname ?? "",
    service: labels.service ?? labels.job ?? "",
    state,
    severity: severityState(labels.severity ?? ""),
    sinceMs: state === "firing" ? firedAtMs : activeAtMs,
    detail: annotations.summary ?? annotations.description ?? "",
    labels,
  };
}

function compareAlerts(a: OpenAlert, b: OpenAlert): number {
  if (a.state !== b.state) return a.state === "firing" ? -1 : 1;
  if (a.severity !== b.severity) return a.severity === "crit" ? -1 : 1;
  return a.sinceMs - b.sinceMs || a.name.localeCompare(b.name);
}
