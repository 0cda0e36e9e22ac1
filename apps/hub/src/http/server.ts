import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Clock } from "@hms-ops/model";
import {
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_TIMEOUT_MS,
  MAX_CONNECTIONS,
  MAX_HEADER_BYTES,
  REQUEST_TIMEOUT_MS,
} from "../limits.ts";
import type { Log, Route, SelfMetrics } from "../ports.ts";
import { Exchange } from "./exchange.ts";
import type { Guard } from "./guard.ts";
import type { Pages } from "./pages.ts";
import { Router } from "./router.ts";

export interface HttpOptions {
  /** The first one must be had; the others are opened where they are free. */
  readonly hosts: readonly string[];
  /** 0 = any free one. */
  readonly port: number;
  readonly aliases: readonly Alias[];
  readonly routes: readonly Route[];
  readonly pages: Pages;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: SelfMetrics;
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
}

/** A well-known port that serves the same table; only its first page differs. */
export interface Alias {
  readonly port: number;
  /** Where `/` leads. */
  readonly home: string;
}

/** A port that could not be opened: `code` is the system's word, `EADDRINUSE`. */
export interface ListenFailure {
  readonly host: string;
  readonly port: number;
  readonly code: string;
}

/** The listening side of the hub: every port it opened, one table behind all of them. */
export class HttpServer {
  readonly #options: HttpOptions;
  readonly #router: Router;
  readonly #servers: Server[] = [];
  #underWay = 0;
  #whenIdle: (() => void) | undefined;
  #port = 0;

  private constructor(options: HttpOptions) {
    this.#options = options;
    this.#router = new Router(options.routes);
  }

  /** Rejects with the system's error if the first address cannot be had. */
  static async open(
    options: HttpOptions,
  ): Promise<{ readonly server: HttpServer; readonly failures: readonly ListenFailure[] }> {
    const http = new HttpServer(options);
    const [first = "127.0.0.1", ...others] = options.hosts;
    http.#port = await http.#listen(first, options.port, undefined);
    const wanted = [
      ...others.map((host) => ({ host, port: http.#port, home: undefined })),
      ...options.aliases
        .filter(({ port }) => port !== http.#port)
        .flatMap(({ port, home }) => options.hosts.map((host) => ({ host, port, home }))),
    ];
    const failures: ListenFailure[] = [];
    for (const { host, port, home } of wanted) {
      try {
        await http.#listen(host, port, home);
      } catch (error) {
        failures.push({ host, port, code: (error as NodeJS.ErrnoException).code ?? "unknown" });
      }
    }
    return { server: http, failures };
  }

  get port(): number {
    return this.#port;
  }

  /** Every port that was opened. */
  get ports(): ReadonlySet<number> {
    return new Set(this.#servers.map((server) => (server.address() as AddressInfo).port));
  }

  /** Takes no new connection, lets requests under way end (at most graceMs), then closes all. */
  async close(graceMs: number): Promise<void> {
    const closed = this.#servers.map((server) => {
      const done = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      return done;
    });
    await this.#idle(graceMs);
    for (const server of this.#servers) server.closeAllConnections();
    await Promise.all(closed);
  }

  async #idle(graceMs: number): Promise<void> {
    if (this.#underWay === 0) return;
    await new Promise<void>((resolve) => {
      const forget = this.#options.clock.after(graceMs, resolve);
      this.#whenIdle = () => {
        forget();
        resolve();
      };
    });
  }

  async #listen(host: string, port: number, home: string | undefined): Promise<number> {
    const { headersTimeoutMs = HEADERS_TIMEOUT_MS, requestTimeoutMs = REQUEST_TIMEOUT_MS } =
      this.#options;
    const server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs / 2),
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.on("request", (request, response) => this.#take(request, response, home, false));
    server.on("checkContinue", (request, response) => this.#take(request, response, home, true));
    server.on("clientError", answerBrokenRequest);
    server.on("drop", () => this.#options.metrics.add("hms_ops_http_connections_refused_total"));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port, ipv6Only: host.includes(":") && host !== "::" }, () => {
        server.off("error", reject);
        resolve();
      });
    });
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  #take(
    request: IncomingMessage,
    response: ServerResponse,
    home: string | undefined,
    awaitsContinue: boolean,
  ): void {
    const { guard, pages, clock, log, metrics } = this.#options;
    this.#underWay++;
    const exchange = new Exchange({
      request,
      response,
      awaitsContinue,
      router: this.#router,
      guard,
      pages,
      home,
      log,
    });
    const startMs = clock.monotonicMs();
    void exchange.run().then((owner) => {
      this.#underWay--;
      if (this.#underWay === 0) this.#whenIdle?.();
      const seconds = (clock.monotonicMs() - startMs) / 1_000;
      metrics.observe("hms_ops_http_request_seconds", seconds, { owner });
      metrics.add("hms_ops_http_requests_total", 1, { owner, code: String(response.statusCode) });
    });
  }
}

const BROKEN: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
};

/** What never became a request: too slow, too long, or no HTTP at all. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status = BROKEN[error.code ?? ""] ?? "400 Bad Request";
  const reason =
    status === BROKEN.ERR_HTTP_REQUEST_TIMEOUT
      ? "The request did not arrive in time; send it at once."
      : `This is not a request that the hub can read (${error.message}).`;
  const head = `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\n`;
  const length = Buffer.byteLength(reason) + 1;
  socket.end(`${head}Content-Length: ${length}\r\nConnection: close\r\n\r\n${reason}\n`, () =>
    socket.destroy(),
  );
}
