import { parseDocument, stringify } from "yaml";

/** A scrape pool, in the words of a configuration. */
export interface PoolSetting {
  readonly job_name: string;
  readonly scrape_interval: string;
  readonly scrape_timeout: string;
}

/**
 * The pool's entry of `scrape_configs` as YAML, with what it leaves unsaid; of a pool that no
 * configuration names, what holds. Aliases are resolved.
 */
export function scrapePoolText(configText: string, setting: PoolSetting): string {
  const root: unknown = parseDocument(configText, { prettyErrors: false }).toJS();
  const { scrape_configs: jobs } = (root ?? {}) as { readonly scrape_configs?: unknown };
  const entries = Array.isArray(jobs) ? jobs : [];
  const entry = entries.find((job) => String(job?.job_name) === setting.job_name);
  return stringify({ ...setting, metrics_path: "/metrics", scheme: "http", ...entry });
}
