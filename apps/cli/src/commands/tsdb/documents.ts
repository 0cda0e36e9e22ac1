import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { backup as copyDatabase, DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { OpsError } from "@hms-ops/model";
import { CLI_ERRORS } from "../../errors.ts";

const NAME = "control.db";

/** Alert state, outbox, uploaded rules. */
export function documentsFile(dataFolder: string): string {
  return join(dataFolder, NAME);
}

/**
 * Opened so that nothing is written beside it: where no hub left a log of changes, SQLite is told
 * that the file stays as it is.
 */
function openToRead(file: string): DatabaseSync {
  const log = `${file}-wal`;
  const isSettled = !existsSync(log) || statSync(log).size === 0;
  const place = pathToFileURL(file);
  if (isSettled) place.search = "immutable=1";
  return new DatabaseSync(place, { readOnly: true });
}

/** What SQLite finds wrong with it; empty if nothing is. */
export function checkDocuments(file: string): string {
  try {
    const database = openToRead(file);
    try {
      const rows = database.prepare("PRAGMA integrity_check").all();
      const said = rows.map((row) => String(row.integrity_check)).join("; ");
      return said === "ok" ? "" : said;
    } finally {
      database.close();
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A copy of one moment, also while a hub writes. Throws OPS-1707 if it is damaged. */
export async function copyDocuments(file: string, folder: string): Promise<string> {
  const source = openToRead(file);
  const target = join(folder, NAME);
  try {
    await copyDatabase(source, target);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OpsError(CLI_ERRORS.documentsDamaged, { file, reason });
  } finally {
    source.close();
  }
  const reason = checkDocuments(target);
  if (reason) throw new OpsError(CLI_ERRORS.documentsDamaged, { file, reason });
  return NAME;
}
