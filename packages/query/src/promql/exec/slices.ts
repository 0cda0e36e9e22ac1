import type { QueryBudget, SeriesBatch, TimeRange } from "@hms-ops/model";
import type { FoldOperator, LineShape } from "../plan/scans.ts";
import { type GroupTotals, groupTotals, totalsBytes, totalsMemory } from "./group-totals.ts";
import { Line, type LineMaker, lineMaker } from "./lines.ts";
import { SliceStates } from "./shared.ts";

/** Cells that may be filled before the budget is asked whether the query may go on. */
const CELLS_PER_CHECK = 20_000;

/**
 * One scan, its series cut into slices that several threads may read. Plain data: what is large
 * lies in memory that is shared where the scan is.
 */
export interface SlicedScan {
  readonly range: TimeRange;
  readonly shape: LineShape;
  readonly seriesCount: number;
  /** Of each slice but the last, which may have fewer. */
  readonly seriesPerSlice: number;
  /** See `SliceStates`. */
  readonly states: ArrayBufferLike;
  /** Of rows: values, then presences. Of folds: the totals of one slice after the other. */
  readonly cells: ArrayBufferLike;
  /** Absent: each series is a row. */
  readonly fold?: SlicedFold;
}

export interface SlicedFold {
  readonly operator: FoldOperator;
  /** By series: its group among those of its slice. */
  readonly groupOf: Uint32Array;
  /** By slice: how many groups it has. */
  readonly groupCounts: Uint32Array;
}

function sliceCount({ seriesCount, seriesPerSlice }: SlicedScan): number {
  return Math.ceil(seriesCount / seriesPerSlice);
}

/** What the groups of one slice came to. */
export interface FoldedSlice {
  readonly totals: GroupTotals;
  /** By group: 1 + its first series that is there at any step; 0: none is. */
  readonly firsts: Uint32Array;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/** What the totals and first series of all slices take, a place that is a multiple of 8 for each. */
export function foldPlaces(
  operator: FoldOperator,
  groupCounts: Uint32Array,
  steps: number,
): { readonly places: Float64Array; readonly bytes: number } {
  const places = new Float64Array(groupCounts.length);
  let bytes = 0;
  for (const [slice, groups] of groupCounts.entries()) {
    places[slice] = bytes;
    bytes += aligned(totalsBytes(operator, groups * steps));
    bytes += aligned(groups * Uint32Array.BYTES_PER_ELEMENT);
  }
  return { places, bytes };
}

/** The slices of a scan, as one thread works on them. */
export class Slices {
  readonly count: number;
  readonly states: SliceStates;
  readonly #scan: SlicedScan;
  readonly #lines: LineMaker;
  readonly #line: Line;
  readonly #foldPlaces: Float64Array;

  constructor(scan: SlicedScan) {
    const { shape, fold, states } = scan;
    const steps = shape.times.length;
    this.count = sliceCount(scan);
    this.#scan = scan;
    this.states = new SliceStates(states);
    this.#lines = lineMaker(shape);
    this.#line = new Line(steps);
    this.#foldPlaces = fold
      ? foldPlaces(fold.operator, fold.groupCounts, steps).places
      : new Float64Array(0);
  }

  /** Which series a slice has. */
  orderOf(slice: number): Uint32Array {
    const { seriesCount, seriesPerSlice } = this.#scan;
    const first = slice * seriesPerSlice;
    const length = Math.min(seriesPerSlice, seriesCount - first);
    const order = new Uint32Array(length);
    for (let i = 0; i < length; i++) order[i] = first + i;
    return order;
  }

  foldedOf(slice: number, { operator, groupCounts }: SlicedFold): FoldedSlice {
    const { cells, shape } = this.#scan;
    const steps = shape.times.length;
    const groups = groupCounts[slice]!;
    const place = this.#foldPlaces[slice]!;
    const memory = totalsMemory(operator, groups * steps, cells, place);
    const behind = place + aligned(totalsBytes(operator, groups * steps));
    return {
      totals: groupTotals(operator, steps, memory),
      firsts: new Uint32Array(cells, behind, groups),
    };
  }

  /** `folded` in place of the scan's own, where it folds. */
  begin(slice: number, budget: QueryBudget, folded?: FoldedSlice): SliceReading {
    const scan = this.#scan;
    const { fold } = scan;
    const sink = fold
      ? new FoldSink(fold.groupOf, folded ?? this.foldedOf(slice, fold))
      : new RowSink(scan);
    const first = slice * scan.seriesPerSlice;
    return new SliceReading(this.#lines, this.#line, sink, first, budget);
  }
}

/** Where the lines of the series go. */
interface Sink {
  add(k: number, line: Line): void;
}

class RowSink implements Sink {
  readonly #steps: number;
  readonly #values: Float64Array;
  readonly #present: Uint8Array;

  constructor(scan: SlicedScan) {
    this.#steps = scan.shape.times.length;
    const { values, present } = rowsOf(scan);
    this.#values = values;
    this.#present = present;
  }

  add(k: number, { values, present }: Line): void {
    this.#values.set(values, k * this.#steps);
    this.#present.set(present, k * this.#steps);
  }
}

class FoldSink implements Sink {
  readonly #groupOf: Uint32Array;
  readonly #totals: GroupTotals;
  readonly #firsts: Uint32Array;

  constructor(groupOf: Uint32Array, { totals, firsts }: FoldedSlice) {
    this.#groupOf = groupOf;
    this.#totals = totals;
    this.#firsts = firsts;
  }

  add(k: number, line: Line): void {
    const group = this.#groupOf[k]!;
    const first = this.#firsts[group]!;
    if (first === 0 || k + 1 < first) this.#firsts[group] = k + 1;
    this.#totals.add(group, line);
  }
}

/** The cells of a scan whose series are rows. */
export function rowsOf({ cells, seriesCount, shape }: SlicedScan): {
  readonly values: Float64Array;
  readonly present: Uint8Array;
} {
  const count = seriesCount * shape.times.length;
  return {
    values: new Float64Array(cells, 0, count),
    present: new Uint8Array(cells, count * 8, count),
  };
}

/** Takes the samples of one slice in, batch by batch. */
export class SliceReading {
  samples = 0;
  readonly #lines: LineMaker;
  readonly #line: Line;
  readonly #sink: Sink;
  readonly #first: number;
  readonly #budget: QueryBudget;
  #unchecked = 0;

  constructor(lines: LineMaker, line: Line, sink: Sink, first: number, budget: QueryBudget) {
    this.#lines = lines;
    this.#line = line;
    this.#sink = sink;
    this.#first = first;
    this.#budget = budget;
  }

  /** False: there are histograms in it. */
  take(batch: SeriesBatch): boolean {
    if (batch.histograms) return false;
    const { offsets, count } = batch;
    const line = this.#line;
    this.#lines.begin(batch);
    this.samples += offsets[count]! - offsets[0]!;
    for (let k = 0; k < count; k++) {
      const rows = offsets[k + 1]! - offsets[k]!;
      this.#unchecked += line.values.length + rows;
      if (this.#unchecked >= CELLS_PER_CHECK) {
        this.#budget.spend(0, 0);
        this.#unchecked = 0;
      }
      if (rows > 0 && this.#lines.fill(k, line)) {
        this.#sink.add(this.#first + batch.first + k, line);
      }
    }
    return true;
  }
}
