export type { ReplayProgress } from "../disk/index.ts";
export { BLOCK_VERSION } from "./block/index.ts";
export type { BlockMeta } from "./block/ports.ts";
export type {
  Cardinality,
  CardinalityCounts,
  CardinalityKey,
  CardinalityOrder,
  CardinalityRequest,
  CardinalityRow,
  CountedName,
  TopCounts,
} from "./cardinality/ports.ts";
export type { Generation, Generations } from "./generations.ts";
export { type KnownRawKeys, type RawKeyHandles, RawKeyReader } from "./index/raw-keys.ts";
export { COMMIT_ROWS_BOUNDS, SYNC_SECONDS_BOUNDS } from "./meters.ts";
export type {
  AttachedSnapshot,
  BlockRecovery,
  BlockRef,
  BlocksNews,
  DueJob,
  IndexNews,
  MaintenanceJob,
  MaintenanceResult,
  PageCacheFigures,
  PinLink,
  PinReply,
  PinRequest,
  Recovery,
  SharedSeries,
  SlabCounts,
  SlabKind,
  Tsdb,
  TsdbHandles,
  TsdbMaintainer,
  TsdbOptions,
  TsdbReader,
  TsdbWriter,
} from "./ports.ts";
export { openReader } from "./read/reader.ts";
export type { SharedMemory } from "./shared.ts";
export { directLink, openTsdb } from "./tsdb.ts";
export { openMaintainer } from "./upkeep/maintainer.ts";
export { type JobLink, runDueJobs } from "./upkeep/run-jobs.ts";
export { openWriter } from "./writer.ts";
