import type { IncomingMessage, ServerResponse } from "node:http";
import { OpsError } from "@hms-ops/model";
import { defaultRegistry } from "../emit/metrics.ts";
import type { Registry } from "../emit/registry.ts";
import { CLIENT_ERRORS } from "../errors.ts";
import { LocalServer } from "./local-server.ts";
import {
  answer,
  answerError,
  answerJson,
  answerScrape,
  METRICS_PATH,
  pathOf,
  readBody,
} from "./metrics-endpoint.ts";
import { defaultServiceName, warnOnce } from "./platform.ts";

export interface ExposeOptions {
  /** 8000 unless told; functions exposed on the same port share it. 0 = any free one. */
  readonly port?: number;
  readonly host?: string;
  readonly service?: string;
  readonly registry?: Registry;
  /** Tell the hub of this machine; true. */
  readonly announced?: boolean;
}

type Handler = (claim: never) => unknown;

interface Site {
  readonly server: LocalServer;
  readonly handlers: Map<string, Handler>;
}

const EXPOSE_PORT = 8000;
const sites = new Map<string, Site>();

/**
 * Serves a function over HTTP, with /metrics beside it. The function gets the claim (the JSON
 * body, else the parameters of the address) and what it returns is answered as JSON. Keeps the
 * process alive.
 *
 * ```ts
 * expose("/score", (claim) => ({ approved: Math.random() > 0.5 }));
 * ```
 */
export function expose<Claim = Readonly<Record<string, unknown>>>(
  path: string,
  handler: (claim: Claim) => unknown,
  options: ExposeOptions = {},
): LocalServer {
  const { port = EXPOSE_PORT, host } = options;
  const key = `${host ?? ""}:${port}`;
  const known = port === 0 ? undefined : sites.get(key);
  const site = known ?? openSite(port, options);
  if (port !== 0) sites.set(key, site);
  site.handlers.set(path, handler);
  return site.server;
}

function openSite(port: number, options: ExposeOptions): Site {
  const { host, announced = true, registry = defaultRegistry } = options;
  const handlers = new Map<string, Handler>();
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const path = pathOf(request);
    const handler = handlers.get(path);
    if (handler) answerCall(request, response, handler).catch(() => response.destroy());
    else if (path === METRICS_PATH) answerScrape(request, response, registry);
    else answer(response, 404, "text/plain", `exposed here: ${[...handlers.keys()].join(" ")}\n`);
  };
  const server = new LocalServer(listener, {
    ...(host !== undefined && { host }),
    port,
    service: options.service ?? defaultServiceName(),
    registry,
    announced,
    keepsProcessAlive: true,
  });
  return { server, handlers };
}

async function answerCall(
  request: IncomingMessage,
  response: ServerResponse,
  handler: Handler,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "POST") {
    answer(response, 405, "text/plain", "use GET or POST\n");
    return;
  }
  const claim = await claimOf(request);
  if (claim instanceof OpsError) {
    answerError(response, claim);
    return;
  }
  let result: unknown;
  try {
    result = await handler(claim as never);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // The caller learns that it failed; what failed is the service's own matter.
    warnOnce(new OpsError(CLIENT_ERRORS.handlerFailed, { path: pathOf(request), why }));
    answerJson(response, 500, { error: "the service failed" });
    return;
  }
  answerJson(response, 200, result);
}

/** The JSON body; without one the parameters of the address. */
async function claimOf(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request);
  if (body instanceof OpsError) return body;
  if (body === "") {
    const search = (request.url ?? "").replace(/^[^?]*\??/s, "");
    return Object.fromEntries(new URLSearchParams(search));
  }
  try {
    return JSON.parse(body);
  } catch {
    return new OpsError(CLIENT_ERRORS.claimUnreadable, { path: pathOf(request) });
  }
}
