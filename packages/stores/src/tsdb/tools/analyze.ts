import { METRIC_NAME, type TimeRange, UNLIMITED_BUDGET } from "@hms-ops/model";
import { openNodeDisk } from "../../disk/index.ts";
import type { CardinalityKey, CardinalityRow, CountedName } from "../cardinality/ports.ts";
import { type BlockShares, codecShares } from "./codec-shares.ts";
import { type OpenedStore, openForReading, type ToolContext } from "./open-for-reading.ts";
import { expectStore, listBlocks } from "./store-files.ts";

export interface StoreAnalysis {
  readonly seriesCount: number;
  /** Of all samples; undefined if there is none. */
  readonly range: TimeRange | undefined;
  readonly seriesByMetric: readonly CountedName[];
  readonly seriesByLabel: readonly CountedName[];
  readonly valuesByLabel: readonly CountedName[];
  readonly seriesByPair: readonly CountedName[];
  /** Metrics of whose series most came and went within the last day of the data. */
  readonly churn: readonly CardinalityRow[];
  readonly blocks: readonly (BlockShares & { readonly name: string })[];
  readonly damagedBlocks: ReadonlyMap<string, string>;
}

const EVER: TimeRange = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

/** Counts what a store holds, over all of its time; changes nothing. OPS-1330 if there is none. */
export async function analyzeStore(
  folder: string,
  context: ToolContext,
  limit: number,
): Promise<StoreAnalysis> {
  const disk = context.disk ?? openNodeDisk();
  await expectStore(disk, folder);
  const opened = await openForReading(folder, context);
  try {
    const counts = await countSeries(opened);
    const { range } = opened.stats();
    const nowMs = range?.toMs ?? context.clock.now();
    return {
      seriesCount: counts.seriesCount,
      range,
      seriesByMetric: counts.metrics.top(limit),
      seriesByLabel: counts.labels.top(limit),
      valuesByLabel: counts.values.top(limit),
      seriesByPair: counts.pairs.top(limit),
      churn: await churnOf(opened, nowMs, limit),
      blocks: await sharesOf(folder, context, opened),
      damagedBlocks: opened.damagedBlocks,
    };
  } finally {
    await opened.close();
  }
}

async function churnOf({ reader }: OpenedStore, nowMs: number, limit: number) {
  const by: CardinalityKey = "metric";
  const budget = UNLIMITED_BUDGET;
  const request = { by, matcherSets: [], nowMs, limit, order: "created", budget } as const;
  const { rows } = await reader.cardinality(request);
  return rows.filter(({ createdDay, endedDay }) => createdDay + endedDay > 0);
}

async function sharesOf(folder: string, context: ToolContext, { damagedBlocks }: OpenedStore) {
  const disk = context.disk ?? openNodeDisk();
  const blocks = await listBlocks(disk, disk.join(folder, "blocks"));
  return blocks.flatMap(({ name, path, meta }) =>
    meta && !damagedBlocks.has(name) ? [{ name, ...codecShares(disk, path, meta) }] : [],
  );
}

class Tally {
  readonly #counts = new Map<string, number>();

  /** How often it was seen by now. */
  add(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }

  top(limit: number): readonly CountedName[] {
    return [...this.#counts]
      .map(([name, value]) => ({ name, value }))
      .sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1))
      .slice(0, limit);
  }
}

class SeriesCounts {
  seriesCount = 0;
  readonly metrics = new Tally();
  readonly labels = new Tally();
  readonly values = new Tally();
  readonly pairs = new Tally();

  add(labels: readonly string[]): void {
    this.seriesCount++;
    let metric = "";
    for (let i = 0; i < labels.length; i += 2) {
      const name = labels[i] ?? "";
      const value = labels[i + 1] ?? "";
      if (name === METRIC_NAME) metric = value;
      this.labels.add(name);
      if (this.pairs.add(`${name}=${value}`) === 1) this.values.add(name);
    }
    this.metrics.add(metric);
  }
}

async function countSeries({ reader }: OpenedStore): Promise<SeriesCounts> {
  const counts = new SeriesCounts();
  const snapshot = await reader.snapshot({ matchers: [], range: EVER, budget: UNLIMITED_BUDGET });
  for (const labels of snapshot.series) counts.add(labels);
  snapshot.close();
  return counts;
}
