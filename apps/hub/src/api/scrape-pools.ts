import { formatDurationMs, OpsError } from "@hms-ops/model";
import { DEFAULT_RELABEL_RULE, relabelSteps } from "../config/relabel.ts";
import type { ScrapeConfig } from "../config/scrape-config.ts";
import { scrapePoolText } from "../config/scrape-pool-text.ts";
import { HUB_ERRORS } from "../errors.ts";
import type { HubRequest, HubResponse, RelabelRule } from "../ports.ts";
import { prometheusAnswer } from "./json-answer.ts";

export interface ScrapePoolSources {
  /** As the configuration has them now. */
  readonly configs: () => readonly ScrapeConfig[];
  /** The configuration as text, secrets struck out; empty = none. */
  readonly configYaml: () => string;
  /** Also those that no configuration names. */
  readonly activeTargets: () => readonly {
    readonly scrapePool: string;
    readonly scrapeInterval: string;
    readonly scrapeTimeout: string;
  }[];
}

/** `/api/v1/scrape_pools/config` and `/api/v1/targets/relabel_steps`. */
export class ScrapePoolsApi {
  readonly #sources: ScrapePoolSources;

  constructor(sources: ScrapePoolSources) {
    this.#sources = sources;
  }

  readonly scrapePoolConfig = ({ query }: HubRequest): HubResponse => {
    const pool = query.get("scrapePool") ?? "";
    const setting = { job_name: pool, ...this.#intervalsOf(pool) };
    return prometheusAnswer({ yaml: scrapePoolText(this.#sources.configYaml(), setting) });
  };

  /** What each rule of a pool makes of the labels of a target. */
  readonly relabelSteps = ({ query }: HubRequest): HubResponse => {
    const labels = readLabels(query.get("labels") ?? "");
    const pool = query.get("scrapePool") ?? "";
    this.#intervalsOf(pool);
    const rules = this.#configOf(pool)?.relabelConfigs ?? [];
    const steps = relabelSteps(rules, labels);
    return prometheusAnswer({
      steps: steps.map((step, i) => ({ rule: ruleView(rules[i]), ...step })),
    });
  };

  #configOf(pool: string): ScrapeConfig | undefined {
    return this.#sources.configs().find(({ jobName }) => jobName === pool);
  }

  /** Throws for a pool that is none. */
  #intervalsOf(pool: string) {
    const config = this.#configOf(pool);
    if (config) {
      return {
        scrape_interval: formatDurationMs(config.scrapeIntervalMs),
        scrape_timeout: formatDurationMs(config.scrapeTimeoutMs),
      };
    }
    const found = this.#sources.activeTargets().find(({ scrapePool }) => scrapePool === pool);
    if (!found) throw new OpsError(HUB_ERRORS.unknownScrapePool, { pool: JSON.stringify(pool) });
    return { scrape_interval: found.scrapeInterval, scrape_timeout: found.scrapeTimeout };
  }
}

function readLabels(text: string): Readonly<Record<string, string>> {
  let labels: unknown;
  try {
    labels = JSON.parse(text);
  } catch (error) {
    throw new OpsError(HUB_ERRORS.badTargetLabels, { reason: (error as Error).message });
  }
  const isObject = typeof labels === "object" && labels !== null && !Array.isArray(labels);
  if (isObject && Object.values(labels as object).every((value) => typeof value === "string")) {
    return labels as Record<string, string>;
  }
  throw new OpsError(HUB_ERRORS.badTargetLabels, { reason: "they are no object of texts" });
}

/** As Prometheus writes a rule as JSON: what says nothing is left out. */
function ruleView(rule: RelabelRule = DEFAULT_RELABEL_RULE) {
  const { sourceLabels, separator, regex, modulus, targetLabel, replacement, action } = rule;
  return {
    ...(sourceLabels.length > 0 && { sourceLabels }),
    ...(separator !== "" && { separator }),
    regex,
    ...(modulus > 0 && { modulus }),
    ...(targetLabel !== "" && { targetLabel }),
    ...(replacement !== "" && { replacement }),
    action,
  };
}
