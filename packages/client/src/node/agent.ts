import type { IncomingMessage, ServerResponse } from "node:http";
import { defaultRegistry } from "../emit/metrics.ts";
import type { Registry } from "../emit/registry.ts";
import { LocalServer, type ServedAddress } from "./local-server.ts";
import { answer, answerPush, answerScrape, METRICS_PATH, pathOf } from "./metrics-endpoint.ts";
import { defaultServiceName } from "./platform.ts";

export interface AgentOptions {
  /** 8009 unless told; 0 = any free one. */
  readonly port?: number;
  /** 127.0.0.1 unless told. */
  readonly host?: string;
  /** `OPS_SERVICE`, else the package's or script's name. */
  readonly service?: string;
  readonly registry?: Registry;
  /** Tell the hub of this machine; true. */
  readonly announced?: boolean;
}

export const AGENT_PORT = 8009;

/**
 * `GET /metrics` for scrapers and `POST /metrics {"name": value}` for everyone who counts, on one
 * port: `new OPSAgent({ port: 8009 }).start()`. Keeps the process alive until `stop()`.
 */
export class OPSAgent {
  readonly #options: AgentOptions;
  readonly #registry: Registry;
  #server: LocalServer | undefined;

  constructor(options: AgentOptions = {}) {
    this.#options = options;
    this.#registry = options.registry ?? defaultRegistry;
  }

  /** Returns at once; a taken port is a warning on stderr, and an exception from `address()`. */
  start(): this {
    const { port = AGENT_PORT, host, service, announced = true } = this.#options;
    this.#server ??= new LocalServer((request, response) => this.#answer(request, response), {
      ...(host !== undefined && { host }),
      port,
      service: service ?? defaultServiceName(),
      registry: this.#registry,
      announced,
      keepsProcessAlive: true,
    });
    return this;
  }

  address(): Promise<ServedAddress> {
    this.start();
    return this.#server?.address() ?? Promise.reject(new Error("not started"));
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (pathOf(request) !== METRICS_PATH) {
      answer(response, 404, "text/plain", `this agent serves ${METRICS_PATH}\n`);
    } else if (request.method === "POST") {
      answerPush(request, response, this.#registry).catch(() => response.destroy());
    } else {
      answerScrape(request, response, this.#registry);
    }
  }
}
