import type { Route } from "../ports.ts";
import { prometheusAnswer } from "./json-answer.ts";
import { alertJson } from "./rule-json.ts";
import type { GroupSource } from "./rules.ts";

/** `GET /api/v1/alerts`: all alerts that are pending or firing. */
export function alertsAnswer(groups: GroupSource): Route["handle"] {
  return () => {
    const alerts = groups().flatMap(({ rules }) => rules.flatMap((rule) => rule.alerts));
    return prometheusAnswer({ alerts: alerts.map(alertJson) });
  };
}
