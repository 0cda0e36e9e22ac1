import type { Disk } from "../../disk/index.ts";
import { COMPANIONS } from "../companion/index.ts";
import type { BlockRef } from "../ports.ts";
import { type CompactionMoment, isDayDone, sizeOf } from "./compaction-plan.ts";

/**
 * The oldest block that should get companions next: one of days that are over, which no compaction
 * wants any more. Younger blocks are written again within the day, and their samples are few.
 */
export function companionDue(
  blocks: readonly BlockRef[],
  moment: CompactionMoment,
): BlockRef | undefined {
  const isDue = ({ meta, companions }: BlockRef) =>
    companions === undefined && isDayDone(meta.toMs, moment);
  return blocks.filter(isDue).sort((a, b) => a.meta.fromMs - b.meta.fromMs)[0];
}

/** Bytes of the companions in a block's folder; undefined unless all are there. */
export async function companionFiles(
  disk: Disk,
  folder: string,
): Promise<Readonly<Record<string, number>> | undefined> {
  const present = await disk.list(folder);
  if (!COMPANIONS.every(({ file }) => present.includes(file))) return undefined;
  const files: Record<string, number> = {};
  for (const { file } of COMPANIONS) files[file] = await disk.sizeOf(disk.join(folder, file));
  return files;
}

/** By this name a companion is told damaged, and set aside. */
export function companionName(blockName: string, file: string): string {
  return `${blockName}/${file}`;
}

/** The block of a companion's name; undefined of a block's own. */
export function blockOfCompanion(name: string): string | undefined {
  const at = name.indexOf("/");
  return at < 0 ? undefined : name.slice(0, at);
}

/** Bytes of a block's files and its companions. */
export function bytesOf(ref: BlockRef): number {
  return sizeOf(ref.meta) + companionBytesOf(ref);
}

export function companionBytesOf({ companions }: BlockRef): number {
  return Object.values(companions?.files ?? {}).reduce((sum, bytes) => sum + bytes, 0);
}
