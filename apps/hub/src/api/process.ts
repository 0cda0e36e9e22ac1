import { OpsError } from "@hms-ops/model";
import { writeExposition } from "@hms-ops/wire/exposition";
import { HUB_ERRORS } from "../errors.ts";
import type { HubRequest, HubResponse } from "../ports.ts";
import { prometheusAnswer } from "./json-answer.ts";
import { familyView, namePattern, type OwnFamily } from "./self-metrics.ts";

export interface ProcessSources {
  readonly isReady: () => boolean;
  readonly isStopping: () => boolean;
  /** Reads configuration and rules again; rejects with what is wrong in them. */
  readonly reload: () => Promise<void>;
  /** Brings the figures up to date, then lists them. */
  readonly families: () => Promise<readonly OwnFamily[]>;
}

/** `/-/healthy`, `/-/ready`, `/-/reload`, `/-/quit`, `/metrics`, `/api/v1/status/self_metrics`. */
export class ProcessApi {
  readonly #sources: ProcessSources;

  constructor(sources: ProcessSources) {
    this.#sources = sources;
  }

  readonly healthy = (): HubResponse => text(200, "HMS-OPS is healthy.\n");

  readonly ready = (): HubResponse => {
    const { isReady, isStopping } = this.#sources;
    if (isReady() && !isStopping()) return text(200, "HMS-OPS is ready.\n");
    const headers = { "x-prometheus-stopping": String(isStopping()) };
    return text(503, "HMS-OPS is not ready.\n", headers);
  };

  readonly reload = async (): Promise<HubResponse> => {
    await this.#sources.reload();
    return text(200, "");
  };

  /** Whoever reaches the port could stop what watches the others. */
  readonly quit = (): never => {
    throw new OpsError(HUB_ERRORS.quitRefused);
  };

  readonly ownMetrics = async ({ headers }: HubRequest): Promise<HubResponse> => {
    const open = (headers.accept ?? "").includes("application/openmetrics-text");
    const families = (await this.#sources.families()).map((family) => ({ ...family, unit: "" }));
    const type = open
      ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
      : "text/plain; version=0.0.4; charset=utf-8";
    const body = writeExposition(families, open ? "openmetrics" : "text");
    return { status: 200, headers: { "content-type": type }, body };
  };

  readonly selfMetrics = async ({ query }: HubRequest): Promise<HubResponse> => {
    const isWanted = namePattern(query.get("metric_name_pattern"));
    const families = await this.#sources.families();
    return prometheusAnswer(families.filter(({ name }) => isWanted(name)).map(familyView));
  };
}

function text(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): HubResponse {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body };
}
