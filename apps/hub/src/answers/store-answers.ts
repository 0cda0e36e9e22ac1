import { type Clock, formatDurationMs } from "@hms-ops/model";
import { languageFeatures } from "@hms-ops/query";
import { BlocksApi } from "../api/blocks.ts";
import { CardinalityApi } from "../api/cardinality.ts";
import { FeaturesApi } from "../api/features.ts";
import { StatusApi } from "../api/status.ts";
import { StoreApi } from "../api/store.ts";
import { TsdbAdminApi } from "../api/tsdb-admin.ts";
import type { LoadedConfig } from "../config/loaded-config.ts";
import type { DataFolder } from "../self/data-folder.ts";
import { VERSION } from "../self/version.ts";
import type { HubThreads } from "../threads/hub-threads.ts";

export interface StoreAnswerParts {
  readonly clock: Clock;
  readonly startedAtMs: number;
  readonly options: {
    readonly flags: Readonly<Record<string, string>>;
    readonly retentionMs: number;
    readonly features: readonly string[];
  };
  readonly config: LoadedConfig;
  readonly folder: DataFolder;
  readonly threads: HubThreads;
  /** Whether configuration and rules are in force as they were last read. */
  readonly isAllTaken: () => boolean;
}

/** What the hub answers about its metric store and itself, put together. */
export function storeAnswers({
  clock,
  startedAtMs,
  options: { flags, retentionMs, features },
  config,
  folder,
  threads,
  isAllTaken,
}: StoreAnswerParts) {
  const { readers } = threads;
  const stats = () => threads.stats();
  return {
    ...new StatusApi({
      clock,
      version: VERSION,
      startedAtMs,
      flags,
      configYaml: () => config.shownText || defaultYaml(config),
      configLoadedAtMs: () => config.loadedAtMs,
      isAllTaken,
      retention: formatDurationMs(retentionMs),
      stats,
      damageCount: () => threads.recovery.damagedStretches + threads.recovery.damagedBlocks.length,
      replay: () => threads.replayStatus(),
      topCounts: (limit, limits) => readers.topCounts(limit, limits),
    }),
    ...new BlocksApi(() => threads.blocks()),
    ...new FeaturesApi(languageFeatures(features)),
    ...new TsdbAdminApi({
      clock,
      readMatches: (texts, limits) => readers.matches(texts, limits),
      deleteSeries: (request) => threads.deleteSeries(request),
      requestCompaction: () => threads.requestCompaction(),
      snapshotTo: (name) => threads.snapshotTo(name),
    }),
    ...new CardinalityApi(readers, clock),
    ...new StoreApi({
      clock,
      retentionMs,
      stats,
      recovery: () => threads.recovery,
      space: () => folder.space(),
    }),
  };
}

/** Without a file: what holds. */
function defaultYaml({ value }: LoadedConfig): string {
  const lines = [
    ["scrape_interval", value.scrapeIntervalMs],
    ["scrape_timeout", value.scrapeTimeoutMs],
    ["evaluation_interval", value.evaluationIntervalMs],
  ] as const;
  const text = lines.map(([name, ms]) => `  ${name}: ${formatDurationMs(ms)}\n`);
  return `global:\n${text.join("")}`;
}
