import type { Disk } from "../../../disk/index.ts";
import { verifyBlock } from "../repair/verify-block.ts";
import type { BlockFolder } from "../store-files.ts";
import type { DamagedBlock } from "./backup-manifest.ts";

/** Reads all of a block; empty if it is whole. */
export async function damageOf(disk: Disk, block: BlockFolder): Promise<readonly DamagedBlock[]> {
  const { name, problems, sampleCount } = await verifyBlock(disk, block);
  if (problems.length === 0) return [];
  return [{ name, problems, wholeSamples: sampleCount, samples: block.meta?.sampleCount }];
}
