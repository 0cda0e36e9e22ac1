import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { OpsError } from "@hms-ops/model";
import type { Registry } from "../emit/registry.ts";
import { CLIENT_ERRORS } from "../errors.ts";
import { REQUEST_TIMEOUT_MS } from "../limits.ts";
import { announce } from "./announcement-file.ts";
import { warnOnce } from "./platform.ts";

export interface ServedAddress {
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:8009` */
  readonly url: string;
}

export interface LocalServerOptions {
  readonly host?: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly service: string;
  readonly registry: Registry;
  /** Tell the hub of this machine (wire/local). */
  readonly announced: boolean;
  readonly keepsProcessAlive: boolean;
}

const LOOPBACK = "127.0.0.1";

/**
 * A small HTTP server inside someone else's process: a taken port is a warning, not an exception.
 */
export class LocalServer {
  readonly #server: Server;
  readonly #options: LocalServerOptions;
  readonly #opened: Promise<ServedAddress | OpsError>;
  #end: () => void = () => {};

  constructor(listener: RequestListener, options: LocalServerOptions) {
    this.#options = options;
    this.#server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, listener);
    // Counted as serving from now on, so that nothing is pushed elsewhere while the port opens.
    this.#end = options.registry.addExposer(options.port || undefined);
    options.registry.onProblem(warnOnce);
    this.#opened = this.#open();
  }

  /** Where it listens; rejects with OPS-1516 when the port could not be opened. */
  async address(): Promise<ServedAddress> {
    const opened = await this.#opened;
    if (opened instanceof OpsError) throw opened;
    return opened;
  }

  async stop(): Promise<void> {
    await this.#opened;
    this.#end();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #open(): Promise<ServedAddress | OpsError> {
    const { host = LOOPBACK, port, keepsProcessAlive } = this.#options;
    return new Promise((resolve) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => {
        this.#end();
        const inputs = { host, port, why: error.code ?? error.message };
        const problem = new OpsError(CLIENT_ERRORS.portTaken, inputs);
        warnOnce(problem);
        resolve(problem);
      });
      this.#server.listen({ host, port }, () => resolve(this.#listening(host)));
      if (!keepsProcessAlive) this.#server.unref();
    });
  }

  #listening(host: string): ServedAddress {
    const { port } = this.#server.address() as AddressInfo;
    const { registry, service, announced } = this.#options;
    this.#end();
    const endExposing = registry.addExposer(port);
    const withdraw = announced ? announce(service, port) : () => {};
    this.#end = () => {
      endExposing();
      withdraw();
    };
    return { host, port, url: `http://${host.includes(":") ? `[${host}]` : host}:${port}` };
  }
}
