import {
  compareLabels,
  formatLabels,
  type Labels,
  type TimeRange,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import type { Disk } from "../../../disk/index.ts";
import { valueTest } from "../../../matching.ts";
import {
  type Block,
  type BlockMeta,
  openBlock,
  PageCache,
  readTombstones,
} from "../../block/index.ts";
import { Columns } from "../../memory/columns.ts";
import { decodeHistogram } from "../../memory/histogram-blob.ts";
import { type BlockFolder, damageText } from "../store-files.ts";

export interface BlockVerdict {
  readonly name: string;
  /** Empty = every byte that matters was read and is right. At most PROBLEMS_MAX, then "…". */
  readonly problems: readonly string[];
  readonly seriesCount: number;
  /** Samples that were read whole; of deleted ones, too. */
  readonly sampleCount: number;
  readonly sizeBytes: number;
}

/** Enough to see what is wrong; a torn file would tell the same for each of its series. */
const PROBLEMS_MAX = 8;
const CACHE_BYTES = 32 * 1024 * 1024;
const ALL_TIME: TimeRange = {
  fromMs: Number.NEGATIVE_INFINITY,
  toMs: Number.POSITIVE_INFINITY,
};

/** Reads and checks all of a block: every series, sample, histogram and list of its index. */
export async function verifyBlock(disk: Disk, folder: BlockFolder): Promise<BlockVerdict> {
  const { name, path, meta, sizeBytes, tombstones } = folder;
  const check = new BlockCheck();
  if (meta === undefined) check.add(folder.problem);
  else {
    if (meta.name !== name) check.add(`it says of itself that it is ${meta.name}`);
    if (tombstones) await check.attempt(() => readTombstones(disk, path, tombstones));
    await check.attempt(async () => {
      const block = openBlock(disk, path, { meta }, new PageCache(CACHE_BYTES));
      try {
        check.run(block, meta);
      } finally {
        block.close();
      }
    });
  }
  const { problems, seriesCount, sampleCount } = check;
  return { name, problems, seriesCount, sampleCount, sizeBytes };
}

class BlockCheck {
  readonly problems: string[] = [];
  seriesCount = 0;
  sampleCount = 0;
  #histogramCount = 0;
  readonly #rows = new Columns(4_096);

  add(problem: string): void {
    if (this.problems.includes(problem)) return;
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(problem);
    else if (this.problems.at(-1) !== "…") this.problems.push("…");
  }

  async attempt(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.add(damageText(error));
    }
  }

  run(block: Block, meta: BlockMeta): void {
    const pairs = new Uint32Array(block.pairCount);
    let before: Labels | undefined;
    for (let ordinal = 0; ordinal < meta.seriesCount; ordinal++) {
      before = this.#series(block, ordinal, pairs, before) ?? before;
    }
    this.#lists(block, pairs);
    this.#count("series", this.seriesCount, meta.seriesCount);
    this.#count("samples", this.sampleCount, meta.sampleCount);
    this.#count("histograms", this.#histogramCount, meta.histogramCount);
  }

  #series(
    block: Block,
    ordinal: number,
    pairs: Uint32Array,
    before: Labels | undefined,
  ): Labels | undefined {
    try {
      const labels = block.labelsOf(ordinal);
      const own = new Uint32Array(labels.length / 2);
      block.pairsOf(ordinal, own);
      for (const pair of own) pairs[pair] = (pairs[pair] ?? 0) + 1;
      if (before && compareLabels(before, labels) >= 0) {
        this.add(`${formatLabels(labels)} does not stand in its order`);
      }
      this.#samples(block, ordinal, labels);
      this.seriesCount++;
      return labels;
    } catch (error) {
      this.add(damageText(error));
      return undefined;
    }
  }

  #samples(block: Block, ordinal: number, labels: Labels): void {
    const rows = this.#rows;
    rows.clear();
    block.read(ordinal, ALL_TIME, rows);
    const { timesMs, count } = rows;
    for (let row = 1; row < count; row++) {
      if (timesMs[row]! > timesMs[row - 1]!) continue;
      this.add(`the times of ${formatLabels(labels)} do not rise`);
      break;
    }
    const { fromMs, toMs } = block.timesOf(ordinal);
    if (count === 0 || timesMs[0] !== fromMs || timesMs[count - 1] !== toMs) {
      this.add(`${formatLabels(labels)} has other times than its index says`);
    }
    for (const blob of rows.blobs) decodeHistogram(blob);
    this.sampleCount += count;
    this.#histogramCount += rows.blobs.length;
  }

  /** The lists by which series are found, against the series themselves. */
  #lists(block: Block, pairs: Uint32Array): void {
    for (let pair = 0; pair < pairs.length; pair++) {
      try {
        const [name, value] = block.pairText(pair);
        const test = valueTest({ name, operator: "=", value });
        const listed = block.match([test], UNLIMITED_BUDGET).length;
        if (listed !== pairs[pair]) this.add(`${name}="${value}" does not list its series`);
      } catch (error) {
        this.add(damageText(error));
      }
    }
  }

  #count(what: string, found: number, said: number): void {
    if (found !== said) this.add(`${found} of ${said} ${what} can be read`);
  }
}
