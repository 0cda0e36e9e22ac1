import { TEMPLATE_FUNCTION_NAMES } from "@hms-ops/control";
import { type LanguageFeatures, languageInventory } from "@hms-ops/query";
import type { HubResponse } from "../ports.ts";
import { prometheusAnswer } from "./json-answer.ts";

/** Beside what the language's own tables say; what does not stand here is not there. */
const FIXED = {
  api: {
    admin: true,
    exclude_alerts: true,
    label_values_match: true,
    // Reloading; /-/quit is refused.
    lifecycle: true,
    otlp_write_receiver: false,
    query_stats: true,
    query_warnings: true,
    remote_write_receiver: true,
    time_range_labels: true,
    time_range_series: true,
  },
  prometheus: { agent_mode: false, server_mode: true },
  rules: { keep_firing_for: true, query_offset: true },
  scrape: {
    extra_scrape_metrics: false,
    start_timestamp_zero_ingestion: false,
    type_and_unit_labels: false,
  },
  service_discovery_providers: { file: true, static: true },
  tsdb: { exemplar_storage: true, isolation: true, native_histograms: true },
};

/** `/api/v1/features`: by category and name, as Prometheus names them. */
export class FeaturesApi {
  readonly #language: LanguageFeatures;

  constructor(language: LanguageFeatures) {
    this.#language = language;
  }

  readonly features = (): HubResponse => {
    const { syntax, functions, operators } = languageInventory(this.#language);
    const templating = [...TEMPLATE_FUNCTION_NAMES].sort().map((name) => [name, true] as const);
    return prometheusAnswer({
      ...FIXED,
      promql: { ...syntax, per_query_lookback_delta: true, per_step_stats: false },
      promql_functions: functions,
      promql_operators: operators,
      templating_functions: Object.fromEntries(templating),
    });
  };
}
