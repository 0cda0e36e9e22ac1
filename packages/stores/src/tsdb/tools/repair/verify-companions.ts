import type { Disk } from "../../../disk/index.ts";
import { PageCache } from "../../block/index.ts";
import { BucketRows, COMPANIONS, Companion } from "../../companion/index.ts";
import { companionName } from "../../upkeep/companions.ts";
import { type BlockFolder, damageText } from "../store-files.ts";

export interface DamagedCompanion {
  /** `<block>/<file>` */
  readonly name: string;
  readonly path: string;
  readonly problem: string;
  readonly sizeBytes: number;
}

const CACHE_BYTES = 4 * 1024 * 1024;

/** Reads and checks all of a block's companions. No sample is lost with one: it is made again. */
export async function damagedCompanions(
  disk: Disk,
  { name, path, meta }: BlockFolder,
): Promise<readonly DamagedCompanion[]> {
  if (meta === undefined) return [];
  const present = await disk.list(path);
  const damaged: DamagedCompanion[] = [];
  for (const { file } of COMPANIONS) {
    if (!present.includes(file)) continue;
    const filePath = disk.join(path, file);
    try {
      readWhole(disk, filePath, meta);
    } catch (error) {
      const sizeBytes = await disk.sizeOf(filePath);
      const problem = damageText(error);
      damaged.push({ name: companionName(name, file), path: filePath, problem, sizeBytes });
    }
  }
  return damaged;
}

function readWhole(
  disk: Disk,
  path: string,
  block: { readonly name: string; readonly seriesCount: number },
): void {
  const companion = new Companion(disk.open(path), path, block.name, new PageCache(CACHE_BYTES));
  const buckets = new BucketRows();
  try {
    for (let series = 0; series < block.seriesCount; series++) {
      if (companion.keeps(series)) companion.read(series, buckets);
    }
  } finally {
    companion.close();
  }
}
