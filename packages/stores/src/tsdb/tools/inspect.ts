import type { TimeRange } from "@hms-ops/model";
import { openNodeDisk } from "../../disk/index.ts";
import { openForReading, type ToolContext } from "./open-for-reading.ts";
import { type BlockFolder, expectStore, listBlocks } from "./store-files.ts";

export interface StoreInventory {
  readonly blocks: readonly BlockFolder[];
  /** Blocks that were set aside as damaged. */
  readonly aside: readonly string[];
  /** Of `snapshots/`; their files stay on the disk until someone removes them. */
  readonly snapshots: readonly string[];
  readonly wal: { readonly segments: number; readonly sizeBytes: number };
  /** Samples that only the WAL holds; undefined where another process has the folder. */
  readonly head: HeadInventory | undefined;
}

export interface HeadInventory {
  readonly seriesCount: number;
  readonly sampleCount: number;
  readonly range: TimeRange | undefined;
}

/** What a store's folder holds; changes nothing. OPS-1330 if there is no store. */
export async function inspectStore(
  folder: string,
  context: ToolContext,
  { isInUse }: { readonly isInUse: boolean },
): Promise<StoreInventory> {
  const disk = context.disk ?? openNodeDisk();
  await expectStore(disk, folder);
  const walFolder = disk.join(folder, "wal");
  const segments = (await disk.list(walFolder)).filter((name) => name.endsWith(".wal"));
  let sizeBytes = 0;
  for (const name of segments) {
    // A running hub may have removed it meanwhile.
    sizeBytes += await disk.sizeOf(disk.join(walFolder, name)).catch(() => 0);
  }
  return {
    blocks: await listBlocks(disk, disk.join(folder, "blocks")),
    aside: await disk.list(disk.join(folder, "aside")),
    snapshots: await disk.list(disk.join(folder, "snapshots")),
    wal: { segments: segments.length, sizeBytes },
    head: isInUse ? undefined : await readHead(folder, context),
  };
}

async function readHead(folder: string, context: ToolContext): Promise<HeadInventory> {
  const { reader, stats, close } = await openForReading(folder, context);
  const { seriesCount, range } = await reader.topCounts(0);
  const sampleCount = stats().details.head_samples ?? 0;
  await close();
  return { seriesCount, sampleCount, range };
}
