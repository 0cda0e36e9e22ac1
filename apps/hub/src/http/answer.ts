import { OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import type { HubResponse } from "../ports.ts";

/** An error in the form that callers of its path expect. */
export function errorAnswer(error: OpsError, path: string): HubResponse {
  if (isPlainTextPath(path)) {
    return text(error.status, `${error.message}\n${error.mend} (${error.code})\n`);
  }
  if (path.startsWith("/api/v1/")) {
    const { message } = error;
    return json(error.status, { status: "error", errorType: errorType(error), error: message });
  }
  if (path.startsWith("/api/ops/")) {
    const { code, message, mend } = error;
    return json(error.status, { code, message, mend });
  }
  return text(error.status, `${error.message}\n${error.mend} (${error.code})\n`);
}

/** Prometheus' words for kinds of errors. */
function errorType({ status, code }: OpsError): string {
  if (status === 404) return "not_found";
  if (status === 422) return "execution";
  if (status === 499) return "canceled";
  if (status === 503) return code === "OPS-1610" ? "timeout" : "unavailable";
  return status >= 500 ? "internal" : "bad_data";
}

const PLAIN_TEXT_PATHS: ReadonlySet<string> = new Set([
  "/api/v1/write",
  "/api/v1/read",
  "/ingest",
  "/query",
]);

/** Senders of samples and `?q=` callers read lines, not JSON. */
function isPlainTextPath(path: string): boolean {
  return PLAIN_TEXT_PATHS.has(path);
}

/** What becomes of an error that is none of ours to explain; the log has it whole. */
export function asOpsError(error: unknown): OpsError {
  if (error instanceof OpsError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new OpsError(HUB_ERRORS.internal, { reason });
}

function json(status: number, value: unknown): HubResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(value),
  };
}

function text(status: number, body: string): HubResponse {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}
