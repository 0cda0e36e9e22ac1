import type { Labels, TimeRange } from "@hms-ops/model";
import type { Disk } from "../../../disk/index.ts";
import {
  type Block,
  type BlockFolders,
  type BlockMeta,
  createBlock,
  openBlock,
  PageCache,
} from "../../block/index.ts";
import { Columns } from "../../memory/columns.ts";
import { type BlockFolder, damageText } from "../store-files.ts";

export interface Salvage {
  /** Of the damaged block. */
  readonly name: string;
  /** Undefined: nothing of it could be read. */
  readonly saved: BlockMeta | undefined;
  readonly savedSamples: number;
  /** Undefined: not even its own account of them. */
  readonly hadSamples: number | undefined;
  /** It has tombstones: deleted samples are not saved, and were had. */
  readonly hasDeletions: boolean;
}

const CACHE_BYTES = 32 * 1024 * 1024;
/** Below this a stretch that cannot be read is given up: less than one chunk. */
const STRETCH_MIN_MS = 60_000;

/**
 * Writes what can be read of a damaged block to a new one, in its place in the order of arrival.
 * The damaged one stays as it is.
 */
export async function salvageBlock(
  disk: Disk,
  folders: BlockFolders,
  { name, path, meta, tombstones }: BlockFolder,
  number: number,
): Promise<Salvage> {
  const hasDeletions = tombstones !== undefined;
  const hadSamples = meta?.sampleCount;
  const lost = { name, saved: undefined, savedSamples: 0, hadSamples, hasDeletions };
  const block = meta && tryOpen(disk, path, meta, tombstones);
  if (!meta || !block) return lost;
  const { arrival, level } = meta;
  const writer = await createBlock(disk, folders, { number, arrival, level, replaces: [] });
  const rows = new Columns(4_096);
  try {
    for (let ordinal = 0; ordinal < meta.seriesCount; ordinal++) {
      rows.clear();
      const labels = readLabels(block, ordinal);
      if (!labels) continue;
      readWhatIsWhole(block, ordinal, { fromMs: meta.fromMs, toMs: meta.toMs }, rows);
      if (rows.count > 0) await writer.add(labels, rows);
    }
    const saved = await writer.finish();
    return { ...lost, saved, savedSamples: saved?.sampleCount ?? 0 };
  } catch (error) {
    await writer.abandon();
    throw error;
  } finally {
    block.close();
  }
}

/** Without its tombstones where these are what is damaged: better too much than too little. */
function tryOpen(
  disk: Disk,
  path: string,
  meta: BlockMeta,
  tombstones: string | undefined,
): Block | undefined {
  for (const given of tombstones ? [{ meta, tombstones }, { meta }] : [{ meta }]) {
    try {
      return openBlock(disk, path, given, new PageCache(CACHE_BYTES));
    } catch (error) {
      damageText(error);
    }
  }
  return undefined;
}

function readLabels(block: Block, ordinal: number): Labels | undefined {
  try {
    return block.labelsOf(ordinal);
  } catch (error) {
    damageText(error);
    return undefined;
  }
}

/** Halves a stretch that cannot be read until it is clear which part of it can. */
function readWhatIsWhole(block: Block, ordinal: number, range: TimeRange, rows: Columns): void {
  const { count, blobs } = rows;
  const blobCount = blobs.length;
  try {
    block.read(ordinal, range, rows);
    return;
  } catch (error) {
    damageText(error);
    rows.count = count;
    blobs.length = blobCount;
  }
  const { fromMs, toMs } = range;
  if (toMs - fromMs < STRETCH_MIN_MS) return;
  const middleMs = Math.floor((fromMs + toMs) / 2);
  readWhatIsWhole(block, ordinal, { fromMs, toMs: middleMs }, rows);
  readWhatIsWhole(block, ordinal, { fromMs: middleMs + 1, toMs }, rows);
}
