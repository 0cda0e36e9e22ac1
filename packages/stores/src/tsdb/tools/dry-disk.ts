import type { Disk, DiskFile } from "../../disk/index.ts";

/** A disk on which reading works and nothing is ever changed. */
export interface DryDisk {
  readonly disk: Disk;
  /** What would have been changed, in words and in order. */
  readonly changes: readonly string[];
}

const NOWHERE: DiskFile = {
  append: async () => {},
  sync: async () => {},
  close: async () => {},
};

/**
 * Runs the very code that repairs and recovers without its effects. What was "moved" or "removed"
 * is still there when it is looked at again.
 */
export function dryDisk(disk: Disk): DryDisk {
  const changes: string[] = [];
  const note = (change: string) => void changes.push(change);
  const dry: Disk = {
    ...disk,
    makeFolder: async () => {},
    syncFolder: async () => {},
    create: async (path) => {
      note(`write ${path}`);
      return NOWHERE;
    },
    truncate: async (path, sizeBytes) => {
      const had = await disk.sizeOf(path);
      if (had > sizeBytes) note(`cut ${had - sizeBytes} bytes off the end of ${path}`);
    },
    renewEnd: async (path, from, bytes) => {
      const behind = (await disk.sizeOf(path)) - from - bytes.length;
      if (behind > 0) note(`cut ${behind} bytes off the end of ${path}`);
    },
    rename: async (from, to) => note(`move ${from} to ${to}`),
    remove: async (path) => note(`remove ${path}`),
    removeFolder: async (path) => {
      if ((await disk.list(path)).length > 0) note(`remove ${path}`);
    },
    link: async (_path, secondPath) => note(`write ${secondPath}`),
  };
  return { disk: dry, changes };
}
