import { mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder with those above it, each durable in the one above. Node's own way to do so never
 * ends, and keeps a core busy, where the system refuses a folder by saying that there is none:
 * below /proc, below automounts.
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  if (await isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent, mode);
  try {
    await mkdir(path, { mode });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!(await isFolder(path))) throw error;
  }
  await syncFolder(parent);
}

/** What it holds is durable by name. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true;
}
