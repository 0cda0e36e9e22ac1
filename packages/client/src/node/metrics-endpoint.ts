import type { IncomingMessage, ServerResponse } from "node:http";
import { OpsError } from "@hms-ops/model";
import { nameStyleFor } from "../emit/exposition.ts";
import { takePushBody } from "../emit/push-body.ts";
import type { Registry } from "../emit/registry.ts";
import { CLIENT_ERRORS } from "../errors.ts";
import { MAX_BODY_BYTES } from "../limits.ts";

export const METRICS_PATH = "/metrics";
const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").replace(/\?.*$/s, "");
}

/** Answers a scrape. */
export function answerScrape(
  request: IncomingMessage,
  response: ServerResponse,
  registry: Registry,
): void {
  if (request.method !== "GET" && request.method !== "HEAD") {
    answer(response, 405, "text/plain", "use GET\n");
    return;
  }
  const style = nameStyleFor(request.headers.accept);
  const type = style === "quoted" ? `${EXPOSITION_TYPE}; escaping=allow-utf-8` : EXPOSITION_TYPE;
  answer(response, 200, type, registry.expose(style));
}

/** Answers `POST {"name": value}`; 204 when all of it was taken. */
export async function answerPush(
  request: IncomingMessage,
  response: ServerResponse,
  registry: Registry,
): Promise<void> {
  // A browser names the page that posts; no page has business with a service's own agent.
  if (request.headers.origin !== undefined) {
    answer(response, 403, "text/plain", "web pages may not post here\n");
    return;
  }
  const body = await readBody(request);
  if (body instanceof OpsError) {
    answerError(response, body);
    return;
  }
  const { taken, refused } = takePushBody(body, registry);
  const [first] = refused;
  if (!first) answer(response, 204, undefined, "");
  else answerJson(response, 400, { ...wordsOf(first), taken, refused: refused.length });
}

/** The whole body as text, or why it cannot be had. */
export async function readBody(request: IncomingMessage): Promise<string | OpsError> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    sizeBytes += part.length;
    if (sizeBytes > MAX_BODY_BYTES) {
      return new OpsError(CLIENT_ERRORS.bodyTooLarge, { limit: MAX_BODY_BYTES });
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

export function answerError(response: ServerResponse, error: OpsError): void {
  // The rest of a refused body is not read, so the connection cannot be used again.
  response.setHeader("connection", "close");
  answerJson(response, error.status, wordsOf(error));
}

export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  answer(response, status, "application/json", `${JSON.stringify(value) ?? "null"}\n`);
}

export function answer(
  response: ServerResponse,
  status: number,
  type: string | undefined,
  body: string,
): void {
  if (response.headersSent || response.destroyed) return;
  response.statusCode = status;
  if (type) response.setHeader("content-type", type);
  if (status !== 204) response.setHeader("content-length", Buffer.byteLength(body));
  response.end(response.req.method === "HEAD" || status === 204 ? undefined : body);
}

function wordsOf({ code, message, mend }: OpsError) {
  return { code, error: message, mend };
}
