import type { BucketBatch, MetricStore, QueryBudget } from "@hms-ops/model";
import type { BucketedFunction, BucketPlan } from "../plan/buckets.ts";
import type { Call } from "../syntax/ast.ts";
import { ExtremeTree, SumTree } from "./bucket-trees.ts";
import { emptyTable, tableBytes, type VectorTable } from "./table.ts";

/** What was answered from buckets that the store keeps. */
export interface BucketAnswers {
  /** With names. */
  readonly tables: ReadonlyMap<Call, VectorTable>;
  readonly samplesRead: number;
  readonly seriesSelected: number;
  /** To be told, each of a call. */
  readonly infos: readonly (readonly [message: string, call: Call])[];
}

/** Asks the store for each of the plans; those that it can't serve are left to the samples. */
export async function answerFromBuckets(
  store: Pick<MetricStore, "snapshot">,
  plans: readonly BucketPlan[],
  budget: QueryBudget,
): Promise<BucketAnswers> {
  const tables = new Map<Call, VectorTable>();
  const infos: (readonly [string, Call])[] = [];
  let samplesRead = 0;
  let seriesSelected = 0;
  for (const plan of plans) {
    const read = await readTable(store, plan, budget);
    if (!read) continue;
    samplesRead += read.samplesRead + read.bucketsRead;
    if (!read.table) continue;
    tables.set(plan.call, read.table);
    seriesSelected += read.table.series.length;
    if (read.samplesRead === 0 && read.bucketsRead > 0) {
      infos.push([companionsAnswered(read.widthMs), plan.call]);
    }
  }
  return { tables, samplesRead, seriesSelected, infos };
}

/** How an answer says that no sample was read for it. */
function companionsAnswered(widthMs: number): string {
  const minutes = widthMs / 60_000;
  const width = minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
  return `answered from ${width} companions`;
}

interface TableRead {
  /** Undefined: the buckets could not answer. */
  readonly table: VectorTable | undefined;
  readonly widthMs: number;
  readonly samplesRead: number;
  readonly bucketsRead: number;
}

async function readTable(
  store: Pick<MetricStore, "snapshot">,
  { name, matrix, ends, alignMs }: BucketPlan,
  budget: QueryBudget,
): Promise<TableRead | undefined> {
  const startMs = (ends[0] ?? 0) - matrix.rangeMs;
  const endMs = ends[ends.length - 1] ?? 0;
  const range = { fromMs: startMs + 1, toMs: endMs };
  const snapshot = await store.snapshot({ matchers: matrix.selector.matchers, range, budget });
  try {
    const read = snapshot.residual ? undefined : snapshot.buckets?.({ startMs, endMs, alignMs });
    if (!read) return undefined;
    budget.spend(0, tableBytes(snapshot.series.length, ends.length));
    const table = emptyTable(snapshot.series, ends.length);
    const windows = { ends, rangeMs: matrix.rangeMs };
    const fold = folds[name]();
    const { widthMs } = read;
    let [samplesRead, bucketsRead] = [0, 0];
    let isAnswered = true;
    for await (const batch of read.read()) {
      samplesRead += batch.samplesRead;
      bucketsRead += batch.bucketsRead;
      isAnswered = batch.isWhole && fillRows(batch, windows, fold, table);
      if (!isAnswered) break;
      budget.spend(0, 0);
    }
    return { table: isAnswered ? table : undefined, widthMs, samplesRead, bucketsRead };
  } finally {
    snapshot.close();
  }
}

interface Fold {
  load(batch: BucketBatch, from: number, to: number): void;
  /** Of rows [from, to) of what was loaded, one at least; undefined: ask the samples. */
  at(from: number, to: number): number | undefined;
}

const folds: Readonly<Record<BucketedFunction, () => Fold>> = {
  sum_over_time: () => foldOf(new SumTree(), (tree, from, to) => tree.sum(from, to)),
  avg_over_time: () => foldOf(new SumTree(), (tree, from, to) => tree.mean(from, to)),
  count_over_time: () => foldOf(new SumTree(), (tree, from, to) => tree.count(from, to)),
  min_over_time: () => foldOf(new ExtremeTree("minimums"), (tree, from, to) => tree.best(from, to)),
  max_over_time: () => foldOf(new ExtremeTree("maximums"), (tree, from, to) => tree.best(from, to)),
};

function foldOf<Tree extends Pick<Fold, "load">>(
  tree: Tree,
  at: (tree: Tree, from: number, to: number) => number | undefined,
): Fold {
  return {
    load: (batch, from, to) => tree.load(batch, from, to),
    at: (from, to) => at(tree, from, to),
  };
}

interface Windows {
  readonly ends: Float64Array;
  readonly rangeMs: number;
}

/** Evaluates the windows of the batch's series; false if the samples have to. */
function fillRows(
  batch: BucketBatch,
  { ends, rangeMs }: Windows,
  fold: Fold,
  table: VectorTable,
): boolean {
  const { endsMs, offsets } = batch;
  for (let k = 0; k < batch.count; k++) {
    const first = offsets[k]!;
    const last = offsets[k + 1]!;
    if (first === last) continue;
    fold.load(batch, first, last);
    let [from, to] = [first, first];
    for (let step = 0; step < ends.length; step++) {
      const endMs = ends[step]!;
      while (to < last && endsMs[to]! <= endMs) to++;
      while (from < to && endsMs[from]! <= endMs - rangeMs) from++;
      if (from === to) continue;
      const value = fold.at(from - first, to - first);
      if (value === undefined) return false;
      const cell = (batch.first + k) * ends.length + step;
      table.present[cell] = 1;
      table.values[cell] = value;
    }
  }
  return true;
}
