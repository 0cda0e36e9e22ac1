import type { Disk } from "../../disk/index.ts";
import { isDamage, readBlockMeta, tombstonesNumber } from "../block/index.ts";
import type { BlockMeta } from "../block/ports.ts";
import type { BlockRecovery, BlockRef, BlockSpan, BlocksNews } from "../ports.ts";
import { blockOfCompanion, bytesOf, companionBytesOf, companionFiles } from "./companions.ts";

/** Of a block in `aside/` of which nobody has saved anything yet. */
const BLOCK_NAME = /^\d{8,}-.*\d$/;
const SPAN_OF_NAME = /^\d{8,}-(-?\d+)-(-?\d+)$/;

/** The blocks that are in service, and the folders that wait to be removed. Writer only. */
export class BlockShelf {
  readonly folder: string;
  readonly #disk: Disk;
  readonly #tmpFolder: string;
  readonly #asideFolder: string;
  #blocks: readonly BlockRef[] = [];
  #version = 1;
  #lastNumber = 0;
  /** Out of service since an epoch; their folders go when no older pin is open. */
  #leaving: { readonly name: string; readonly epoch: number }[] = [];
  readonly #damaged: { name: string; problem: string }[] = [];

  constructor(disk: Disk, storeFolder: string) {
    this.#disk = disk;
    this.folder = disk.join(storeFolder, "blocks");
    this.#tmpFolder = disk.join(storeFolder, "tmp");
    this.#asideFolder = disk.join(storeFolder, "aside");
  }

  /** In order of arrival. */
  get blocks(): readonly BlockRef[] {
    return this.#blocks;
  }

  get sizeBytes(): number {
    return this.#blocks.reduce((sum, ref) => sum + bytesOf(ref), 0);
  }

  get companionBytes(): number {
    return this.#blocks.reduce((sum, ref) => sum + companionBytesOf(ref), 0);
  }

  get damaged(): BlockRecovery["damagedBlocks"] {
    return this.#damaged;
  }

  /** Takes `count` numbers; the first of them. */
  takeNumbers(count: number): number {
    const first = this.#lastNumber + 1;
    this.#lastNumber += count;
    return first;
  }

  /**
   * Finds the blocks of the folder. What a crash left half-made goes, and so do blocks of which
   * another one was made; damaged ones are set aside.
   */
  async load(): Promise<void> {
    await this.#disk.makeFolder(this.folder);
    // First: a block whose way to `tmp/` was never made durable may not come back in part.
    await this.#disk.syncFolder(this.folder);
    await this.#disk.removeFolder(this.#tmpFolder);
    const found: BlockRef[] = [];
    for (const name of await this.#disk.list(this.folder)) {
      const folder = this.#disk.join(this.folder, name);
      try {
        const meta = await readBlockMeta(this.#disk, folder);
        const files = await companionFiles(this.#disk, folder);
        const companions = files && { companions: { files, serial: this.#version } };
        found.push({ meta, ...(await this.#tombstonesOf(folder)), ...companions });
      } catch (error) {
        if (!isDamage(error)) throw error;
        await this.#moveAside(name, error.message);
      }
    }
    const replaced = new Set(found.flatMap(({ meta }) => meta.replaces));
    for (const { meta } of found) if (replaced.has(meta.name)) await this.#discard(meta.name);
    this.#blocks = inOrder(found.filter(({ meta }) => !replaced.has(meta.name)));
    this.#lastNumber = Math.max(0, ...found.map(({ meta }) => meta.number));
    await this.#nameThoseAside();
  }

  /** Their samples are missing until somebody has mended them: that is told at each start. */
  async #nameThoseAside(): Promise<void> {
    for (const name of await this.#disk.list(this.#asideFolder)) {
      if (!BLOCK_NAME.test(name) || this.#damaged.some((known) => known.name === name)) continue;
      this.#damaged.push({ name, problem: "it was set aside before this start" });
    }
  }

  get version(): number {
    return this.#version;
  }

  news(known: number | undefined): BlocksNews {
    const version = this.#version;
    if (known === version) return { version };
    return { version, list: this.#blocks, aside: this.#damaged.flatMap(spanOf) };
  }

  /** Puts blocks into service and takes those of which they were made out of it. */
  replace(removed: readonly string[], added: readonly BlockMeta[], epoch: number): void {
    const stay = this.#blocks.filter(({ meta }) => !removed.includes(meta.name));
    this.#change([...stay, ...added.map((meta) => ({ meta }))]);
    for (const name of removed) this.#leaving.push({ name, epoch });
  }

  entomb(tombstones: Readonly<Record<string, string>>): void {
    this.#change(
      this.#blocks.map((ref) => {
        const file = tombstones[ref.meta.name];
        return file ? { ...ref, tombstones: file } : ref;
      }),
    );
  }

  /** Puts a block's companions into service. */
  accompany(blockName: string, files: Readonly<Record<string, number>>): void {
    const companions = { files, serial: this.#version };
    this.#change(
      this.#blocks.map((ref) => (ref.meta.name === blockName ? { ...ref, companions } : ref)),
    );
  }

  /** Removes folders of blocks that no pin needs any more. One that cannot be removed stays. */
  async sweep(oldestEpoch: number): Promise<void> {
    const due = this.#leaving.filter(({ epoch }) => epoch <= oldestEpoch);
    for (const entry of due) {
      try {
        await this.#discard(entry.name);
      } catch {
        continue;
      }
      this.#leaving = this.#leaving.filter((other) => other !== entry);
    }
  }

  /**
   * Blocks that a job left which failed after it had published them: the next start would take
   * them for good.
   */
  async removeStrays(): Promise<void> {
    const known = new Set([
      ...this.#blocks.map(({ meta }) => meta.name),
      ...this.#leaving.map(({ name }) => name),
      ...this.#damaged.map(({ name }) => name),
    ]);
    for (const name of await this.#disk.list(this.folder)) {
      if (!known.has(name)) await this.#discard(name);
    }
    await this.#disk.syncFolder(this.folder);
  }

  /** A folder that opens as a store: second names of all files in service. */
  async linkTo(snapshotsFolder: string, name: string): Promise<void> {
    const disk = this.#disk;
    const target = disk.join(disk.join(snapshotsFolder, name), "blocks");
    for (const { meta } of this.#blocks) {
      const from = disk.join(this.folder, meta.name);
      const to = disk.join(target, meta.name);
      await disk.makeFolder(to);
      for (const file of await disk.list(from)) {
        // What a job is writing has another name the next moment.
        if (file.endsWith(".tmp")) continue;
        await disk.link(disk.join(from, file), disk.join(to, file));
      }
      await disk.syncFolder(to);
    }
    await disk.makeFolder(target);
    await disk.syncFolder(target);
  }

  /**
   * Out of service at once; a block's folder moves to `aside/`. A companion takes the others of its
   * block with it: they are all made again.
   */
  async setAside(name: string, problem: string): Promise<void> {
    const blockName = blockOfCompanion(name);
    if (blockName !== undefined) return this.#dropCompanions(blockName, { name, problem });
    if (!this.#blocks.some(({ meta }) => meta.name === name)) return;
    this.#change(this.#blocks.filter(({ meta }) => meta.name !== name));
    await this.#moveAside(name, problem);
  }

  async #dropCompanions(blockName: string, damage: { name: string; problem: string }) {
    const known = this.#blocks.find(({ meta }) => meta.name === blockName);
    if (!known?.companions) return;
    const { companions, ...bare } = known;
    this.#damaged.push(damage);
    this.#change(this.#blocks.map((ref) => (ref === known ? bare : ref)));
    const folder = this.#disk.join(this.folder, blockName);
    for (const file of Object.keys(companions.files)) {
      // One that stays is written over when they are made again.
      await this.#disk.remove(this.#disk.join(folder, file)).catch(() => {});
    }
    await this.#disk.syncFolder(folder).catch(() => {});
  }

  #change(blocks: readonly BlockRef[]): void {
    this.#blocks = inOrder(blocks);
    this.#version++;
  }

  /** Moved away first: a folder half removed must not be taken for a damaged block. */
  async #discard(name: string): Promise<void> {
    const disk = this.#disk;
    const away = disk.join(this.#tmpFolder, name);
    await disk.makeFolder(this.#tmpFolder);
    // An earlier try may have ended between here and the syncs.
    const isThere = (await disk.list(this.folder)).includes(name);
    if (isThere) await disk.rename(disk.join(this.folder, name), away);
    await disk.syncFolder(this.folder);
    await disk.syncFolder(this.#tmpFolder);
    await disk.removeFolder(away);
  }

  async #moveAside(name: string, problem: string): Promise<void> {
    this.#damaged.push({ name, problem });
    const disk = this.#disk;
    try {
      await disk.makeFolder(this.#asideFolder);
      await disk.rename(disk.join(this.folder, name), disk.join(this.#asideFolder, name));
      await disk.syncFolder(this.#asideFolder);
      await disk.syncFolder(this.folder);
    } catch {
      // It stays where it is, out of service: the next start tries again.
    }
  }

  async #tombstonesOf(folder: string): Promise<Pick<BlockRef, "tombstones">> {
    const newestFirst = (await this.#disk.list(folder))
      .filter((name) => tombstonesNumber(name) !== undefined)
      .sort((a, b) => (tombstonesNumber(b) ?? 0) - (tombstonesNumber(a) ?? 0));
    const [newest, ...older] = newestFirst;
    if (newest === undefined) return {};
    // A deletion that nobody was thanked for is done all the same once a start has answered it.
    await this.#disk.syncFolder(folder);
    // No pin may need them yet. One that stays says less than the newest, and harms nothing.
    for (const name of older) {
      await this.#disk.remove(this.#disk.join(folder, name)).catch(() => {});
    }
    return { tombstones: newest };
  }
}

/** None of a companion, which no sample is lost with, nor of a folder with another name. */
function spanOf({ name }: { readonly name: string }): readonly BlockSpan[] {
  const [, from, to] = SPAN_OF_NAME.exec(name) ?? [];
  return from && to ? [{ name, fromMs: Number(from), toMs: Number(to) }] : [];
}

function inOrder(blocks: readonly BlockRef[]): readonly BlockRef[] {
  return [...blocks].sort((a, b) => a.meta.arrival - b.meta.arrival);
}
