import {
  labelsToRecord,
  type Matcher,
  type MetadataRequest,
  OpsError,
  type SeriesExemplars,
} from "@hms-ops/model";
import { formatSampleValue } from "@hms-ops/wire/prometheus-api";
import { HUB_ERRORS } from "../errors.ts";
import type { HubRequest, HubResponse, StopSignal } from "../ports.ts";
import { prometheusAnswer } from "./json-answer.ts";
import { ALL_TIME, readTimeParameter } from "./parameters.ts";

export interface ExemplarSources {
  /** The matchers of every selector in an expression. */
  readonly selectors: (
    text: string,
    limits: { readonly signal: StopSignal },
  ) => Promise<readonly (readonly Matcher[])[]>;
  readonly exemplars: (
    request: Omit<MetadataRequest, "budget">,
  ) => Promise<readonly SeriesExemplars[]>;
}

/** `/api/v1/query_exemplars`: of all series that an expression names. */
export class QueryExemplarsApi {
  readonly #sources: ExemplarSources;

  constructor(sources: ExemplarSources) {
    this.#sources = sources;
  }

  readonly queryExemplars = async (request: HubRequest): Promise<HubResponse> => {
    const form = await request.form();
    const fromMs = readTimeParameter(form, "start", ALL_TIME.fromMs);
    const toMs = readTimeParameter(form, "end", ALL_TIME.toMs);
    if (toMs < fromMs) throw new OpsError(HUB_ERRORS.exemplarTimes);
    const { signal } = request;
    const matcherSets = await this.#sources.selectors(form.get("query") ?? "", { signal });
    if (matcherSets.length === 0) return { status: 204 };
    const found = await this.#sources.exemplars({ matcherSets, range: { fromMs, toMs } });
    const data = found.map(({ labels, exemplars }) => ({
      seriesLabels: labelsToRecord(labels),
      exemplars: exemplars.map((exemplar) => ({
        labels: labelsToRecord(exemplar.labels),
        value: formatSampleValue(exemplar.value),
        timestamp: exemplar.timeMs / 1_000,
      })),
    }));
    return prometheusAnswer(data);
  };
}
