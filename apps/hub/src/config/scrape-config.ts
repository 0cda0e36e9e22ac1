import type { Labels } from "@hms-ops/model";
import { labelsOf } from "@hms-ops/model";
import type { LabelLimits, RelabelRule } from "../ports.ts";
import { readRelabelRule } from "./relabel-config.ts";
import {
  boolean,
  durationMs,
  type FieldValues,
  listOf,
  notSupported,
  oneOf,
  type ReadNode,
  recordOf,
  sizeBytes,
  text,
  wholeNumber,
  withoutEffect,
} from "./yaml-reader.ts";

/** One entry of scrape_configs, defaults filled in. */
export interface ScrapeConfig {
  readonly jobName: string;
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  readonly metricsPath: string;
  readonly scheme: "http" | "https";
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  readonly staticConfigs: readonly TargetGroup[];
  readonly fileSdConfigs: readonly FileDiscovery[];
  readonly relabelConfigs: readonly RelabelRule[];
  readonly metricRelabelConfigs: readonly RelabelRule[];
  /** 0 = none, as all limits here. */
  readonly sampleLimit: number;
  readonly targetLimit: number;
  readonly bodySizeLimit: number;
  readonly labelLimits: LabelLimits;
  readonly http: HttpClientConfig;
}

export interface TargetGroup {
  /** `host:port` */
  readonly targets: readonly string[];
  readonly labels: Labels;
}

interface FileDiscovery {
  /** Paths whose last part may hold `*`. */
  readonly files: readonly string[];
  readonly refreshIntervalMs: number;
}

export interface HttpClientConfig {
  readonly username?: string;
  readonly password?: string;
  readonly usernameFile?: string;
  readonly passwordFile?: string;
  /** `Bearer`, or what the configuration says. */
  readonly authorizationType?: string;
  readonly credentials?: string;
  readonly credentialsFile?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly followRedirects: boolean;
  readonly tls: TlsConfig;
}

interface TlsConfig {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly serverName?: string;
  readonly insecureSkipVerify: boolean;
}

export interface ScrapeDefaults {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
}

/** What a target is scraped with when nothing is said: found services, the demo, the hub. */
export const DEFAULT_HTTP: HttpClientConfig = {
  headers: {},
  followRedirects: true,
  tls: { insecureSkipVerify: false },
};

const NO_LABEL_LIMITS: LabelLimits = { count: 0, nameLength: 0, valueLength: 0 };

/** A scrape configuration as if only its name stood in the file. */
export function defaultScrapeConfig(jobName: string, defaults: ScrapeDefaults): ScrapeConfig {
  return {
    jobName,
    ...defaults,
    metricsPath: "/metrics",
    scheme: "http",
    params: {},
    honorLabels: false,
    honorTimestamps: true,
    staticConfigs: [],
    fileSdConfigs: [],
    relabelConfigs: [],
    metricRelabelConfigs: [],
    sampleLimit: 0,
    targetLimit: 0,
    bodySizeLimit: 0,
    labelLimits: NO_LABEL_LIMITS,
    http: DEFAULT_HTTP,
  };
}

/** Also what a file of file_sd_configs holds. */
export const readTargetGroup: ReadNode<TargetGroup> = (node, reader) => {
  const { targets = [], labels = {} } = reader.map(node, {
    targets: listOf(text),
    labels: recordOf(text),
  });
  return { targets, labels: labelsOf(labels) };
};

const readFileDiscovery: ReadNode<FileDiscovery> = (node, reader) => {
  const { files = [], refresh_interval: refreshIntervalMs = 300_000 } = reader.map(node, {
    files: listOf(text),
    refresh_interval: durationMs,
  });
  return { files, refreshIntervalMs };
};

const readBasicAuth: ReadNode<Partial<HttpClientConfig>> = (node, reader) => {
  const read = reader.map(node, {
    username: text,
    username_file: text,
    password: text,
    password_file: text,
  });
  return {
    ...(read.username && { username: read.username }),
    ...(read.username_file && { usernameFile: read.username_file }),
    ...(read.password && { password: read.password }),
    ...(read.password_file && { passwordFile: read.password_file }),
  };
};

const readAuthorization: ReadNode<Partial<HttpClientConfig>> = (node, reader) => {
  const read = reader.map(node, { type: text, credentials: text, credentials_file: text });
  return {
    authorizationType: read.type ?? "Bearer",
    ...(read.credentials && { credentials: read.credentials }),
    ...(read.credentials_file && { credentialsFile: read.credentials_file }),
  };
};

const readHeader: ReadNode<string> = (node, reader) => {
  const { values = [], secrets = [] } = reader.map(node, {
    values: listOf(text),
    secrets: listOf(text),
  });
  return [...values, ...secrets].join(", ");
};

const readTls: ReadNode<TlsConfig> = (node, reader) => {
  const read = reader.map(node, {
    ca_file: text,
    cert_file: text,
    key_file: text,
    server_name: text,
    insecure_skip_verify: boolean,
    min_version: withoutEffect,
    max_version: withoutEffect,
  });
  return {
    ...(read.ca_file && { caFile: read.ca_file }),
    ...(read.cert_file && { certFile: read.cert_file }),
    ...(read.key_file && { keyFile: read.key_file }),
    ...(read.server_name && { serverName: read.server_name }),
    insecureSkipVerify: read.insecure_skip_verify ?? false,
  };
};

const DISCOVERIES = [
  ..."azure consul digitalocean docker dockerswarm dns ec2 eureka gce hetzner http ionos".split(
    " ",
  ),
  ..."kubernetes kuma lightsail linode marathon nerve nomad openstack ovhcloud puppetdb".split(" "),
  ..."scaleway serverset stackit triton uyuni vultr".split(" "),
];

const FIELDS = {
  job_name: text,
  scrape_interval: durationMs,
  scrape_timeout: durationMs,
  metrics_path: text,
  scheme: oneOf(["http", "https"]),
  params: recordOf(listOf(text)),
  honor_labels: boolean,
  honor_timestamps: boolean,
  static_configs: listOf(readTargetGroup),
  file_sd_configs: listOf(readFileDiscovery),
  relabel_configs: listOf(readRelabelRule),
  metric_relabel_configs: listOf(readRelabelRule),
  sample_limit: wholeNumber,
  target_limit: wholeNumber,
  body_size_limit: sizeBytes,
  label_limit: wholeNumber,
  label_name_length_limit: wholeNumber,
  label_value_length_limit: wholeNumber,
  basic_auth: readBasicAuth,
  authorization: readAuthorization,
  bearer_token: text,
  bearer_token_file: text,
  http_headers: recordOf(readHeader),
  headers: recordOf(text),
  follow_redirects: boolean,
  tls_config: readTls,
  enable_compression: withoutEffect,
  enable_http2: withoutEffect,
  scrape_protocols: withoutEffect,
  fallback_scrape_protocol: withoutEffect,
  track_timestamps_staleness: withoutEffect,
  keep_dropped_targets: withoutEffect,
  scrape_classic_histograms: withoutEffect,
  always_scrape_classic_histograms: withoutEffect,
  convert_classic_histograms_to_nhcb: withoutEffect,
  native_histogram_bucket_limit: withoutEffect,
  native_histogram_min_bucket_factor: withoutEffect,
  metric_name_validation_scheme: withoutEffect,
  metric_name_escaping_scheme: withoutEffect,
  scrape_failure_log_file: withoutEffect,
} as const;

const UNSUPPORTED = Object.fromEntries(
  DISCOVERIES.map((name) => [`${name}_sd_configs`, notSupported]),
);

/** Reads one entry; intervals that it does not name come from `global`. */
export function scrapeConfigReader(defaults: ScrapeDefaults): ReadNode<ScrapeConfig> {
  return (node, reader) => {
    const read: FieldValues<typeof FIELDS> = reader.map(node, { ...UNSUPPORTED, ...FIELDS });
    if (!read.job_name) return reader.error(node, "the job has no job_name");
    const scrapeIntervalMs = read.scrape_interval ?? defaults.scrapeIntervalMs;
    const scrapeTimeoutMs =
      read.scrape_timeout ?? Math.min(defaults.scrapeTimeoutMs, scrapeIntervalMs);
    if (scrapeIntervalMs <= 0) reader.error(node, "scrape_interval must be above 0");
    if (scrapeTimeoutMs > scrapeIntervalMs) {
      reader.error(node, `scrape_timeout of ${read.job_name} is longer than its scrape_interval`);
    }
    const base = defaultScrapeConfig(read.job_name, { scrapeIntervalMs, scrapeTimeoutMs });
    return {
      ...base,
      metricsPath: read.metrics_path ?? base.metricsPath,
      scheme: read.scheme ?? base.scheme,
      params: read.params ?? base.params,
      honorLabels: read.honor_labels ?? base.honorLabels,
      honorTimestamps: read.honor_timestamps ?? base.honorTimestamps,
      staticConfigs: read.static_configs ?? [],
      fileSdConfigs: read.file_sd_configs ?? [],
      relabelConfigs: read.relabel_configs ?? [],
      metricRelabelConfigs: read.metric_relabel_configs ?? [],
      sampleLimit: read.sample_limit ?? 0,
      targetLimit: read.target_limit ?? 0,
      bodySizeLimit: read.body_size_limit ?? 0,
      labelLimits: {
        count: read.label_limit ?? 0,
        nameLength: read.label_name_length_limit ?? 0,
        valueLength: read.label_value_length_limit ?? 0,
      },
      http: httpOf(read),
    };
  };
}

function httpOf(read: FieldValues<typeof FIELDS>): HttpClientConfig {
  const bearer = read.bearer_token ?? read.bearer_token_file;
  return {
    ...DEFAULT_HTTP,
    ...(bearer !== undefined && { authorizationType: "Bearer" }),
    ...(read.bearer_token && { credentials: read.bearer_token }),
    ...(read.bearer_token_file && { credentialsFile: read.bearer_token_file }),
    ...read.basic_auth,
    ...read.authorization,
    headers: { ...read.headers, ...read.http_headers },
    followRedirects: read.follow_redirects ?? true,
    tls: read.tls_config ?? DEFAULT_HTTP.tls,
  };
}
