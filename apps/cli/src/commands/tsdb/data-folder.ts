import { existsSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { OpsError } from "@hms-ops/model";
import { makeFolder } from "@hms-ops/stores/disk";
import { type FolderLock, lockFolder } from "@hms-ops/stores/documents";
import { findBackup } from "@hms-ops/stores/tsdb/tools";
import type { Call } from "../../command.ts";
import { CLI_ERRORS } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";

export const DEFAULT_FOLDER = "hms-ops-data";
const SNAPSHOT_TIMEOUT_MS = 600_000;
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Where a metric store lies, as a person names it. */
export interface DataPlace {
  /** `hms-ops-data`, or the folder of a backup. */
  readonly dataFolder: string;
  /** In it. */
  readonly storeFolder: string;
}

/** A data folder, the `tsdb` folder in one, a backup, or a folder of backups (its newest). */
export async function findPlace(path: string): Promise<DataPlace> {
  const folder = resolve(path);
  const store = join(folder, "tsdb");
  if (existsSync(store)) return { dataFolder: folder, storeFolder: store };
  if (basename(folder) === "tsdb" || existsSync(join(folder, "blocks"))) {
    return { dataFolder: dirname(folder), storeFolder: folder };
  }
  const backup = await findBackup(folder).catch(() => undefined);
  if (backup) return { dataFolder: backup, storeFolder: join(backup, "tsdb") };
  return { dataFolder: folder, storeFolder: store };
}

/** Undefined: a hub has it. A folder that no hub ever used has no lock, and needs none. */
export function tryLock({ dataFolder }: DataPlace): FolderLock | undefined {
  const file = join(dataFolder, "lock.db");
  return existsSync(file) ? lockFolder(file) : { release: () => {} };
}

/** For commands that write. Throws OPS-1705 if a hub has the folder. */
export async function lockForWriting(place: DataPlace): Promise<FolderLock> {
  const { dataFolder } = place;
  await makeFolder(dataFolder, 0o700);
  const lock = lockFolder(join(dataFolder, "lock.db"));
  if (lock) return lock;
  throw inUse(place);
}

function inUse({ dataFolder }: DataPlace): OpsError {
  const pid = runningHub(dataFolder)?.pid ?? "?";
  return new OpsError(CLI_ERRORS.folderInUse, { folder: dataFolder, pid });
}

export interface StoreToRead {
  readonly storeFolder: string;
  /** It is a snapshot that a running hub made for this command. */
  readonly isSnapshot: boolean;
}

/**
 * Hands over a store that nobody changes meanwhile: the folder's own under its lock, or a snapshot
 * of the hub that runs on it, which is removed afterwards.
 */
export async function withStore<Result>(
  call: Call,
  place: DataPlace,
  use: (store: StoreToRead) => Promise<Result>,
): Promise<Result> {
  const lock = tryLock(place);
  if (lock) {
    try {
      return await use({ storeFolder: place.storeFolder, isSnapshot: false });
    } finally {
      lock.release();
    }
  }
  const storeFolder = await makeSnapshot(call, place);
  const remove = () => rmSync(storeFolder, { recursive: true, force: true });
  const onSignal = () => {
    remove();
    process.exit(EXIT.failure);
  };
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    return await use({ storeFolder, isSnapshot: true });
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    remove();
  }
}

/** The folder of a new snapshot. Throws OPS-1706 if it cannot be seen from here. */
export async function makeSnapshot(call: Call, place: DataPlace): Promise<string> {
  const running = runningHub(place.dataFolder);
  // While it starts a hub has not told its address yet; the usual one may be another hub's.
  if (!running && !call.values.url) throw inUse(place);
  const hub = call.hub(running?.url);
  const name = await hub.snapshot({ timeoutMs: SNAPSHOT_TIMEOUT_MS });
  const folder = join(place.dataFolder, "tsdb", "snapshots", name);
  if (!existsSync(folder)) {
    throw new OpsError(CLI_ERRORS.hubElsewhere, { url: hub.url, folder });
  }
  return folder;
}

interface RunningHub {
  readonly pid: number;
  readonly url: string;
}

/** What the hub that holds the folder wrote of itself. */
export function runningHub(dataFolder: string): RunningHub | undefined {
  try {
    const { pid, url } = JSON.parse(readFileSync(join(dataFolder, "running.json"), "utf8"));
    return typeof pid === "number" && typeof url === "string" ? { pid, url } : undefined;
  } catch {
    return undefined;
  }
}
