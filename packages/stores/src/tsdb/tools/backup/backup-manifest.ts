import { OpsError } from "@hms-ops/model";
import { type Disk, openNodeDisk } from "../../../disk/index.ts";
import { messageOf, STORE_ERRORS } from "../../../errors.ts";
import type { CopiedFile } from "./file-copies.ts";

/** `backup.json`: what a backup holds, so that it can be checked file by file. */
export interface BackupManifest {
  readonly version: 1;
  readonly takenAtMs: number;
  readonly samples: number;
  readonly files: readonly CopiedFile[];
  /** Blocks that were damaged where they came from; absent: none. */
  readonly damaged?: readonly DamagedBlock[];
}

export interface DamagedBlock {
  readonly name: string;
  readonly problems: readonly string[];
  /** That could be read whole. */
  readonly wholeSamples: number;
  /** Undefined: its own account of them cannot be read. */
  readonly samples: number | undefined;
}

export const MANIFEST_FILE = "backup.json";
const VERSION = 1;
const UNFINISHED = ".unfinished";

export function unfinishedName(name: string): string {
  return `${name}${UNFINISHED}`;
}

export function isUnfinished(name: string): boolean {
  return name.endsWith(UNFINISHED);
}

/** Throws OPS-1332 if there is none, or none that can be read. */
export async function readManifest(disk: Disk, folder: string): Promise<BackupManifest> {
  const file = disk.join(folder, MANIFEST_FILE);
  try {
    const bytes = await disk.read(file, 0, await disk.sizeOf(file));
    const manifest = JSON.parse(new TextDecoder().decode(bytes)) as BackupManifest;
    if (manifest.version !== VERSION) throw new Error(`its version is ${manifest.version}`);
    return manifest;
  } catch (error) {
    const problem = `${MANIFEST_FILE}: ${messageOf(error)}`;
    throw new OpsError(STORE_ERRORS.backupDamaged, { folder, problem });
  }
}

/** It holds neither a block nor a WAL. */
export function isEmptyBackup({ files }: BackupManifest): boolean {
  return !files.some(({ path }) => path.startsWith("tsdb/"));
}

/** Something is in it, and nothing was damaged where it came from. */
export async function isGoodBackup(disk: Disk, folder: string): Promise<boolean> {
  const manifest = await readManifest(disk, folder).catch(() => undefined);
  if (!manifest || isEmptyBackup(manifest)) return false;
  return (manifest.damaged ?? []).length === 0;
}

/** Of a folder that is a backup: its account of itself. Throws OPS-1332. */
export async function describeBackup(
  folder: string,
  disk: Disk = openNodeDisk(),
): Promise<{ readonly isEmpty: boolean } | undefined> {
  if (!(await disk.list(folder)).includes(MANIFEST_FILE)) return undefined;
  return { isEmpty: isEmptyBackup(await readManifest(disk, folder)) };
}

/** Names of finished backups in a folder, oldest first. */
export async function listBackups(disk: Disk, folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await disk.list(folder)) {
    if (isUnfinished(name)) continue;
    const names: readonly string[] = await disk.list(disk.join(folder, name)).catch(() => []);
    if (names.includes(MANIFEST_FILE)) found.push(name);
  }
  return found;
}

/** The folder itself if it is a backup, else the newest one in it. Throws OPS-1332. */
export async function findBackup(folder: string, disk: Disk = openNodeDisk()): Promise<string> {
  if ((await disk.list(folder)).includes(MANIFEST_FILE)) return folder;
  const newest = (await listBackups(disk, folder)).at(-1);
  if (newest !== undefined) return disk.join(folder, newest);
  const problem = `it holds no ${MANIFEST_FILE}, and no folder that does`;
  throw new OpsError(STORE_ERRORS.backupDamaged, { folder, problem });
}
