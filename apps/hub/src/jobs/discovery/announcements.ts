import { lstat, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { readAnnouncement, type ServiceAnnouncement } from "@hms-ops/wire/local";
import { ANNOUNCEMENT_MAX_BYTES, ANNOUNCEMENTS_MAX } from "./limits.ts";

/**
 * The services that announce themselves in the folder and still run. Only plain files of our own
 * user count, so that nobody else can make this hub call an address; those of ended processes are
 * removed.
 */
export async function readAnnouncements(folder: string): Promise<readonly ServiceAnnouncement[]> {
  if (!(await isOurs(folder, "folder"))) return [];
  const names = (await readdir(folder).catch(() => []))
    .filter((name) => name.endsWith(".json") && !name.startsWith("."))
    .sort()
    .slice(0, ANNOUNCEMENTS_MAX);
  const read = await Promise.all(names.map(async (name) => await readOne(join(folder, name))));
  return read.filter((one) => one !== undefined);
}

async function readOne(path: string): Promise<ServiceAnnouncement | undefined> {
  if (!(await isOurs(path, "file"))) return undefined;
  const text = await readFile(path, "utf8").catch(() => "");
  const announcement = readAnnouncement(text);
  if (announcement === undefined || isRunning(announcement.pid)) return announcement;
  await rm(path, { force: true }).catch(() => {});
  return undefined;
}

async function isOurs(path: string, kind: "file" | "folder"): Promise<boolean> {
  // Not stat: a link could lead to a file that somebody else may change.
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined) return false;
  const isKind =
    kind === "folder"
      ? status.isDirectory()
      : status.isFile() && status.size <= ANNOUNCEMENT_MAX_BYTES;
  return isKind && (process.getuid === undefined || status.uid === process.getuid());
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
