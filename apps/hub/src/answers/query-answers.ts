import { type Clock, labelValue, matcher, UNLIMITED_BUDGET } from "@hms-ops/model";
import { ExplainApi } from "../api/explain.ts";
import { FederationApi } from "../api/federate.ts";
import { ParseQueryApi } from "../api/parse-query.ts";
import { QueryApi } from "../api/query.ts";
import { QueryExemplarsApi } from "../api/query-exemplars.ts";
import { SeriesApi } from "../api/series.ts";
import { TargetsApi, type TargetViews } from "../api/targets.ts";
import type { IngestService } from "../ports.ts";
import type { HubThreads } from "../threads/hub-threads.ts";

/** Metrics that a target had within this time are its own. */
const TARGET_METRICS_MS = 3_600_000;

export interface QueryAnswerParts {
  readonly clock: Clock;
  readonly targets: TargetViews;
  readonly ingest: IngestService;
  readonly threads: HubThreads;
  readonly externalLabels: () => Readonly<Record<string, string>>;
}

/** What the hub answers of its samples, put together. */
export function queryAnswers({
  clock,
  targets,
  ingest,
  threads,
  externalLabels,
}: QueryAnswerParts) {
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
    ...new FederationApi({
      clock,
      externalLabels,
      federate: (question, limits) => readers.federate(question, limits),
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
