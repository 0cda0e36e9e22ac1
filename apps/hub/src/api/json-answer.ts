import { writeDataAnswer } from "@hms-ops/wire/prometheus-api";
import type { HubResponse } from "../ports.ts";

export function jsonAnswer(value: unknown): HubResponse {
  return writtenJsonAnswer(JSON.stringify(value));
}

/** In the envelope that Prometheus puts around `data`. */
export function prometheusAnswer(data: unknown): HubResponse {
  return writtenJsonAnswer(writeDataAnswer(data));
}

/** Of a body that is JSON already. */
export function writtenJsonAnswer(body: HubResponse["body"]): HubResponse {
  return { status: 200, headers: { "content-type": "application/json" }, body };
}
