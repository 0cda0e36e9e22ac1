import type { IncomingMessage, ServerResponse } from "node:http";
import { Telemetry as EmittingTelemetry } from "../emit/telemetry.ts";
import { announce } from "./announcement-file.ts";
import { LocalServer } from "./local-server.ts";
import { answerScrape, METRICS_PATH, pathOf } from "./metrics-endpoint.ts";
import { warnOnce } from "./platform.ts";

/** As node:http, Connect and Express call it. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

export interface ListenOptions {
  readonly host?: string;
  /** Tell the hub of this machine where /metrics is; true. */
  readonly announced?: boolean;
}

/** See emit/telemetry.ts; on Node it can serve its own /metrics. */
export class Telemetry extends EmittingTelemetry {
  /**
   * Serves /metrics on the app's own port: `app.use(telemetry.middleware())`. The hub of this
   * machine learns of the port with the first request to the app.
   */
  middleware(options: Pick<ListenOptions, "announced"> = {}): Middleware {
    this.registry.addExposer();
    this.registry.onProblem(warnOnce);
    let isAnnounced = options.announced === false;
    return (request, response, next) => {
      const { localPort } = request.socket;
      if (!isAnnounced && localPort !== undefined) {
        isAnnounced = true;
        announce(this.service, localPort);
      }
      if (pathOf(request) === METRICS_PATH) answerScrape(request, response, this.registry);
      else if (next) next();
      else response.writeHead(404).end();
    };
  }

  /** Serves /metrics on a port of its own; does not keep the process alive. */
  listen(port: number, options: ListenOptions = {}): LocalServer {
    const { registry, service } = this;
    const listener = this.middleware({ announced: false });
    const { host, announced = true } = options;
    return new LocalServer((request, response) => listener(request, response), {
      ...(host !== undefined && { host }),
      port,
      service,
      registry,
      announced,
      keepsProcessAlive: false,
    });
  }
}
