import { randomBytes } from "node:crypto";
import { type Clock, type DeleteRequest, type Matcher, OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import type { HubRequest, HubResponse, StopSignal } from "../ports.ts";
import { prometheusAnswer } from "./json-answer.ts";
import { ALL_TIME, badParameter, goBoolean, naming, readTimeParameter } from "./parameters.ts";

export interface TsdbAdminSources {
  readonly clock: Clock;
  /** Reads selectors; rejects with a 400 that says where one cannot be read. */
  readonly readMatches: (
    texts: readonly string[],
    limits: { readonly signal: StopSignal },
  ) => Promise<readonly (readonly Matcher[])[]>;
  readonly deleteSeries: (request: DeleteRequest) => Promise<void>;
  readonly requestCompaction: () => Promise<void>;
  readonly snapshotTo: (name: string) => Promise<void>;
}

const DONE: HubResponse = { status: 204 };

/** `/api/v1/admin/tsdb/*` as Prometheus has it, and `/api/ops/v1/tsdb/compact`. */
export class TsdbAdminApi {
  readonly #sources: TsdbAdminSources;

  constructor(sources: TsdbAdminSources) {
    this.#sources = sources;
  }

  readonly deleteSeries = async (request: HubRequest): Promise<HubResponse> => {
    const form = await request.form();
    if (!form.has("match[]")) throw new OpsError(HUB_ERRORS.noMatch);
    const fromMs = readTimeParameter(form, "start", ALL_TIME.fromMs);
    const toMs = readTimeParameter(form, "end", ALL_TIME.toMs);
    const texts = form.getAll("match[]");
    const { signal } = request;
    const matcherSets = await naming("match[]", this.#sources.readMatches(texts, { signal }));
    await this.#sources.deleteSeries({ matcherSets, range: { fromMs, toMs } });
    return DONE;
  };

  /** What was deleted is gone from answers already; this also takes it off the disk. */
  readonly cleanTombstones = async (): Promise<HubResponse> => {
    await this.#sources.requestCompaction();
    return DONE;
  };

  /**
   * A folder of that name under `snapshots/` of the metric store. The head is in it always, as
   * blocks, whatever `skip_head` says.
   */
  readonly snapshot = async (request: HubRequest): Promise<HubResponse> => {
    checkBoolean(await request.form(), "skip_head");
    const time = new Date(this.#sources.clock.now()).toISOString().replace(/[-:]|\.\d+/g, "");
    const name = `${time}-${randomBytes(8).toString("hex")}`;
    await this.#sources.snapshotTo(name);
    return prometheusAnswer({ name });
  };

  readonly compact = async (): Promise<HubResponse> => {
    await this.#sources.requestCompaction();
    return DONE;
  };
}

function checkBoolean(form: URLSearchParams, name: string): void {
  const text = form.get(name) ?? "";
  if (text === "" || goBoolean(text) !== undefined) return;
  const reason = `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw badParameter(name, `unable to parse boolean: ${reason}`);
}
