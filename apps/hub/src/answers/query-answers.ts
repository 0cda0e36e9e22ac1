import { type Clock, labelsToRecord, labelValue, matcher, UNLIMITED_BUDGET } from "@hms-ops/model";
import { ExplainApi } from "../api/explain.ts";
import { FederationApi } from "../api/federate.ts";
import { ParseQueryApi } from "../api/parse-query.ts";
import { QueryApi } from "../api/query.ts";
import { QueryExemplarsApi } from "../api/query-exemplars.ts";
import { ScrapePoolsApi } from "../api/scrape-pools.ts";
import { SearchApi } from "../api/search.ts";
import { SeriesApi } from "../api/series.ts";
import { TargetsApi } from "../api/targets.ts";
import type { LoadedConfig } from "../config/loaded-config.ts";
import type { ScrapeJob } from "../jobs/scrape/index.ts";
import type { IngestService } from "../ports.ts";
import type { HubThreads } from "../threads/hub-threads.ts";

/** Metrics that a target had within this time are its own. */
const TARGET_METRICS_MS = 3_600_000;

export interface QueryAnswerParts {
  readonly clock: Clock;
  readonly targets: ScrapeJob;
  readonly ingest: IngestService;
  readonly threads: HubThreads;
  readonly config: LoadedConfig;
}

/** What the hub answers of its samples, put together. */
export function queryAnswers({ clock, targets, ingest, threads, config }: QueryAnswerParts) {
  const { readers } = threads;
  return {
    ...new QueryApi(readers, clock),
    ...new ParseQueryApi(readers),
    ...new ExplainApi({
      clock,
      metadata: () => ingest.metadata(),
      explain: (question, limits) => readers.explain(question, limits),
    }),
    ...new QueryExemplarsApi({
      selectors: (text, limits) => readers.selectors(text, limits),
      exemplars: (request) => threads.exemplars({ ...request, budget: UNLIMITED_BUDGET }),
    }),
    ...new SeriesApi(readers),
    ...new SearchApi({
      clock,
      metadata: () => ingest.metadata(),
      search: (search, limits) => readers.search(search, limits),
    }),
    ...new FederationApi({
      clock,
      externalLabels: () => labelsToRecord(config.value.externalLabels),
      federate: (question, limits) => readers.federate(question, limits),
    }),
    ...new ScrapePoolsApi({
      configs: () => config.value.scrapeConfigs,
      configYaml: () => config.shownText,
      activeTargets: () => targets.activeTargets(),
    }),
    ...new TargetsApi({
      targets,
      ingest,
      metricsOf: async (target) => {
        const toMs = clock.now();
        const own = ["job", "instance"].map((name) => matcher(name, "=", labelValue(target, name)));
        return await readers.labelValues("__name__", {
          matcherSets: [own],
          range: { fromMs: toMs - TARGET_METRICS_MS, toMs },
          budget: UNLIMITED_BUDGET,
        });
      },
    }),
  };
}
