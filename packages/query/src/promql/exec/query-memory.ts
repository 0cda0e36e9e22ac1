import type { Labels, NativeHistogram, QueryBudget } from "@hms-ops/model";
import { histogramBytes } from "./histogram-memory.ts";

/** Measured: an array and its elements, which are texts that others hold. */
const SET_BYTES = 48;
const PART_BYTES = 8;
/** Measured: what a text takes beside its characters, which are mostly of one byte. */
const TEXT_BYTES = 32;
/** Value and presence of a table's cell. */
export const CELL_BYTES = 9;
const TOLD_AT_ONCE = 1024 * 1024;
/** Series that may be looked at before the budget is asked whether the query may go on. */
const SERIES_PER_CHECK = 1_000;

/**
 * Tells the budget what an evaluation makes beside columns: histograms, label sets and their texts,
 * what is noted per series, and tables. Less than 1 MiB stays untold.
 */
export class QueryMemory {
  readonly #budget: QueryBudget;
  readonly #toldCells = new WeakSet<ArrayBufferLike>();
  #untold = 0;
  #unchecked = 0;

  constructor(budget: QueryBudget) {
    this.#budget = budget;
  }

  keepHistogram(histogram: NativeHistogram): void {
    this.keepBytes(histogramBytes(histogram));
  }

  /** Of a set that was made; texts that were made for it are told by themselves. */
  keepLabels({ length }: Labels): void {
    this.keepBytes(SET_BYTES + length * PART_BYTES);
  }

  keepText({ length }: string): void {
    this.keepBytes(TEXT_BYTES + length);
  }

  keepBytes(bytes: number): void {
    this.#untold += bytes;
    if (this.#untold >= TOLD_AT_ONCE) this.#tell();
  }

  /** To be called for each series that something is done with, where it makes nothing. */
  visit(): void {
    if (++this.#unchecked >= SERIES_PER_CHECK) this.#tell();
  }

  /** Once, however many tables share the cells. `grownFrom`: cells that were told of before. */
  keepCells({ buffer, length }: Float64Array, grownFrom = 0): void {
    if (this.#toldCells.has(buffer)) return;
    this.#toldCells.add(buffer);
    this.#budget.spend(0, (length - grownFrom) * CELL_BYTES);
  }

  #tell(): void {
    const bytes = this.#untold;
    this.#untold = 0;
    this.#unchecked = 0;
    this.#budget.spend(0, bytes);
  }
}
