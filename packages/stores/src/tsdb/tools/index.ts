export { analyzeStore, type StoreAnalysis } from "./analyze.ts";
export { type BackupReport, type BackupRequest, backupStore, pruneBackups } from "./backup.ts";
export { findBackup } from "./backup-manifest.ts";
export type { BlockShares, CodecShare } from "./codec-shares.ts";
export { type ExportFormat, type ExportReport, exportStore } from "./export.ts";
export type { ImportProgress, ImportReport, ImportSink } from "./import-batches.ts";
export { importExposition } from "./import-exposition.ts";
export { importJsonLines } from "./import-json-lines.ts";
export {
  findPrometheusBlocks,
  importPrometheus,
  type PrometheusSource,
} from "./import-prometheus.ts";
export { inspectStore, type StoreInventory } from "./inspect.ts";
export type { ToolContext } from "./open-for-reading.ts";
export { type RepairReport, repairStore } from "./repair.ts";
export { type RestoreReport, restoreBackup } from "./restore.ts";
export type { Salvage } from "./salvage.ts";
export type { BlockFolder } from "./store-files.ts";
export { openStoreSink, type StoreSink } from "./store-sink.ts";
export { type StoreVerdict, verifyStore, type WalVerdict } from "./verify.ts";
export type { BlockVerdict } from "./verify-block.ts";
