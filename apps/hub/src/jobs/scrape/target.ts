import {
  compareText,
  formatDurationMs,
  formatLabels,
  type Labels,
  labelsFromPairs,
  labelsToRecord,
  OpsError,
  parseDurationMs,
} from "@hms-ops/model";
import { compileRelabelling } from "../../config/relabel.ts";
import type { ScrapeConfig } from "../../config/scrape-config.ts";
import { SCRAPE_ERRORS } from "./errors.ts";

/** Who said that the target exists. */
export type TargetOrigin = "configured" | "announced" | "found" | "demo" | "self";

/** One address that is scraped, all decided. */
export interface ScrapeTarget {
  readonly config: ScrapeConfig;
  readonly origin: TargetOrigin;
  readonly url: string;
  /** What its series get: `job`, `instance` and what the configuration adds. */
  readonly labels: Labels;
  /** Before relabelling, `__address__` and the like included. */
  readonly discoveredLabels: Labels;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** A target that relabelling dropped. */
export interface DroppedTarget {
  readonly discoveredLabels: Labels;
  readonly scrapePool: string;
}

/** What is configured as a target and is no address, so that it cannot be scraped. */
export interface RefusedTarget {
  readonly scrapePool: string;
  /** As it is written. */
  readonly address: string;
  /** Of its group. */
  readonly labels: Labels;
  readonly reason: string;
}

/** Tells two targets apart: the same address may be scraped for two jobs. */
export function targetKey({ config, url, labels }: ScrapeTarget): string {
  return `${config.jobName} ${url} ${formatLabels(labels)}`;
}

/**
 * Makes a target of an address and its group's labels, as Prometheus does: the settings become
 * labels, relabelling may change or drop them, what begins with `__` goes. Throws an OpsError when
 * what remains is no address.
 */
export function makeTarget(
  config: ScrapeConfig,
  address: string,
  groupLabels: Labels,
  origin: TargetOrigin,
): ScrapeTarget | DroppedTarget {
  const discoveredLabels = labelsFromPairs([
    ...settingsAsLabels(config),
    ...Object.entries(labelsToRecord(groupLabels)),
    ["__address__", address],
  ]);
  const relabelled = compileRelabelling(config.relabelConfigs)(discoveredLabels);
  if (relabelled === undefined) return { discoveredLabels, scrapePool: config.jobName };
  const record = labelsToRecord(relabelled);
  const host = record.__address__ ?? "";
  const refuse = (reason: string): never => {
    throw new OpsError(SCRAPE_ERRORS.badTarget, { address: host || "an empty text", reason });
  };
  if (host === "" || /[/\s]/.test(host)) refuse(`it is not host:port${cureOf(host)}`);
  const instance = record.instance ?? host;
  const url = urlOf(record, host);
  if (!URL.canParse(url)) refuse("it is not host:port");
  const kept = Object.entries({ ...record, instance }).filter(([name]) => !name.startsWith("__"));
  return {
    config,
    origin,
    url: new URL(url).href,
    labels: labelsFromPairs(kept),
    discoveredLabels,
    intervalMs: parseDurationMs(record.__scrape_interval__ ?? "") || config.scrapeIntervalMs,
    timeoutMs: parseDurationMs(record.__scrape_timeout__ ?? "") || config.scrapeTimeoutMs,
  };
}

/** An address with scheme and path, as it is to be written; empty where it is none. */
function cureOf(text: string): string {
  if (!/^https?:/i.test(text) || !URL.canParse(text)) return "";
  const { host, protocol, pathname } = new URL(text);
  const path = pathname === "/" ? "" : `, metrics_path: ${pathname}`;
  return `; write ${host}, and in the job scheme: ${protocol.slice(0, -1)}${path}`;
}

export function isTarget(made: ScrapeTarget | DroppedTarget): made is ScrapeTarget {
  return "url" in made;
}

/** Targets whose addresses differ only in who found them are one: the first one counts. */
export function withoutRepeats(targets: readonly ScrapeTarget[]): readonly ScrapeTarget[] {
  const keys = new Set<string>();
  const urls = new Map<string, ScrapeTarget>();
  return targets.filter((target) => {
    const key = targetKey(target);
    const other = urls.get(addressKey(target.url));
    // Two configured jobs may share an address; a service that was also found may not.
    const isRepeat = keys.has(key) || (other !== undefined && target.origin !== "configured");
    if (isRepeat) return false;
    keys.add(key);
    urls.set(addressKey(target.url), target);
    return true;
  });
}

/** `localhost` and both loopback addresses are one machine. */
function addressKey(url: string): string {
  const { hostname, port, pathname, search } = new URL(url);
  const host = ["localhost", "127.0.0.1", "[::1]"].includes(hostname) ? "loopback" : hostname;
  return `${host}:${port || "80"}${pathname}${search}`;
}

export function compareTargets(a: ScrapeTarget, b: ScrapeTarget): number {
  return compareText(a.config.jobName, b.config.jobName) || compareText(a.url, b.url);
}

function settingsAsLabels(config: ScrapeConfig): readonly [string, string][] {
  const params = Object.entries(config.params).map(([name, [first = ""]]): [string, string] => [
    `__param_${name}`,
    first,
  ]);
  return [
    ["job", config.jobName],
    ["__scheme__", config.scheme],
    ["__metrics_path__", config.metricsPath],
    ["__scrape_interval__", formatDurationMs(config.scrapeIntervalMs)],
    ["__scrape_timeout__", formatDurationMs(config.scrapeTimeoutMs)],
    ...params,
  ];
}

function urlOf(record: Readonly<Record<string, string>>, host: string): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(record)) {
    if (name.startsWith("__param_")) query.append(name.slice("__param_".length), value);
  }
  const text = query.size > 0 ? `?${query}` : "";
  const path = record.__metrics_path__ ?? "/metrics";
  return `${record.__scheme__ ?? "http"}://${host}${path.startsWith("/") ? "" : "/"}${path}${text}`;
}
