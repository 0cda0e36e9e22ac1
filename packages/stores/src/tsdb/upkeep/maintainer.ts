import { compareLabels, type Labels, type OpsError, UNLIMITED_BUDGET } from "@hms-ops/model";
import { type Disk, openNodeDisk } from "../../disk/index.ts";
import { valueTest } from "../../matching.ts";
import {
  createBlock,
  isDamage,
  openBlock,
  PageCache,
  readTombstones,
  writeTombstones,
} from "../block/index.ts";
import type { Block, BlockMeta, BlockPlan, Tombstone } from "../block/ports.ts";
import { writeCompanions } from "../companion/index.ts";
import { readTime } from "../head/chunk.ts";
import { FIRST_TIME, LAST_TIME, OPEN_COUNT, PLACE_WORDS } from "../head/head-state.ts";
import { IndexReader } from "../index/index-reader.ts";
import { seriesInOrder } from "../index/series-order.ts";
import { Columns } from "../memory/columns.ts";
import { mergeRows } from "../memory/merge.ts";
import { Slabs } from "../memory/slabs.ts";
import type {
  BlockRef,
  CompactionJob,
  CompanionJob,
  DeletionJob,
  DueJob,
  FlushJob,
  MaintenanceResult,
  SlabCounts,
  TsdbHandles,
  TsdbMaintainer,
} from "../ports.ts";
import { decodeHeadSeries } from "../read/head-series.ts";
import { flushWindows, type Window } from "./windows.ts";

/** Compaction reads each page once: a small cache does. */
const CACHE_BYTES = 16 * 1024 * 1024;
const ALL_TIME = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

/** For a thread beside the writer's, or the same one. */
export function openMaintainer(
  handles: TsdbHandles,
  storeFolder: string,
  disk: Disk = openNodeDisk(),
): TsdbMaintainer {
  return new Maintainer(handles, storeFolder, disk);
}

/** A block whose bytes are not what was written. */
export class DamagedBlock extends Error {
  readonly blockName: string;

  constructor(blockName: string, cause: OpsError) {
    super(cause.message, { cause });
    this.blockName = blockName;
  }
}

class Maintainer implements TsdbMaintainer {
  readonly #disk: Disk;
  readonly #slabs = new Slabs();
  readonly #index: IndexReader;
  readonly #blocksFolder: string;
  readonly #folders: { readonly tmpFolder: string; readonly blocksFolder: string };

  constructor(handles: TsdbHandles, storeFolder: string, disk: Disk) {
    this.#disk = disk;
    this.#blocksFolder = handles.blocksFolder;
    this.#folders = {
      tmpFolder: disk.join(storeFolder, "tmp"),
      blocksFolder: handles.blocksFolder,
    };
    this.#index = new IndexReader(this.#slabs, handles.hashSeed);
    this.#index.learn(handles.news, this.#slabs.counts);
  }

  get known(): SlabCounts {
    return this.#slabs.counts;
  }

  async run({ job, news }: DueJob): Promise<MaintenanceResult> {
    this.#index.learn(news, this.#slabs.counts);
    switch (job.kind) {
      case "flush":
        return { kind: "flush", blocks: await this.#flush(job) };
      case "compact":
        return { kind: "compact", block: await this.#compact(job) };
      case "delete":
        return { kind: "delete", tombstones: await this.#delete(job) };
      case "companions":
        return {
          kind: "companions",
          blockName: job.block.meta.name,
          files: await this.#accompany(job),
        };
    }
  }

  async #flush({ places, firstNumber }: FlushJob): Promise<readonly BlockMeta[]> {
    const order = seriesInOrder(this.#index, places.length / PLACE_WORDS).filter(
      (series) => places[series * PLACE_WORDS + OPEN_COUNT]! > 0,
    );
    const made: BlockMeta[] = [];
    for (const [i, window] of flushWindows(places).entries()) {
      const number = firstNumber + i;
      const plan = { number, arrival: number, level: 0, replaces: [] };
      const meta = await this.#flushWindow(plan, window, places, order);
      if (meta) made.push(meta);
    }
    return made;
  }

  #flushWindow(
    plan: BlockPlan,
    window: Window,
    places: Uint32Array,
    order: Uint32Array,
  ): Promise<BlockMeta | undefined> {
    const views = this.#slabs.views("samples");
    const rows = new Columns(4_096);
    return this.#write(plan, async (add) => {
      for (const series of order) {
        const at = series * PLACE_WORDS;
        if (readTime(places, at + FIRST_TIME) > window.toMs) continue;
        if (readTime(places, at + LAST_TIME) < window.fromMs) continue;
        rows.clear();
        decodeHeadSeries(views, places, at, window, rows);
        if (rows.count > 0) await add(this.#index.labelsOf(series), rows);
      }
    });
  }

  async #compact({ inputs, number }: CompactionJob): Promise<BlockMeta | undefined> {
    const arrival = Math.min(...inputs.map(({ meta }) => meta.arrival));
    const level = 1 + Math.max(...inputs.map(({ meta }) => meta.level));
    // Theirs, too: a folder that could not be removed yet would come back when they have gone.
    const replaces = inputs.flatMap(({ meta }) => [meta.name, ...meta.replaces]);
    const cache = new PageCache(CACHE_BYTES);
    const cursors: Cursor[] = [];
    try {
      for (const ref of inputs) cursors.push(new Cursor(this.#open(ref, cache)));
      return await this.#write({ number, arrival, level, replaces }, async (add) => {
        const merger = new SeriesMerger();
        for (let labels = least(cursors); labels; labels = least(cursors)) {
          const rows = merger.merge(cursors, labels);
          if (rows.count > 0) await add(labels, rows);
        }
      });
    } finally {
      for (const cursor of cursors) cursor.block.close();
    }
  }

  async #write(
    plan: BlockPlan,
    fill: (add: (labels: Labels, rows: Columns) => Promise<void>) => Promise<void>,
  ): Promise<BlockMeta | undefined> {
    const writer = await createBlock(this.#disk, this.#folders, plan);
    try {
      await fill((labels, rows) => writer.add(labels, rows));
      return await writer.finish();
    } catch (error) {
      await writer.abandon().catch(() => {});
      throw error;
    }
  }

  async #delete({ request, blocks }: DeletionJob): Promise<Readonly<Record<string, string>>> {
    const cache = new PageCache(CACHE_BYTES);
    const sets = request.matcherSets.map((matchers) => matchers.map(valueTest));
    const changed: Record<string, string> = {};
    for (const ref of blocks) {
      const block = this.#open(ref, cache);
      try {
        const ordinals = new Set(
          sets.flatMap((tests) => [...block.match(tests, UNLIMITED_BUDGET)]),
        );
        const added = tombstonesOf(block, ordinals, request.range);
        if (added.length === 0) continue;
        const folder = this.#folderOf(ref);
        const known = ref.tombstones
          ? await readTombstones(this.#disk, folder, ref.tombstones)
          : [];
        changed[ref.meta.name] = await writeTombstones(this.#disk, folder, [...known, ...added]);
      } catch (error) {
        throw damaged(ref.meta.name, error);
      } finally {
        block.close();
      }
    }
    return changed;
  }

  /** Tombstones don't count: what is buried is not read from companions. */
  async #accompany({ block: { meta } }: CompanionJob): Promise<Readonly<Record<string, number>>> {
    const block = this.#open({ meta }, new PageCache(CACHE_BYTES));
    const rows = new Columns(4_096);
    try {
      return await writeCompanions(this.#disk, this.#folderOf({ meta }), meta, (series) => {
        rows.clear();
        block.read(series, ALL_TIME, rows);
        return rows;
      });
    } catch (error) {
      throw damaged(meta.name, error);
    } finally {
      block.close();
    }
  }

  #open(ref: BlockRef, cache: PageCache): Block {
    try {
      return openBlock(this.#disk, this.#folderOf(ref), ref, cache);
    } catch (error) {
      throw damaged(ref.meta.name, error);
    }
  }

  #folderOf({ meta }: BlockRef): string {
    return this.#disk.join(this.#blocksFolder, meta.name);
  }
}

/** A block's series, one after the other. */
class Cursor {
  readonly block: Block;
  #ordinal = 0;
  #labels: Labels | undefined;

  constructor(block: Block) {
    this.block = block;
    this.#labels = this.#labelsNow();
  }

  /** Undefined at the end. */
  get labels(): Labels | undefined {
    return this.#labels;
  }

  /** Reads the series and goes on to the next. */
  take(into: Columns): void {
    this.#guard(() => this.block.read(this.#ordinal, ALL_TIME, into));
    this.#ordinal++;
    this.#labels = this.#labelsNow();
  }

  #labelsNow(): Labels | undefined {
    if (this.#ordinal >= this.block.meta.seriesCount) return undefined;
    return this.#guard(() => this.block.labelsOf(this.#ordinal));
  }

  #guard<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      throw damaged(this.block.meta.name, error);
    }
  }
}

/** Joins the rows of one series of several blocks. Its columns are re-used. */
class SeriesMerger {
  readonly #one = new Columns(4_096);
  #joined = new Columns(4_096);
  #spare = new Columns(4_096);

  /** Of all cursors that stand at these labels; in their order, the first has precedence. */
  merge(cursors: readonly Cursor[], labels: Labels): Columns {
    this.#joined.clear();
    for (const cursor of cursors) {
      if (!cursor.labels || compareLabels(cursor.labels, labels) !== 0) continue;
      this.#one.clear();
      cursor.take(this.#one);
      this.#spare.clear();
      mergeRows(this.#joined, this.#one, this.#spare);
      [this.#joined, this.#spare] = [this.#spare, this.#joined];
    }
    return this.#joined;
  }
}

function least(cursors: readonly Cursor[]): Labels | undefined {
  let best: Labels | undefined;
  for (const { labels } of cursors) {
    if (labels && (!best || compareLabels(labels, best) < 0)) best = labels;
  }
  return best;
}

function tombstonesOf(
  block: Block,
  ordinals: Iterable<number>,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): readonly Tombstone[] {
  const tombstones: Tombstone[] = [];
  for (const ordinal of ordinals) {
    const times = block.timesOf(ordinal);
    if (times.fromMs <= toMs && times.toMs >= fromMs) tombstones.push({ ordinal, fromMs, toMs });
  }
  return tombstones;
}

function damaged(name: string, error: unknown): unknown {
  return isDamage(error) ? new DamagedBlock(name, error) : error;
}
