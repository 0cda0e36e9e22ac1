import { availableParallelism, hostname } from "node:os";
import { type Clock, formatDurationMs, type MetricStoreStats } from "@hms-ops/model";
import type { TopCounts } from "@hms-ops/stores/tsdb";
import type { ReplayStatus } from "@hms-ops/wire/api";
import { DEFAULT_LOOKBACK_MS, MAX_QUERY_SAMPLES, MAX_QUERY_TIMEOUT_MS } from "../limits.ts";
import type { HubRequest, HubResponse, StopSignal } from "../ports.ts";
import { jsonAnswer, prometheusAnswer } from "./json-answer.ts";
import { badParameter } from "./parameters.ts";

/** The latest Prometheus whose API ours follows: clients choose what they ask by it. */
const PROMETHEUS_VERSION = "3.14.0";
const TOP_DEFAULT = 10;
const TOP_MOST = 10_000;

export interface StatusSources {
  readonly clock: Clock;
  readonly version: string;
  readonly startedAtMs: number;
  readonly flags: Readonly<Record<string, string>>;
  /** The configuration as text, secrets struck out; empty = none. */
  readonly configYaml: () => string;
  readonly configLoadedAtMs: () => number;
  /** Rule files count: Prometheus reads them with its configuration. */
  readonly isAllTaken: () => boolean;
  readonly retention: string;
  /** Damaged stretches and blocks that the last start found. */
  readonly damageCount: () => number;
  readonly stats: () => Promise<MetricStoreStats>;
  readonly replay: () => Promise<ReplayStatus>;
  readonly topCounts: (
    limit: number,
    limits: { readonly signal: StopSignal },
  ) => Promise<TopCounts>;
}

/** `/api/v1/status/*`, and `/version`, whose answer is that of buildinfo without the envelope. */
export class StatusApi {
  readonly #sources: StatusSources;

  constructor(sources: StatusSources) {
    this.#sources = sources;
  }

  readonly statusConfig = (): HubResponse => prometheusAnswer({ yaml: this.#sources.configYaml() });

  /** Our own flags, and what clients look for under Prometheus' names. */
  readonly statusFlags = (): HubResponse => {
    const { flags, retention } = this.#sources;
    return prometheusAnswer({
      ...flags,
      "config.file": flags.config ?? "",
      "query.lookback-delta": formatDurationMs(DEFAULT_LOOKBACK_MS),
      "query.max-samples": String(MAX_QUERY_SAMPLES),
      "query.timeout": formatDurationMs(MAX_QUERY_TIMEOUT_MS),
      "storage.tsdb.path": flags["data-dir"] ?? "",
      "storage.tsdb.retention.size": flags["retention-size"] ?? "",
      "storage.tsdb.retention.time": retention,
      "web.enable-admin-api": "true",
      "web.enable-lifecycle": "true",
      "web.enable-remote-write-receiver": "true",
    });
  };

  readonly statusRuntime = (): HubResponse => {
    const { startedAtMs, clock, retention, configLoadedAtMs, isAllTaken } = this.#sources;
    return prometheusAnswer({
      startTime: isoTime(startedAtMs),
      CWD: process.cwd(),
      hostname: hostname(),
      serverTime: isoTime(clock.now()),
      reloadConfigSuccess: isAllTaken(),
      lastConfigTime: isoTime(configLoadedAtMs()),
      corruptionCount: this.#sources.damageCount(),
      goroutineCount: 0,
      GOMAXPROCS: availableParallelism(),
      GOMEMLIMIT: 0,
      GOGC: "",
      GODEBUG: "",
      storageRetention: retention,
    });
  };

  readonly statusBuild = (): HubResponse => prometheusAnswer(this.#build());

  readonly version = (): HubResponse => jsonAnswer(this.#build());

  readonly statusTsdb = async ({ query, signal }: HubRequest): Promise<HubResponse> => {
    const limit = readTop(query.get("limit"));
    const { stats, topCounts } = this.#sources;
    const [top, held] = await Promise.all([topCounts(limit, { signal }), stats()]);
    return prometheusAnswer({
      headStats: {
        numSeries: top.seriesCount,
        numLabelPairs: top.labelPairCount,
        chunkCount: top.chunkCount,
        minTime: top.range?.fromMs ?? 0,
        maxTime: top.range?.toMs ?? 0,
      },
      seriesCountByMetricName: top.seriesByMetricName,
      labelValueCountByLabelName: top.valuesByLabelName,
      memoryInBytesByLabelName: top.bytesByLabelName,
      seriesCountByLabelValuePair: top.seriesByPair,
      limitHits: (held.limitHits ?? []).slice(0, limit),
    });
  };

  readonly statusReplay = async (): Promise<HubResponse> =>
    prometheusAnswer(await this.#sources.replay());

  #build() {
    const { version } = this.#sources;
    return {
      version: PROMETHEUS_VERSION,
      revision: `hms-ops ${version}`,
      branch: "",
      buildUser: "",
      buildDate: "",
      goVersion: "",
    };
  }
}

function readTop(text: string | null): number {
  if (text === null || text === "") return TOP_DEFAULT;
  const limit = Number(text);
  if (!/^[+]?\d+$/.test(text) || limit < 1) {
    throw badParameter("limit", "limit must be a positive number");
  }
  if (limit <= TOP_MOST) return limit;
  throw badParameter("limit", `limit must not exceed ${TOP_MOST}`);
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
