import type { TimeRange } from "@hms-ops/model";
import type { Disk } from "../../disk/index.ts";
import { isDamage, openBlock, PageCache } from "../block/index.ts";
import type { PageShare } from "../block/page-share.ts";
import type { Block } from "../block/ports.ts";
import type { BlockRef, BlockSpan, BlocksNews, PageCacheFigures } from "../ports.ts";
import { type OnDamage, OpenCompanions } from "./open-companions.ts";

export interface OpenBlock {
  readonly name: string;
  readonly ref: BlockRef;
  readonly block: Block;
  readonly companions: OpenCompanions;
  /** Nothing of it is answered any more. */
  isDamaged: boolean;
  /** Snapshots that hold it. */
  users: number;
}

const CALENDAR_END_MS = 8.64e15;

/** A list of blocks, and the version by which the writer knows it. */
export interface KnownBlocks {
  readonly version: number | undefined;
  readonly list: readonly BlockRef[];
}

export interface BlockPlace {
  readonly disk: Disk;
  readonly folder: string;
  readonly cacheBytes: number;
  /** Of them, where other readers have theirs. */
  readonly share: PageShare | undefined;
  readonly onDamage: OnDamage;
}

/**
 * The blocks of one reader. Files stay open from query to query; those of a block that left the
 * list are closed when no snapshot holds it ([READ4]).
 */
export class OpenBlocks {
  readonly pages: PageCache;
  readonly #place: BlockPlace;
  /** By name, tombstones and companions. */
  readonly #open = new Map<string, OpenBlock>();
  /** Found by this reader. */
  readonly #damaged = new Map<string, BlockSpan>();
  /** As the writer told with its list. */
  #aside: readonly BlockSpan[] = [];
  #known: KnownBlocks = { version: undefined, list: [] };
  /** Some that are open are listed no more, or damaged: they go with their last user. */
  #hasLeft = false;

  constructor(place: BlockPlace) {
    this.#place = place;
    this.pages = new PageCache(place.cacheBytes, place.share);
  }

  get cache(): PageCacheFigures {
    const { hits, misses, sizeBytes } = this.pages;
    return { hits, misses, sizeBytes };
  }

  get known(): KnownBlocks {
    return this.#known;
  }

  /** The list that an answer speaks of. Answers may come out of order. */
  learn(
    { version, list, aside = [] }: BlocksNews,
    knownWhenAsked: KnownBlocks,
  ): readonly BlockRef[] {
    if (!list) return knownWhenAsked.list;
    if (version > (this.#known.version ?? -1)) {
      this.#known = { version, list };
      this.#aside = aside;
      this.#closeUnused();
    }
    return list;
  }

  /**
   * Those that may have samples in the range, in order of arrival; held until `release`. `check`
   * throws if the list's pin no longer holds: what is missing then is no damage.
   */
  take(list: readonly BlockRef[], range: TimeRange, check: () => void): readonly OpenBlock[] {
    const taken: OpenBlock[] = [];
    try {
      for (const ref of list) {
        const { fromMs, toMs, name } = ref.meta;
        if (fromMs > range.toMs || toMs < range.fromMs || this.#damaged.has(name)) continue;
        const open = this.#opened(ref, check);
        if (!open) continue;
        open.users++;
        taken.push(open);
      }
      return taken;
    } catch (error) {
      this.release(taken);
      throw error;
    }
  }

  /** One for each block that was found damaged so far, and may have samples in the range. */
  warningsOf({ fromMs, toMs }: TimeRange): readonly string[] {
    if (this.#damaged.size + this.#aside.length === 0) return [];
    const spans = [...this.#aside, ...this.#damaged.values()];
    const touched = spans.filter((span) => span.fromMs <= toMs && span.toMs >= fromMs);
    return [...new Set(touched.map(damageWarning))];
  }

  release(blocks: readonly OpenBlock[]): void {
    for (const open of blocks) open.users--;
    if (this.#hasLeft) this.#closeUnused();
  }

  /** Puts a block aside if that is why a read of it failed; throws the error if not. */
  giveUp(open: OpenBlock, error: unknown, check: () => void): void {
    check();
    this.#tell(open.block.meta, error);
    open.isDamaged = true;
    this.#hasLeft = true;
  }

  /** Whoever asks again opens them anew. */
  close(): void {
    this.#known = { version: undefined, list: [] };
    this.#closeUnused();
  }

  #opened(ref: BlockRef, check: () => void): OpenBlock | undefined {
    const { name } = ref.meta;
    const key = keyOf(ref);
    const known = this.#open.get(key);
    if (known) return known;
    const { disk, folder } = this.#place;
    try {
      const block = openBlock(disk, disk.join(folder, name), ref, this.pages);
      const companions = this.#companionsOf(ref);
      const open = { name, ref, block, companions, isDamaged: false, users: 0 };
      this.#open.set(key, open);
      return open;
    } catch (error) {
      check();
      this.#tell(ref.meta, error);
      return undefined;
    }
  }

  #companionsOf(ref: BlockRef): OpenCompanions {
    const { disk, folder, onDamage } = this.#place;
    const blockFolder = disk.join(folder, ref.meta.name);
    return new OpenCompanions(disk, blockFolder, ref, this.pages, onDamage);
  }

  #tell({ name, fromMs, toMs }: BlockSpan, error: unknown): void {
    if (!isDamage(error)) throw error;
    if (this.#damaged.has(name)) return;
    this.#damaged.set(name, { name, fromMs, toMs });
    this.#place.onDamage(name, error.message);
  }

  #closeUnused(): void {
    const listed = new Set(this.#known.list.map(keyOf));
    this.#hasLeft = false;
    for (const [key, open] of this.#open) {
      if (listed.has(key) && !open.isDamaged) continue;
      if (open.users > 0) {
        this.#hasLeft = true;
        continue;
      }
      open.block.close();
      open.companions.close();
      this.#open.delete(key);
    }
  }
}

function damageWarning({ name, fromMs, toMs }: BlockSpan): string {
  const span = `from ${instantText(fromMs)} to ${instantText(toMs)}`;
  return `block ${name} is damaged and set aside: samples ${span} may be missing`;
}

/** A sample may have a time that no calendar has. */
function instantText(timeMs: number): string {
  return Math.abs(timeMs) > CALENDAR_END_MS ? `${timeMs} ms` : new Date(timeMs).toISOString();
}

function keyOf({ meta, tombstones = "", companions }: BlockRef): string {
  return `${meta.name}/${tombstones}/${companions?.serial ?? ""}`;
}
