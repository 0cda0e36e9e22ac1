import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ServiceAnnouncement } from "@hms-ops/wire/local";
import { environment, nodeClock, userId } from "./platform.ts";

/** Where services of this user tell the hub of their /metrics (wire/local). */
export function runtimeFolder(): string {
  const named = environment("HMS_OPS_RUNTIME_DIR");
  if (named) return named;
  const session = environment("XDG_RUNTIME_DIR");
  return session ? join(session, "hms-ops") : join(tmpdir(), `hms-ops-${userId()}`);
}

const files = new Set<string>();
let removesAtExit = false;

/**
 * Writes the announcement of one /metrics address; the returned function takes it back. A folder
 * that cannot be written is no reason to fail: the service is then found by its port or not.
 */
export function announce(service: string, port: number): () => void {
  const announcement: ServiceAnnouncement = {
    version: 1,
    service,
    pid: process.pid,
    url: `http://127.0.0.1:${port}/metrics`,
    startedAtMs: nodeClock.now(),
  };
  const folder = join(runtimeFolder(), "services");
  const file = join(folder, fileName(folder, port));
  try {
    makeFolder(folder);
    const draft = join(folder, `.${process.pid}-${port}.draft`);
    writeFileSync(draft, JSON.stringify(announcement), { mode: 0o600 });
    renameSync(draft, file);
  } catch {
    return () => {};
  }
  files.add(file);
  removeFilesAtExit();
  return () => remove(file);
}

/**
 * With the folders above it. Node's own way to do so never ends where the system refuses a folder
 * by saying that there is none (below /proc, below automounts): the service would hang in it.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another service may have made it meanwhile.
    if (!existsSync(path)) throw error;
  }
}

/** The first address of a process is its pid; further ones add the port. */
function fileName(folder: string, port: number): string {
  const first = `${process.pid}.json`;
  return files.has(join(folder, first)) ? `${process.pid}-${port}.json` : first;
}

function removeFilesAtExit(): void {
  if (removesAtExit) return;
  removesAtExit = true;
  process.once("exit", () => {
    for (const file of files) remove(file);
  });
}

function remove(file: string): void {
  files.delete(file);
  try {
    rmSync(file, { force: true });
  } catch {
    // The hub forgets files whose process is gone.
  }
}
