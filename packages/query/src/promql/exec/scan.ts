import type { Labels, MetricStore, QueryBudget, Snapshot } from "@hms-ops/model";
import type { FoldOperator, ScanPlan } from "../plan/scans.ts";
import type { Expr } from "../syntax/ast.ts";
import { type ScanCrew, slicesFrom } from "./crew.ts";
import { groupTotals, totalsBytes, totalsMemory } from "./group-totals.ts";
import { groupSeries } from "./series-groups.ts";
import {
  newMemory,
  newStates,
  SLICE_DONE,
  SLICE_FAILED,
  SLICE_OF_HISTOGRAMS,
  SliceStates,
  SpareMemory,
} from "./shared.ts";
import {
  type FoldedSlice,
  foldPlaces,
  rowsOf,
  type SlicedFold,
  type SlicedScan,
  Slices,
} from "./slices.ts";
import { emptyTable, refuseTooLarge, tableBytes, type VectorTable } from "./table.ts";

/** Snapshots that a query opens ahead, all at once: each is a question to another thread. */
const OPEN_AHEAD = 16;

/**
 * From about so many cells and samples on other threads are asked to help: below it a scan takes
 * less than a millisecond, and they would come too late.
 */
const SHARED_WORK = 100_000;
/** How often most targets are scraped, to guess how many samples a range has. */
const USUAL_INTERVAL_MS = 15_000;
/** Enough that no thread waits long for another's last one; a small scan has fewer. */
const SLICES = 24;
const SLICE_WORK_LEAST = SHARED_WORK / 4;
const SLICE_SERIES_LEAST = 16;
/** Bounds for how long a thread looks after nothing else. */
const SLICE_SERIES_MOST = 1_024;
/** Totals of slices that all have most groups are not worth their memory. */
const SLICE_TOTALS_BYTES_MOST = 64 * 1024 * 1024;
/**
 * Nor the work of joining them, which one thread does: of cells of groups that several slices have,
 * each may stand for so much of the scan. Where slices are few, as much is gained by more of it.
 */
const WORK_PER_JOINED_CELL = 32;
const WORK_PER_JOINED_CELL_OF_FEW = 8;
const FEW_SLICES = 4;
/** Of slices, each time those before had too many totals. */
const SLICE_GROWTH = 2;

/** Of this thread: totals of slices are read once, and never part of an answer. */
const spareMemory = new SpareMemory();

/** Rounds of waiting for another thread; then this one does its work, too. */
const WAIT_MS = 10;
const WAITS_MOST = 200;

/** What was answered while the samples were read. */
export interface ScanAnswers {
  /** Of calls and selectors, with names. */
  readonly tables: ReadonlyMap<Expr, VectorTable>;
  readonly samplesRead: number;
  readonly seriesSelected: number;
}

type Snapshots = Pick<MetricStore, "snapshot">;

export interface ScanOptions {
  /** Of what is kept: totals and answers. */
  readonly budget: QueryBudget;
  /** Of samples that go by; absent = the same. */
  readonly passingBudget?: QueryBudget;
  readonly crew?: ScanCrew;
}

/** Reads each plan's samples once; those with histograms are left to be read as columns. */
export async function answerByScans(
  store: Snapshots,
  plans: readonly ScanPlan[],
  { budget, passingBudget = budget, crew }: ScanOptions,
): Promise<ScanAnswers> {
  const tables = new Map<Expr, VectorTable>();
  let samplesRead = 0;
  let seriesSelected = 0;
  for (let first = 0; first < plans.length; first += OPEN_AHEAD) {
    const some = plans.slice(first, first + OPEN_AHEAD);
    const snapshots = await openAll(store, some, passingBudget);
    try {
      for (const [i, plan] of some.entries()) {
        const snapshot = snapshots[i]!;
        if (snapshot.residual) continue;
        const scan = new Scan(snapshot, plan, budget, crew);
        const table = await scan.run();
        if (table === undefined) continue;
        samplesRead += scan.samples;
        seriesSelected += scan.seriesCount;
        tables.set(plan.node, table);
      }
    } finally {
      for (const snapshot of snapshots) snapshot.close();
    }
  }
  return { tables, samplesRead, seriesSelected };
}

/** All or none. */
async function openAll(
  store: Snapshots,
  plans: readonly ScanPlan[],
  budget: QueryBudget,
): Promise<readonly Snapshot[]> {
  const asked = plans.map(({ matchers, range }) => store.snapshot({ matchers, range, budget }));
  try {
    return await Promise.all(asked);
  } catch (error) {
    for (const one of await Promise.allSettled(asked)) {
      if (one.status === "fulfilled") one.value.close();
    }
    throw error;
  }
}

/** One pass over the samples of one plan. */
class Scan {
  readonly seriesCount: number;
  samples = 0;
  readonly #snapshot: Snapshot;
  readonly #plan: ScanPlan;
  readonly #budget: QueryBudget;
  readonly #crew: ScanCrew | undefined;

  constructor(snapshot: Snapshot, plan: ScanPlan, budget: QueryBudget, crew: ScanCrew | undefined) {
    this.seriesCount = snapshot.numbering?.numbers.length ?? snapshot.series.length;
    this.#snapshot = snapshot;
    this.#plan = plan;
    this.#budget = budget;
    this.#crew = crew;
  }

  /** Undefined: there are histograms among the samples. */
  async run(): Promise<VectorTable | undefined> {
    return this.#plan.fold ? await this.#fold(this.#plan.fold) : await this.#rows();
  }

  async #rows(): Promise<VectorTable | undefined> {
    const { series } = this.#snapshot;
    const steps = this.#plan.times.length;
    refuseTooLarge(series.length, steps);
    const bytes = tableBytes(series.length, steps);
    this.#budget.spend(0, bytes);
    const seriesPerSlice = this.#seriesPerSlice();
    const isShared = this.#isShared(seriesPerSlice);
    const scan = this.#sliced(seriesPerSlice, newMemory(bytes, isShared));
    const slices = new Slices(scan);
    if (!(await this.#read(scan, slices, bytes))) return undefined;
    return { series, steps, ...rowsOf(scan) };
  }

  async #fold({ operator, grouping }: NonNullable<ScanPlan["fold"]>) {
    const groups = groupSeries(this.#snapshot, grouping, this.#budget);
    const steps = this.#plan.times.length;
    refuseTooLarge(groups.labels.length, steps);
    const cells = groups.labels.length * steps;
    this.#budget.spend(0, totalsBytes(operator, cells) + tableBytes(groups.labels.length, steps));
    const cut = this.#cut(groups.places, operator);
    const { bytes } = foldPlaces(operator, cut.fold.groupCounts, steps);
    if (cut.groupsOf.length > 1) this.#budget.spend(0, bytes);
    if (!this.#isShared(cut.seriesPerSlice)) {
      const scan = this.#sliced(cut.seriesPerSlice, newMemory(bytes, false), cut.fold);
      return await this.#totals(scan, groups.labels, cut, 0);
    }
    const { memory, newBytes } = spareMemory.take(bytes);
    const scan = this.#sliced(cut.seriesPerSlice, memory, cut.fold);
    try {
      return await this.#totals(scan, groups.labels, cut, newBytes);
    } finally {
      // A thread that is late may still write to slices that were not settled.
      const states = new SliceStates(scan.states);
      if (states.areSettled(cut.groupsOf.length)) spareMemory.giveBack(memory);
    }
  }

  async #totals(
    scan: SlicedScan,
    labels: readonly Labels[],
    { fold, groupsOf }: CutGroups,
    newBytes: number,
  ): Promise<VectorTable | undefined> {
    const slices = new Slices(scan);
    const redone = await this.#read(scan, slices, newBytes);
    if (!redone) return undefined;
    const folded = groupsOf.map((_, slice) => redone.get(slice) ?? slices.foldedOf(slice, fold));
    return joinTotals(labels, this.#plan.times.length, fold.operator, groupsOf, folded);
  }

  /** Whether other threads may take part. */
  #isShared(seriesPerSlice: number): boolean {
    const isOffered = this.#crew !== undefined && this.#snapshot.share !== undefined;
    return isOffered && this.seriesCount > seriesPerSlice;
  }

  /** Cells and samples, roughly. */
  get #work(): number {
    const { times, range } = this.#plan;
    return this.seriesCount * (times.length + (range.toMs - range.fromMs) / USUAL_INTERVAL_MS);
  }

  /** Depends on nothing but what is asked: the same question is added up in the same order. */
  #seriesPerSlice(): number {
    const count = Math.max(1, this.seriesCount);
    if (this.#work < SHARED_WORK) return count;
    const even = Math.ceil(count / Math.min(SLICES, this.#work / SLICE_WORK_LEAST));
    return Math.min(SLICE_SERIES_MOST, Math.max(SLICE_SERIES_LEAST, even));
  }

  /** As many slices as are worth their totals; one, if several are not. */
  #cut(places: Uint32Array, operator: FoldOperator): CutGroups {
    const steps = this.#plan.times.length;
    let size = this.#seriesPerSlice();
    for (; size < places.length; size *= SLICE_GROWTH) {
      const { slices, groups, repeats } = countGroups(places, size);
      const workPerCell = slices <= FEW_SLICES ? WORK_PER_JOINED_CELL_OF_FEW : WORK_PER_JOINED_CELL;
      const isSmall = totalsBytes(operator, groups * steps) <= SLICE_TOTALS_BYTES_MOST;
      if (isSmall && repeats * steps <= this.#work / workPerCell) break;
    }
    return cutGroups(places, operator, Math.max(1, Math.min(size, places.length)));
  }

  #sliced(seriesPerSlice: number, cells: ArrayBufferLike, fold?: SlicedFold): SlicedScan {
    const { range, source, times, stepTimes } = this.#plan;
    const { seriesCount } = this;
    const slices = Math.ceil(seriesCount / seriesPerSlice);
    return {
      range,
      shape: { source, times, stepTimes },
      seriesCount,
      seriesPerSlice,
      states: newStates(slices, this.#isShared(seriesPerSlice)),
      cells,
      ...(fold && { fold }),
    };
  }

  /** The totals of slices that were read anew, elsewhere than in the scan's cells. */
  async #read(
    scan: SlicedScan,
    slices: Slices,
    newBytes: number,
  ): Promise<ReadonlyMap<number, FoldedSlice> | undefined> {
    const crew = this.#crew;
    const { states } = slices;
    if (this.#isShared(scan.seriesPerSlice)) {
      crew!.offer({ snapshot: this.#snapshot.share!(), scan, newBytes });
    }
    for (const slice of slicesFrom(crew?.begin ?? 0, slices.count)) {
      if (!states.take(slice)) continue;
      const samples = await this.#readSlice(slices, slice);
      if (samples === undefined) return undefined;
      states.settle(slice, SLICE_DONE, samples);
    }
    const redone = new Map<number, FoldedSlice>();
    for (let slice = 0; slice < slices.count; slice++) {
      const state = this.#awaitSlice(states, slice);
      if (state === SLICE_OF_HISTOGRAMS) return undefined;
      if (state === SLICE_DONE) {
        this.samples += states.samplesOf(slice);
        continue;
      }
      const folded = scan.fold && freshSlice(scan.fold, slice, this.#plan.times.length);
      const samples = await this.#readSlice(slices, slice, folded);
      if (samples === undefined) return undefined;
      this.samples += samples;
      if (folded) redone.set(slice, folded);
    }
    return redone;
  }

  /** What became of a slice; of one whose thread doesn't come back, that it failed. */
  #awaitSlice(states: SliceStates, slice: number): number {
    for (let waits = 0; waits < WAITS_MOST; waits++) {
      const state = states.stateOf(slice);
      if (state >= SLICE_DONE) return state;
      states.waitFor(slice, WAIT_MS);
      this.#budget.spend(0, 0);
    }
    return SLICE_FAILED;
  }

  /** How many samples it has; undefined: there are histograms among them. */
  async #readSlice(
    slices: Slices,
    slice: number,
    folded?: FoldedSlice,
  ): Promise<number | undefined> {
    const reading = slices.begin(slice, this.#budget, folded);
    const order = slices.count > 1 ? slices.orderOf(slice) : undefined;
    for await (const batch of this.#snapshot.read(this.#plan.range, order)) {
      if (!reading.take(batch)) return undefined;
    }
    return reading.samples;
  }
}

interface CutGroups {
  readonly seriesPerSlice: number;
  readonly fold: SlicedFold;
  /** By slice: what its groups are among all. */
  readonly groupsOf: readonly Uint32Array[];
}

/** What cutting would come to: the groups of all slices together, and how many of them come again. */
function countGroups(places: Uint32Array, seriesPerSlice: number) {
  const slices = Math.ceil(places.length / seriesPerSlice);
  const metIn = new Uint32Array(groupCount(places));
  let groups = 0;
  let repeats = 0;
  for (let k = 0; k < places.length; k++) {
    const group = places[k]!;
    const slice = 1 + Math.floor(k / seriesPerSlice);
    if (metIn[group] === slice) continue;
    groups++;
    if (metIn[group] !== 0) repeats++;
    metIn[group] = slice;
  }
  return { slices, groups, repeats };
}

/** Groups are numbered from 0. */
function groupCount(places: Uint32Array): number {
  let groups = 0;
  for (const place of places) groups = Math.max(groups, place + 1);
  return groups;
}

/** Numbers the groups of each slice by themselves. */
function cutGroups(places: Uint32Array, operator: FoldOperator, seriesPerSlice: number): CutGroups {
  const slices = Math.ceil(places.length / seriesPerSlice);
  const groupOf = new Uint32Array(newMemory(places.byteLength, slices > 1));
  const groupCounts = new Uint32Array(slices);
  const groupsOf: Uint32Array[] = [];
  const metIn = new Uint32Array(groupCount(places));
  const own = new Uint32Array(metIn.length);
  for (let slice = 0; slice < slices; slice++) {
    const met: number[] = [];
    const end = Math.min(places.length, (slice + 1) * seriesPerSlice);
    for (let k = slice * seriesPerSlice; k < end; k++) {
      const group = places[k]!;
      if (metIn[group] !== slice + 1) {
        metIn[group] = slice + 1;
        own[group] = met.push(group) - 1;
      }
      groupOf[k] = own[group]!;
    }
    groupCounts[slice] = met.length;
    groupsOf.push(Uint32Array.from(met));
  }
  return { seriesPerSlice, fold: { operator, groupOf, groupCounts }, groupsOf };
}

function freshSlice(
  { operator, groupCounts }: SlicedFold,
  slice: number,
  steps: number,
): FoldedSlice {
  const groups = groupCounts[slice]!;
  const memory = totalsMemory(operator, groups * steps);
  return { totals: groupTotals(operator, steps, memory), firsts: new Uint32Array(groups) };
}

/** The totals of all slices, in their order, as one table. */
function joinTotals(
  labels: readonly Labels[],
  steps: number,
  operator: FoldOperator,
  groupsOf: readonly Uint32Array[],
  folded: readonly FoldedSlice[],
): VectorTable {
  const order = orderOfFirsts(labels.length, groupsOf, folded);
  const table = emptyTable(order ? Array.from(order, (group) => labels[group]!) : labels, steps);
  const [first] = folded;
  const isWhole = folded.length === 1;
  const all =
    isWhole && first
      ? first.totals
      : groupTotals(operator, steps, totalsMemory(operator, labels.length * steps));
  if (!isWhole) {
    for (const [slice, groups] of groupsOf.entries()) {
      const { totals } = folded[slice]!;
      for (const [own, group] of groups.entries()) all.absorb(group, totals, own);
    }
  }
  for (let row = 0; row < labels.length; row++) {
    all.finish(order?.[row] ?? row, table.values, table.present, row);
  }
  return table;
}

/**
 * Groups in the order of their first series that is there at any step, as Prometheus has them;
 * undefined: they are, for they are numbered by their first series of all.
 */
function orderOfFirsts(
  count: number,
  groupsOf: readonly Uint32Array[],
  folded: readonly FoldedSlice[],
): Uint32Array | undefined {
  const firsts = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  for (const [slice, groups] of groupsOf.entries()) {
    const own = folded[slice]!.firsts;
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i]!;
      if (own[i] !== 0) firsts[group] = Math.min(firsts[group]!, own[i]!);
    }
  }
  let isOrdered = true;
  for (let group = 1; group < count && isOrdered; group++) {
    isOrdered = firsts[group]! >= firsts[group - 1]!;
  }
  if (isOrdered) return undefined;
  return Uint32Array.from(firsts.keys()).sort((a, b) => firsts[a]! - firsts[b]! || a - b);
}
