import { type Disk, openNodeDisk } from "../../../disk/index.ts";
import type { Recovery } from "../../ports.ts";
import { openTsdb } from "../../tsdb.ts";
import { dryDisk } from "../dry-disk.ts";
import type { ToolContext } from "../open-for-reading.ts";
import { type BlockFolder, expectStore, listAside, listBlocks, SAVED } from "../store-files.ts";
import { type Salvage, salvageBlock } from "./salvage.ts";
import { verifyBlock } from "./verify-block.ts";
import { damagedCompanions } from "./verify-companions.ts";

export interface RepairReport {
  /** Blocks and companions that were found damaged now, and what was wrong with each. */
  readonly setAside: readonly { readonly name: string; readonly problems: readonly string[] }[];
  /** What was saved of blocks in `aside/`, those of earlier days included. */
  readonly salvages: readonly Salvage[];
  readonly recovery: Recovery;
  /** Only of a dry run: what would have been changed. */
  readonly changes: readonly string[];
}

/**
 * Sets damaged blocks aside, writes what can be read of them to new ones, and lets the WAL recover
 * as a start does. Deletes nothing but what a crash left half-made, and damaged companions, which
 * are made again. The caller holds the folder's lock.
 */
export async function repairStore(
  folder: string,
  context: ToolContext,
  { isDryRun }: { readonly isDryRun: boolean },
): Promise<RepairReport> {
  const real = context.disk ?? openNodeDisk();
  await expectStore(real, folder);
  const dry = dryDisk(real);
  const disk = isDryRun ? dry.disk : real;
  const repair = new Repair(disk, folder);
  await repair.setDamagedAside();
  const store = await openTsdb({
    ...context,
    folder,
    disk,
    retentionMs: Number.POSITIVE_INFINITY,
  });
  const { recovery } = store.writer;
  await store.close();
  await repair.salvage();
  const { setAside, salvages } = repair;
  return { setAside, salvages, recovery, changes: isDryRun ? dry.changes : [] };
}

class Repair {
  readonly setAside: { name: string; problems: readonly string[] }[] = [];
  readonly salvages: Salvage[] = [];
  readonly #disk: Disk;
  readonly #blocks: string;
  readonly #aside: string;
  readonly #tmp: string;
  #damaged: BlockFolder[] = [];
  #lastNumber = 0;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#blocks = disk.join(folder, "blocks");
    this.#aside = disk.join(folder, "aside");
    this.#tmp = disk.join(folder, "tmp");
  }

  async setDamagedAside(): Promise<void> {
    this.#damaged = await listAside(this.#disk, this.#aside);
    for (const block of await listBlocks(this.#disk, this.#blocks)) {
      this.#lastNumber = Math.max(this.#lastNumber, block.meta?.number ?? 0);
      const { problems } = await verifyBlock(this.#disk, block);
      if (problems.length > 0) await this.#moveAside(block, problems);
      else await this.#removeCompanions(block);
    }
    for (const { name, meta } of this.#damaged) {
      const number = meta?.number ?? (Number.parseInt(name, 10) || 0);
      this.#lastNumber = Math.max(this.#lastNumber, number);
    }
  }

  async salvage(): Promise<void> {
    const disk = this.#disk;
    const folders = { tmpFolder: this.#tmp, blocksFolder: this.#blocks };
    for (const block of this.#damaged) {
      this.salvages.push(await salvageBlock(disk, folders, block, ++this.#lastNumber));
      const done = disk.join(this.#aside, `${block.name}${SAVED}`);
      await disk.rename(disk.join(this.#aside, block.name), done);
      await disk.syncFolder(this.#aside);
    }
  }

  /** Damaged ones; the hub makes them again. */
  async #removeCompanions(block: BlockFolder): Promise<void> {
    const disk = this.#disk;
    for (const { name, path, problem } of await damagedCompanions(disk, block)) {
      await disk.remove(path);
      await disk.syncFolder(block.path);
      this.setAside.push({ name, problems: [problem] });
    }
  }

  async #moveAside(block: BlockFolder, problems: readonly string[]): Promise<void> {
    const disk = this.#disk;
    const path = disk.join(this.#aside, block.name);
    await disk.makeFolder(this.#aside);
    await disk.rename(block.path, path);
    await disk.syncFolder(this.#aside);
    await disk.syncFolder(this.#blocks);
    this.setAside.push({ name: block.name, problems });
    // Of a dry run it is still where it was.
    const isMoved = (await disk.list(path)).length > 0;
    this.#damaged.push(isMoved ? { ...block, path } : block);
  }
}
