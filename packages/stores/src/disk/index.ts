export { checksum, compressWell, decompressExactly, giveBackUnpacked } from "./codec.ts";
export { type Disk, type DiskFile, type DiskReader, isAbsence } from "./disk.ts";
export { makeFolder } from "./folders.ts";
export { openNodeDisk } from "./node-disk.ts";
export {
  type ReplayProgress,
  Wal,
  type WalRecord,
  type WalRecovery,
  type WalSegment,
  walFrame,
} from "./wal.ts";
