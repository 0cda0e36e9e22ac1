import { existsSync, realpathSync, rmdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { OpsError } from "@hms-ops/model";
import { makeFolder } from "@hms-ops/stores/disk";
import { CLI_ERRORS } from "../../errors.ts";
import type { DataPlace } from "./data-folder.ts";

/** Throws OPS-1711 if a backup there would lie in what is backed up, or in any data folder. */
export function expectOutsideData(toFolder: string, { storeFolder }: DataPlace): void {
  const store = realPath(storeFolder);
  for (const folder of withThoseAbove(realPath(toFolder))) {
    if (folder !== store && !isDataFolder(folder)) continue;
    throw new OpsError(CLI_ERRORS.backupIntoData, { folder: toFolder, dataFolder: folder });
  }
}

/** Makes a folder of backups for its owner alone; if `use` fails, what was made is gone again. */
export async function withTarget<Result>(
  toFolder: string,
  use: () => Promise<Result>,
): Promise<Result> {
  const made = withThoseAbove(toFolder).filter((folder) => !existsSync(folder));
  try {
    await makeFolder(toFolder, 0o700);
    return await use();
  } catch (error) {
    for (const folder of made) removeIfEmpty(folder);
    throw error;
  }
}

/** One that a hub has used, or will: a restored one has no lock yet. */
function isDataFolder(folder: string): boolean {
  const has = (name: string) => existsSync(join(folder, name));
  return has("tsdb") && (has("lock.db") || has("meta.json"));
}

/** Innermost first. */
function withThoseAbove(folder: string): readonly string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...withThoseAbove(above)];
}

/** Also of what is not there yet: links are followed as far as there is something. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const above = dirname(path);
  return above === path ? path : join(realPath(above), basename(path));
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Not made, or another backup is in it.
  }
}
