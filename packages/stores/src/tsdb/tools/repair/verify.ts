import { type Disk, openNodeDisk } from "../../../disk/index.ts";
import { openForReading, type ToolContext } from "../open-for-reading.ts";
import { type BlockFolder, expectStore, listAside, listBlocks } from "../store-files.ts";
import { type BlockVerdict, verifyBlock } from "./verify-block.ts";
import { damagedCompanions } from "./verify-companions.ts";

export interface WalVerdict {
  readonly segments: number;
  readonly samples: number;
  /** Cut by the next start: the writing process ended in the middle of a record. No damage. */
  readonly tornTails: number;
  readonly damagedStretches: number;
  readonly damagedBytes: number;
  /** Rows whose series was defined in a damaged record. */
  readonly orphanedRows: number;
}

export interface StoreVerdict {
  readonly isWhole: boolean;
  /** A companion (`<block>/<file>`) has one of its own if it is damaged. */
  readonly blocks: readonly BlockVerdict[];
  /** Set aside as damaged, and not repaired yet: their samples are missing. */
  readonly aside: readonly AsideBlock[];
  readonly wal: WalVerdict;
}

export interface AsideBlock {
  readonly name: string;
  /** Undefined: its own account of them cannot be read. */
  readonly samples: number | undefined;
}

/**
 * Reads and checks all of a store, blocks and WAL; changes nothing. OPS-1330 if there is none. Of a
 * snapshot `servedFolder` is the store that it was taken of: damaged blocks are set aside there.
 */
export async function verifyStore(
  folder: string,
  context: ToolContext,
  onBlock: (verdict: BlockVerdict) => void = () => {},
  servedFolder = folder,
): Promise<StoreVerdict> {
  const disk = context.disk ?? openNodeDisk();
  await expectStore(disk, folder);
  const blocks: BlockVerdict[] = [];
  for (const block of await listBlocks(disk, disk.join(folder, "blocks"))) {
    const verdict = await verifyBlock(disk, block);
    const verdicts = [verdict, ...(await companionVerdicts(disk, block))];
    blocks.push(...verdicts);
    for (const one of verdicts) onBlock(one);
  }
  const { recovery, close } = await openForReading(folder, context);
  await close();
  const { segments, samples, tornTails, damagedStretches, damagedBytes, orphanedRows } = recovery;
  const wal = { segments, samples, tornTails, damagedStretches, damagedBytes, orphanedRows };
  const aside = (await listAside(disk, disk.join(servedFolder, "aside"))).map(({ name, meta }) => ({
    name,
    samples: meta?.sampleCount,
  }));
  const areBlocksWhole = blocks.every(({ problems }) => problems.length === 0);
  const isWhole = damagedStretches === 0 && aside.length === 0 && areBlocksWhole;
  return { isWhole, blocks, aside, wal };
}

async function companionVerdicts(disk: Disk, block: BlockFolder): Promise<BlockVerdict[]> {
  const damaged = await damagedCompanions(disk, block);
  return damaged.map(({ name, problem, sizeBytes }) => ({
    name,
    problems: [problem],
    seriesCount: 0,
    sampleCount: 0,
    sizeBytes,
  }));
}
