import { OpsError } from "@hms-ops/model";
import { type Disk, openNodeDisk } from "../../../disk/index.ts";
import { STORE_ERRORS } from "../../../errors.ts";
import { listBlocks } from "../store-files.ts";
import {
  type DamagedBlock,
  findBackup,
  isEmptyBackup,
  readManifest,
  unfinishedName,
} from "./backup-manifest.ts";
import { damageOf } from "./damage-of.ts";
import { type CopiedFile, checkFile, copyFile, isSameContent, joinPath } from "./file-copies.ts";

export interface RestoreReport {
  /** The backup that was taken. */
  readonly from: string;
  readonly takenAtMs: number;
  readonly files: number;
  readonly sizeBytes: number;
  readonly samples: number;
  /** It holds neither a block nor a WAL. */
  readonly isEmpty: boolean;
  /** Blocks that were damaged already where the backup came from; they are restored as they are. */
  readonly damaged: readonly DamagedBlock[];
}

/**
 * Checks every byte of a backup (of a folder of backups, the newest), then copies it to a folder
 * that is empty or absent. Nothing is seen there before all of it is durable. OPS-1332 for a
 * damaged backup, OPS-1333 for a folder in use.
 */
export async function restoreBackup(
  from: string,
  to: string,
  disk: Disk = openNodeDisk(),
): Promise<RestoreReport> {
  const present: readonly string[] = await disk.list(to);
  if (present.length > 0) throw new OpsError(STORE_ERRORS.targetNotEmpty, { folder: to });
  const backup = await findBackup(from, disk);
  const manifest = await readManifest(disk, backup);
  const { files, samples, takenAtMs } = manifest;
  for (const file of files) await expectSame(disk, backup, file);
  const damagedBlocks = manifest.damaged ?? (await findDamage(disk, backup));
  const unfinished = unfinishedName(to);
  await disk.removeFolder(unfinished);
  await disk.makeFolder(unfinished);
  const folders = new Set([unfinished]);
  for (const file of files) {
    const folder = folderOf(disk, unfinished, file.path);
    await disk.makeFolder(folder);
    folders.add(folder);
    const content = await copyFile(
      disk,
      joinPath(disk, backup, file.path),
      joinPath(disk, unfinished, file.path),
    );
    if (!isSameContent(content, file)) throw damaged(backup, `${file.path} changed meanwhile`);
  }
  for (const folder of folders) await disk.syncFolder(folder);
  await disk.rename(unfinished, to);
  await disk.syncFolder(disk.join(to, ".."));
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const isEmpty = isEmptyBackup(manifest);
  return {
    from: backup,
    takenAtMs,
    files: files.length,
    sizeBytes,
    samples,
    isEmpty,
    damaged: damagedBlocks,
  };
}

/** Of a backup of an earlier release, whose account does not tell. */
async function findDamage(disk: Disk, backup: string): Promise<readonly DamagedBlock[]> {
  const found: DamagedBlock[] = [];
  for (const block of await listBlocks(disk, joinPath(disk, backup, "tsdb/blocks"))) {
    found.push(...(await damageOf(disk, block)));
  }
  return found;
}

async function expectSame(disk: Disk, backup: string, file: CopiedFile): Promise<void> {
  if (/(^|\/)(\.\.)?(\/|$)/.test(file.path)) {
    throw damaged(backup, `${file.path} is no path below it`);
  }
  const path = joinPath(disk, backup, file.path);
  const isThere = await disk.sizeOf(path).then(
    () => true,
    () => false,
  );
  if (!isThere) throw damaged(backup, `${file.path} is not there`);
  if (!isSameContent(await checkFile(disk, path), file)) {
    throw damaged(backup, `${file.path} has other bytes`);
  }
}

function folderOf(disk: Disk, root: string, path: string): string {
  return joinPath(disk, root, path.slice(0, Math.max(0, path.lastIndexOf("/"))));
}

function damaged(folder: string, problem: string): OpsError {
  return new OpsError(STORE_ERRORS.backupDamaged, { folder, problem });
}
