import { DatabaseSync } from "node:sqlite";

export interface FolderLock {
  release(): void;
}

/**
 * Holds a file so that no other process can; the system drops the hold when the process ends,
 * however it ends. Undefined = another one has it. Throws the system's error if the file cannot
 * be made.
 */
export function lockFolder(file: string): FolderLock | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}

/** SQLITE_BUSY, whatever its extended reason. */
function isBusy(error: unknown): boolean {
  const code = (error as { readonly errcode?: unknown }).errcode;
  return typeof code === "number" && (code & 0xff) === 5;
}
