import type { Alert } from "@hms-ops/control";
import { labelsToRecord, type TimestampMs } from "@hms-ops/model";

/** Prometheus' time of something that has not happened. */
const NEVER = "0001-01-01T00:00:00Z";

/** RFC 3339 without needless zeros. */
export function timeText(timeMs: TimestampMs | undefined): string {
  if (timeMs === undefined) return NEVER;
  return new Date(timeMs).toISOString().replace(/\.?0*Z$/, "Z");
}

/** As Prometheus writes the values of alerts: always with an exponent, `1e+00`. */
function exponentText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

/** One alert of `/api/v1/alerts` and of `/api/v1/rules`. */
export function alertJson(alert: Alert): Readonly<Record<string, unknown>> {
  const { labels, annotations, state, value, activeAtMs, firedAtMs, keepFiringSinceMs } = alert;
  return {
    labels: labelsToRecord(labels),
    annotations,
    state,
    activeAt: timeText(activeAtMs),
    // Ours: Prometheus tells only since when the condition holds.
    ...(firedAtMs !== undefined && { firedAt: timeText(firedAtMs) }),
    ...(keepFiringSinceMs !== undefined && { keepFiringSince: timeText(keepFiringSinceMs) }),
    value: exponentText(value),
  };
}
