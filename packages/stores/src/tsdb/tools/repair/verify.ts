import { type Disk, openNodeDisk } from "../../../disk/index.ts";
import { openForReading, type ToolContext } from "../open-for-reading.ts";
import { type BlockFolder, expectStore, listBlocks } from "../store-files.ts";
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
  readonly wal: WalVerdict;
}

/** Reads and checks all of a store, blocks and WAL; changes nothing. OPS-1330 if there is none. */
export async function verifyStore(
  folder: string,
  context: ToolContext,
  onBlock: (verdict: BlockVerdict) => void = () => {},
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
  const isWhole = damagedStretches === 0 && blocks.every(({ problems }) => problems.length === 0);
  return { isWhole, blocks, wal };
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
