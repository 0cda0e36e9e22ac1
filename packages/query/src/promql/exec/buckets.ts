import {
  dropLabels,
  type Labels,
  labelValue,
  METRIC_NAME,
  type NativeHistogram,
} from "@hms-ops/model";
import { ClassicBuckets } from "../functions/histogram.ts";
import { LabelSets } from "./label-sets.ts";
import { leBound } from "./le-bound.ts";
import { dropName, type Nameless } from "./names.ts";
import type { QueryMemory } from "./query-memory.ts";
import { namesakesPart, TableBuilder, type VectorTable } from "./table.ts";

const LE = new Set(["le"]);
/** An object and its place in a list. */
const BUCKET_BYTES = 48;

/** Of a query. */
interface BucketContext {
  readonly nameless: Nameless;
  readonly memory: QueryMemory;
}

/** What a function makes of a histogram of either kind at one step. */
export interface HistogramFunction {
  /** May change the counts. */
  classic(buckets: ClassicBuckets, step: number, metricName: string): number;
  native(histogram: NativeHistogram, step: number, metricName: string): number;
}

export interface HistogramListener {
  /** A series whose bound is no number; it is left out. */
  onMalformed(le: string, metricName: string): void;
  /** A classic and a native histogram with the same labels; both are left out. */
  onBothKinds(metricName: string): void;
}

interface Group {
  readonly labels: Labels;
  readonly metricName: string;
  /** By rising bound. */
  readonly buckets: { readonly row: number; readonly upperBound: number }[];
  /** −1: there is none. */
  nativeRow: number;
}

/**
 * A function of histograms: of native ones, and of classic ones, whose buckets are gathered by
 * label set without `le` at each step. Names are told only where they are removed late.
 */
export function overHistograms(
  table: VectorTable,
  compute: HistogramFunction,
  listener: HistogramListener,
  context: BucketContext,
): VectorTable {
  const builder = new TableBuilder(table.steps, context.memory);
  const run: BucketRun = { table, compute, listener, builder, buckets: new ClassicBuckets() };
  for (const group of gather(table, listener, context)) {
    context.memory.visit();
    overGroup(run, group);
  }
  return builder.build();
}

interface BucketRun {
  readonly table: VectorTable;
  readonly compute: HistogramFunction;
  readonly listener: HistogramListener;
  readonly builder: TableBuilder;
  /** Filled anew for each step. */
  readonly buckets: ClassicBuckets;
}

/** Hot; called for each group, so that V8 need not optimize it anew in the midst of each query. */
function overGroup({ table, compute, listener, builder, buckets }: BucketRun, group: Group): void {
  const { labels, metricName, nativeRow } = group;
  const { steps, histograms } = table;
  const target = builder.row(labels);
  for (let step = 0; step < steps; step++) {
    takeBuckets(buckets, table, group, step);
    const histogram = nativeRow < 0 ? undefined : histograms?.get(nativeRow * steps + step);
    if (histogram && buckets.length > 0) listener.onBothKinds(metricName);
    else if (histogram) builder.set(target, step, compute.native(histogram, step, metricName));
    else if (buckets.length > 0) {
      builder.set(target, step, compute.classic(buckets, step, metricName));
    }
  }
}

/** A function of native histograms alone; floats are passed over. */
export function overNative(
  table: VectorTable,
  compute: (histogram: NativeHistogram) => number,
): VectorTable {
  const { series, steps, histograms } = table;
  const values = new Float64Array(series.length * steps);
  const present = new Uint8Array(series.length * steps);
  for (const [cell, histogram] of histograms ?? []) {
    values[cell] = compute(histogram);
    present[cell] = 1;
  }
  return { series, steps, values, present, ...namesakesPart(table) };
}

/** Those that are present at a step. Hot. */
function takeBuckets(
  into: ClassicBuckets,
  { steps, present, values, histograms }: VectorTable,
  { buckets }: Group,
  step: number,
): void {
  into.length = 0;
  for (const { row, upperBound } of buckets) {
    const cell = row * steps + step;
    if (present[cell] === 1 && !histograms?.has(cell)) into.push(upperBound, values[cell]!);
  }
}

function gather(
  table: VectorTable,
  listener: HistogramListener,
  { nameless, memory }: BucketContext,
): Iterable<Group> {
  const sets = new LabelSets();
  const groups: Group[] = [];
  const nameOf = (all: Labels) => (nameless === dropName ? "" : labelValue(all, METRIC_NAME));
  const groupOf = (kept: Labels): Group => {
    const number = sets.add(kept, memory);
    const known = groups[number];
    if (known) return known;
    const labels = nameless(kept);
    memory.keepLabels(kept);
    memory.keepLabels(labels);
    const group = { labels, metricName: nameOf(kept), buckets: [], nativeRow: -1 };
    groups.push(group);
    return group;
  };
  for (const [row, all] of table.series.entries()) {
    const { hasFloat, hasHistogram } = kindsOf(table, row);
    if (hasHistogram) groupOf(all).nativeRow = row;
    if (!hasFloat) continue;
    const le = labelValue(all, "le");
    const upperBound = leBound(le);
    if (upperBound === undefined) listener.onMalformed(le, nameOf(all));
    else {
      memory.keepBytes(BUCKET_BYTES);
      groupOf(dropLabels(all, LE)).buckets.push({ row, upperBound });
    }
  }
  // NaN is neither before nor behind a number.
  for (const { buckets } of groups) buckets.sort((a, b) => a.upperBound - b.upperBound || 0);
  return groups;
}

function kindsOf({ steps, present, histograms }: VectorTable, row: number) {
  let hasFloat = false;
  let hasHistogram = false;
  for (let cell = row * steps; cell < (row + 1) * steps; cell++) {
    if (present[cell] !== 1) continue;
    if (histograms?.has(cell)) hasHistogram = true;
    else hasFloat = true;
    if (histograms === undefined) break;
  }
  return { hasFloat, hasHistogram };
}
