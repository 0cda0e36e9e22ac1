import { formatLabels, type Labels, type NativeHistogram, OpsError } from "@hms-ops/model";
import { QUERY_ERRORS } from "../../errors.ts";
import { MOST_RESULT_CELLS } from "../../limits.ts";
import { LabelSets } from "./label-sets.ts";
import { CELL_BYTES, type QueryMemory } from "./query-memory.ts";

/**
 * An instant vector at every step of a grid: row r, step k is cell r·steps + k. A cell counts only
 * where `present` is 1.
 */
export interface VectorTable {
  readonly series: readonly Labels[];
  readonly steps: number;
  /** NaN where there is a histogram. */
  readonly values: Float64Array;
  readonly present: Uint8Array;
  /** By cell; absent where all present cells are floats, which is the fast path. */
  readonly histograms?: Histograms;
  /**
   * Rows may have the same labels: where names go late, alike series of one moment are an error only
   * if they are still there at the end (promql/engine.go, rangeEval).
   */
  readonly hasNamesakes?: true;
}

/** By cell of a table, or by row of columns; there, the number beside it means nothing. */
export type Histograms = ReadonlyMap<number, NativeHistogram>;

/** Histograms as the part of a table or of columns that is left out where there are none. */
export function histogramsPart(histograms: Histograms): { readonly histograms?: Histograms } {
  return histograms.size > 0 ? { histograms } : {};
}

/** What is left out where all rows differ; for tables whose rows are those of another one. */
export function namesakesPart({ hasNamesakes }: VectorTable): { readonly hasNamesakes?: true } {
  return hasNamesakes ? { hasNamesakes } : {};
}

/** The same without its histograms: most functions pass them over. */
export function floatsOnly(table: VectorTable): VectorTable {
  const { histograms, ...floats } = table;
  if (histograms === undefined) return table;
  const present = table.present.slice();
  for (const cell of histograms.keys()) present[cell] = 0;
  return { ...floats, present };
}

/** Measured: the labels of a series that a store hands out, some names on average. */
const SERIES_BYTES = 100;

/** What the table of a selector takes; told to the budget before it is made. */
export function tableBytes(seriesCount: number, steps: number): number {
  return seriesCount * (SERIES_BYTES + steps * CELL_BYTES);
}

export function executionError(reason: string): OpsError {
  return new OpsError(QUERY_ERRORS.execution, { reason });
}

export function sameLabelsError(labels: Labels): OpsError {
  return new OpsError(QUERY_ERRORS.sameLabels, { labels: formatLabels(labels) });
}

export function refuseTooLarge(seriesCount: number, steps: number): void {
  const cells = seriesCount * steps;
  if (cells <= MOST_RESULT_CELLS) return;
  throw new OpsError(QUERY_ERRORS.tooLarge, { cells, limit: MOST_RESULT_CELLS });
}

/** Zeroed table for known series; nothing present yet. */
export function emptyTable(series: readonly Labels[], steps: number): VectorTable {
  refuseTooLarge(series.length, steps);
  const cells = series.length * steps;
  return { series, steps, values: new Float64Array(cells), present: new Uint8Array(cells) };
}

/** The same cells under other label sets: rows that became alike are merged, unless namesakes may be. */
export function relabelTable(
  table: VectorTable,
  labelsOf: (labels: Labels) => Labels,
  memory: QueryMemory,
): VectorTable {
  const series = relabelled(table.series, labelsOf, memory);
  if (table.hasNamesakes) return { ...table, series };
  const sets = new LabelSets();
  if (series.every((labels, row) => sets.add(labels, memory) === row)) return { ...table, series };
  const builder = new TableBuilder(table.steps, memory);
  for (const [row, labels] of series.entries()) {
    // What is nowhere takes no place before those that are there.
    if (!hasAny(table, row)) continue;
    const target = builder.row(labels);
    for (let step = 0; step < table.steps; step++) {
      const cell = row * table.steps + step;
      if (table.present[cell] === 1) builder.copy(target, step, table, cell);
    }
  }
  return builder.build();
}

/**
 * The same for range functions, whose rows are whole series: two that became alike are the query's
 * fault even where they do not meet at any step.
 */
export function relabelSeries(
  table: VectorTable,
  labelsOf: (labels: Labels) => Labels,
  memory: QueryMemory,
): VectorTable {
  const series = relabelled(table.series, labelsOf, memory);
  const sets = new LabelSets();
  /** By set, the row that has it and, if any has, values. */
  const rows: number[] = [];
  for (const [row, labels] of series.entries()) {
    const set = sets.add(labels, memory);
    const other = rows[set];
    if (other !== undefined && !hasAny(table, row)) continue;
    if (other !== undefined && hasAny(table, other)) throw sameLabelsError(labels);
    rows[set] = row;
  }
  return { ...table, series };
}

function relabelled(
  series: readonly Labels[],
  labelsOf: (labels: Labels) => Labels,
  memory: QueryMemory,
): readonly Labels[] {
  return series.map((old) => {
    const labels = labelsOf(old);
    if (labels !== old) memory.keepLabels(labels);
    return labels;
  });
}

/** Whether a series is present at any step. */
export function hasAny({ present, steps }: VectorTable, row: number): boolean {
  return present.subarray(row * steps, (row + 1) * steps).includes(1);
}

/** By row: 1 = it is present at some step. */
export function occupiedRows(table: VectorTable): Uint8Array {
  return Uint8Array.from(table.series, (_, row) => Number(hasAny(table, row)));
}

/** 1 for each step at which any series is present. */
export function occupiedSteps({ series, steps, present }: VectorTable): Uint8Array {
  const occupied = new Uint8Array(steps);
  for (let row = 0; row < series.length; row++) {
    for (let step = 0; step < steps; step++) occupied[step]! |= present[row * steps + step]!;
  }
  return occupied;
}

/** Collects rows by label set; two values for one set at one step are the query's fault. */
export class TableBuilder {
  readonly #steps: number;
  readonly #memory: QueryMemory;
  readonly #sets = new LabelSets();
  readonly #histograms = new Map<number, NativeHistogram>();
  #values: Float64Array;
  #present: Uint8Array;

  constructor(steps: number, memory: QueryMemory) {
    this.#steps = steps;
    this.#memory = memory;
    this.#values = new Float64Array(steps * 16);
    this.#present = new Uint8Array(steps * 16);
  }

  row(labels: Labels): number {
    const row = this.#sets.add(labels, this.#memory);
    if ((row + 1) * this.#steps > this.#values.length) this.#grow();
    return row;
  }

  set(row: number, step: number, value: number): void {
    const cell = row * this.#steps + step;
    if (this.#present[cell] === 1) {
      throw sameLabelsError(this.#sets.sets[row] ?? []);
    }
    this.#present[cell] = 1;
    this.#values[cell] = value;
  }

  setHistogram(row: number, step: number, histogram: NativeHistogram): void {
    this.set(row, step, Number.NaN);
    this.#histograms.set(row * this.#steps + step, histogram);
  }

  /** The cell of another table as it is. */
  copy(row: number, step: number, from: VectorTable, cell: number): void {
    this.set(row, step, from.values[cell]!);
    const histogram = from.histograms?.get(cell);
    if (histogram) this.#histograms.set(row * this.#steps + step, histogram);
  }

  build(): VectorTable {
    const series = this.#sets.sets;
    const cells = series.length * this.#steps;
    return {
      series,
      steps: this.#steps,
      values: this.#values.subarray(0, cells),
      present: this.#present.subarray(0, cells),
      ...histogramsPart(this.#histograms),
    };
  }

  #grow(): void {
    const cells = this.#values.length * 2;
    if (cells > MOST_RESULT_CELLS * 2) {
      throw new OpsError(QUERY_ERRORS.tooLarge, { cells, limit: MOST_RESULT_CELLS });
    }
    const values = new Float64Array(cells);
    this.#memory.keepCells(values, this.#values.length);
    values.set(this.#values);
    this.#values = values;
    const present = new Uint8Array(cells);
    present.set(this.#present);
    this.#present = present;
  }
}
