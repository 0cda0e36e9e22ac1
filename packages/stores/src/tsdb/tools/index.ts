export { analyzeStore, type StoreAnalysis } from "./analyze.ts";
export {
  type BackupReport,
  type BackupRequest,
  backupStore,
  pruneBackups,
} from "./backup/backup.ts";
export { type DamagedBlock, describeBackup, findBackup } from "./backup/backup-manifest.ts";
export { type RestoreReport, restoreBackup } from "./backup/restore.ts";
export type { BlockShares, CodecShare } from "./codec-shares.ts";
export { inspectStore, type StoreInventory } from "./inspect.ts";
export { type ExportFormat, type ExportReport, exportStore } from "./move/export.ts";
export type { ImportProgress, ImportReport, ImportSink } from "./move/import-batches.ts";
export { importExposition } from "./move/import-exposition.ts";
export { importJsonLines } from "./move/import-json-lines.ts";
export {
  findPrometheusBlocks,
  importPrometheus,
  type PrometheusSource,
} from "./move/import-prometheus.ts";
export { openStoreSink, type StoreSink } from "./move/store-sink.ts";
export type { ToolContext } from "./open-for-reading.ts";
export { type RepairReport, repairStore } from "./repair/repair.ts";
export type { Salvage } from "./repair/salvage.ts";
export { type StoreVerdict, verifyStore, type WalVerdict } from "./repair/verify.ts";
export type { BlockVerdict } from "./repair/verify-block.ts";
export type { BlockFolder } from "./store-files.ts";
