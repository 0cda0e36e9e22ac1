import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Labels, labelsOf, OpsError } from "@hms-ops/model";
import type { Node } from "yaml";
import { DEFAULT_SUBQUERY_STEP_MS } from "../limits.ts";
import { CONFIG_ERRORS } from "./errors.ts";
import {
  type HttpClientConfig,
  type ScrapeConfig,
  type ScrapeDefaults,
  scrapeConfigReader,
} from "./scrape-config.ts";
import {
  anything,
  type ConfigProblem,
  durationMs,
  listOf,
  problemLines,
  type ReadNode,
  recordOf,
  text,
  withoutEffect,
  YamlReader,
} from "./yaml-reader.ts";

/** hms-ops.yaml, read and checked. */
export interface HubConfig extends ScrapeDefaults {
  readonly evaluationIntervalMs: number;
  /** Step of sub-queries without one: the evaluation interval where the file sets it. */
  readonly subqueryStepMs: number;
  readonly externalLabels: Labels;
  readonly ruleFiles: readonly string[];
  readonly scrapeConfigs: readonly ScrapeConfig[];
  /** `route`, `receivers`, `inhibit_rules` … as they stand; alerting reads them. */
  readonly alerting: Readonly<Record<string, unknown>>;
}

/** What holds without a file. */
export const DEFAULT_CONFIG: HubConfig = {
  scrapeIntervalMs: 15_000,
  scrapeTimeoutMs: 10_000,
  evaluationIntervalMs: 15_000,
  subqueryStepMs: DEFAULT_SUBQUERY_STEP_MS,
  externalLabels: [],
  ruleFiles: [],
  scrapeConfigs: [],
  alerting: {},
};

export interface ConfigReading {
  /** Undefined when a problem is an error. */
  readonly config: HubConfig | undefined;
  readonly problems: readonly ConfigProblem[];
}

const ALERTMANAGER_GLOBALS = (
  "smtp_from smtp_smarthost smtp_hello smtp_auth_username smtp_auth_password " +
  "smtp_auth_password_file smtp_auth_identity smtp_auth_secret smtp_require_tls slack_api_url " +
  "slack_api_url_file pagerduty_url opsgenie_api_key opsgenie_api_key_file opsgenie_api_url " +
  "victorops_api_key victorops_api_url wechat_api_url wechat_api_secret wechat_api_corp_id " +
  "webex_api_url telegram_api_url http_config resolve_timeout"
).split(" ");

const GLOBAL_FIELDS = {
  ...Object.fromEntries(ALERTMANAGER_GLOBALS.map((name) => [name, anything])),
  scrape_interval: durationMs,
  scrape_timeout: durationMs,
  evaluation_interval: durationMs,
  external_labels: recordOf(text),
  query_log_file: withoutEffect,
  rule_query_offset: withoutEffect,
  scrape_protocols: withoutEffect,
  body_size_limit: withoutEffect,
  sample_limit: withoutEffect,
  target_limit: withoutEffect,
  label_limit: withoutEffect,
  label_name_length_limit: withoutEffect,
  label_value_length_limit: withoutEffect,
  keep_dropped_targets: withoutEffect,
  metric_name_validation_scheme: withoutEffect,
} as const;

const ALERTING_SECTIONS = [
  "route",
  "receivers",
  "inhibit_rules",
  "time_intervals",
  "mute_time_intervals",
  "templates",
];

const nodeItself: ReadNode<Node> = (node) => node;

/** Reads the text of hms-ops.yaml. Never throws: problems carry line and column. */
export function readConfig(yamlText: string, file: string): ConfigReading {
  const reader = new YamlReader(file);
  const root = reader.parse(yamlText);
  const config = root === undefined ? DEFAULT_CONFIG : readRoot(root, reader, dirname(file));
  const failed = reader.problems.some(({ severity }) => severity === "error");
  return { config: failed ? undefined : config, problems: reader.problems };
}

/** Reads the file. Throws an OpsError that names what is wrong in it, each with its place. */
export async function loadConfig(
  file: string,
): Promise<ConfigReading & { readonly config: HubConfig; readonly text: string }> {
  let yamlText: string;
  try {
    yamlText = await readFile(file, "utf8");
  } catch (error) {
    throw new OpsError(CONFIG_ERRORS.unreadable, { file, reason: (error as Error).message });
  }
  const { config, problems } = readConfig(yamlText, file);
  if (config) return { config, problems, text: yamlText };
  const errors = problems.filter(({ severity }) => severity === "error");
  throw new OpsError(CONFIG_ERRORS.invalid, { problems: problemLines(errors).join("\n") });
}

function readRoot(root: Node, reader: YamlReader, folder: string): HubConfig {
  // Jobs take their intervals from `global`, which may stand behind them: nodes first.
  const sections = reader.map(root, {
    ...Object.fromEntries(ALERTING_SECTIONS.map((name) => [name, anything])),
    global: nodeItself,
    scrape_configs: nodeItself,
    rule_files: listOf(text),
    alerting: withoutEffect,
    remote_write: withoutEffect,
    remote_read: withoutEffect,
    storage: withoutEffect,
    tracing: withoutEffect,
    otlp: withoutEffect,
  } as const);
  const global = sections.global ? reader.map(sections.global, GLOBAL_FIELDS) : {};
  const scrapeIntervalMs = global.scrape_interval ?? DEFAULT_CONFIG.scrapeIntervalMs;
  const defaults: ScrapeDefaults = {
    scrapeIntervalMs,
    scrapeTimeoutMs: Math.min(
      global.scrape_timeout ?? DEFAULT_CONFIG.scrapeTimeoutMs,
      scrapeIntervalMs,
    ),
  };
  const readJobs = listOf(scrapeConfigReader(defaults));
  const jobs = sections.scrape_configs ? (readJobs(sections.scrape_configs, reader) ?? []) : [];
  if (sections.scrape_configs) refuseRepeatedNames(jobs, sections.scrape_configs, reader);
  return {
    ...defaults,
    evaluationIntervalMs: global.evaluation_interval ?? DEFAULT_CONFIG.evaluationIntervalMs,
    subqueryStepMs: global.evaluation_interval ?? DEFAULT_CONFIG.subqueryStepMs,
    externalLabels: labelsOf(global.external_labels ?? {}),
    ruleFiles: (sections.rule_files ?? []).map((path) => resolve(folder, path)),
    scrapeConfigs: jobs.map((job) => withFolder(job, folder)),
    alerting: { ...sectionsOf(sections), global: globalsOf(global) },
  };
}

function sectionsOf(sections: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const named = ALERTING_SECTIONS.filter((name) => sections[name] !== undefined);
  return Object.fromEntries(named.map((name) => [name, sections[name]]));
}

function globalsOf(global: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const named = ALERTMANAGER_GLOBALS.filter((name) => global[name] !== undefined);
  return Object.fromEntries(named.map((name) => [name, global[name]]));
}

function refuseRepeatedNames(jobs: readonly ScrapeConfig[], node: Node, reader: YamlReader): void {
  const seen = new Set<string>();
  for (const { jobName } of jobs) {
    if (seen.has(jobName)) reader.error(node, `two scrape_configs have the job_name ${jobName}`);
    seen.add(jobName);
  }
}

/** Paths in the file are meant from the folder in which it lies. */
function withFolder(job: ScrapeConfig, folder: string): ScrapeConfig {
  const inFolder = (path: string) => resolve(folder, path);
  return {
    ...job,
    fileSdConfigs: job.fileSdConfigs.map((one) => ({ ...one, files: one.files.map(inFolder) })),
    http: httpWithFolder(job.http, inFolder),
  };
}

function httpWithFolder(
  http: HttpClientConfig,
  inFolder: (path: string) => string,
): HttpClientConfig {
  const { tls } = http;
  return {
    ...http,
    ...(http.usernameFile && { usernameFile: inFolder(http.usernameFile) }),
    ...(http.passwordFile && { passwordFile: inFolder(http.passwordFile) }),
    ...(http.credentialsFile && { credentialsFile: inFolder(http.credentialsFile) }),
    tls: {
      ...tls,
      ...(tls.caFile && { caFile: inFolder(tls.caFile) }),
      ...(tls.certFile && { certFile: inFolder(tls.certFile) }),
      ...(tls.keyFile && { keyFile: inFolder(tls.keyFile) }),
    },
  };
}
