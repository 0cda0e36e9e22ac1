import { type OutboundAnswer, type OutboundRequest, redactText } from "@hms-ops/control";
import { MAX_ANSWER_BYTES, SEND_TIMEOUT_MS } from "./limits.ts";

/** Sends one request. A rejected promise says why nothing came back, without secrets. */
export type SendRequest = (
  request: OutboundRequest,
  signal: AbortSignal,
) => Promise<OutboundAnswer>;

/** Over HTTP with Node's own client; redirects are answers, so that no secret travels on. */
export const sendRequest: SendRequest = async ({ method, url, headers, body }, signal) => {
  try {
    const response = await fetch(url, {
      method,
      headers,
      body,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]),
    });
    return {
      status: response.status,
      retryAfter: response.headers.get("retry-after") ?? "",
      body: await readStart(response),
    };
  } catch (error) {
    throw new Error(redactText(reasonOf(error)));
  }
};

async function readStart(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const decoder = new TextDecoder();
  let text = "";
  let byteCount = 0;
  while (byteCount < MAX_ANSWER_BYTES) {
    const { done, value } = await reader.read();
    if (done) return text;
    byteCount += value.length;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text.slice(0, MAX_ANSWER_BYTES);
}

/** Node hides the reason (`ECONNREFUSED …`) behind "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${SEND_TIMEOUT_MS / 1000} s`;
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
