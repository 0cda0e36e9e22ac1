import type { NativeHistogram } from "@hms-ops/model";
import { emptyTable, histogramsPart, namesakesPart, type VectorTable } from "./table.ts";

/** Cells of a table that are kept; their series stand in the order in which they were chosen. */
export class Choice {
  readonly #table: VectorTable;
  readonly #isKept: Uint8Array;
  /** By row: 1 = it is among `rows`. */
  readonly #isChosen: Uint8Array;
  readonly #rows: number[] = [];

  constructor(table: VectorTable) {
    this.#table = table;
    this.#isKept = new Uint8Array(table.present.length);
    this.#isChosen = new Uint8Array(table.series.length);
  }

  keep(row: number, step: number): void {
    this.#isKept[row * this.#table.steps + step] = 1;
    if (this.#isChosen[row] === 1) return;
    this.#isChosen[row] = 1;
    this.#rows.push(row);
  }

  chosen(): VectorTable {
    const { series, steps, values, histograms } = this.#table;
    const chosen = emptyTable(
      this.#rows.map((row) => series[row]!),
      steps,
    );
    const kept = new Map<number, NativeHistogram>();
    for (const [place, row] of this.#rows.entries()) {
      const from = row * steps;
      chosen.values.set(values.subarray(from, from + steps), place * steps);
      chosen.present.set(this.#isKept.subarray(from, from + steps), place * steps);
      for (let step = 0; histograms && step < steps; step++) {
        const histogram = histograms.get(from + step);
        if (histogram && this.#isKept[from + step] === 1) kept.set(place * steps + step, histogram);
      }
    }
    return { ...chosen, ...histogramsPart(kept), ...namesakesPart(this.#table) };
  }
}
