import { OpsError } from "@hms-ops/model";
import type { DemoFault, DiscoveredService, HubStatus, ServiceList } from "@hms-ops/wire/api";
import { HUB_ERRORS } from "../errors.ts";
import type { HubRequest, HubResponse } from "../ports.ts";
import { jsonAnswer } from "./json-answer.ts";

export interface OpsSources {
  readonly status: () => Promise<HubStatus>;
  readonly services: () => readonly DiscoveredService[];
  readonly isDiscovering: () => boolean;
  readonly setDiscovering: (on: boolean) => Promise<void>;
  /** Undefined while no demo runs. */
  readonly faults: () => readonly DemoFault[] | undefined;
  readonly switchFault: (name: string, on: boolean) => Promise<void>;
}

/** `/api/ops/v1/{status,services,discovery,demo/faults/:name}`. */
export class OpsApi {
  readonly #sources: OpsSources;

  constructor(sources: OpsSources) {
    this.#sources = sources;
  }

  readonly opsStatus = async (): Promise<HubResponse> => jsonAnswer(await this.#sources.status());

  readonly services = (): HubResponse => jsonAnswer(this.#listServices());

  readonly switchDiscovery = async (request: HubRequest): Promise<HubResponse> => {
    await this.#sources.setDiscovering(await readSwitch(request));
    return jsonAnswer(this.#listServices());
  };

  readonly switchFault = async (request: HubRequest): Promise<HubResponse> => {
    const faults = this.#sources.faults();
    if (faults === undefined) throw new OpsError(HUB_ERRORS.noDemo);
    const name = request.params.name ?? "";
    if (!faults.some((fault) => fault.name === name)) {
      const known = faults.map((fault) => fault.name).join(", ");
      throw new OpsError(HUB_ERRORS.unknownFault, { name, known });
    }
    await this.#sources.switchFault(name, await readSwitch(request));
    return jsonAnswer({ faults: this.#sources.faults() ?? [] });
  };

  #listServices(): ServiceList {
    const { isDiscovering, services } = this.#sources;
    return { discovery: isDiscovering(), services: services() };
  }
}

async function readSwitch(request: HubRequest): Promise<boolean> {
  const wanted = '{"on": true} or {"on": false}';
  const text = new TextDecoder().decode(await request.body());
  try {
    const { on } = JSON.parse(text) as { on?: unknown };
    if (typeof on === "boolean") return on;
  } catch {
    throw new OpsError(HUB_ERRORS.badBody, { path: request.path, reason: "no JSON", wanted });
  }
  const reason = "`on` is not true or false";
  throw new OpsError(HUB_ERRORS.badBody, { path: request.path, reason, wanted });
}
