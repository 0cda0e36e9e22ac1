import { type NativeHistogram, NO_BUCKETS, type QueryBudget, type ResetHint } from "@hms-ops/model";
import { sameBounds } from "../histograms/layout.ts";
import { detectReset } from "../histograms/reset.ts";
import type { SeriesColumns } from "./columns.ts";
import { QueryMemory } from "./query-memory.ts";
import { instantTable } from "./selectors.ts";
import { type Histograms, histogramsPart, type VectorTable } from "./table.ts";

/*
 * Histograms of which only count and sum are asked. Prometheus leaves their buckets out as it reads
 * them, and looks for resets while it still has them (promql/histogram_stats_iterator.go): a hint
 * says what was found. So it depends on what was read before, and that is told here as there: a
 * range is read once from front to back; an instant vector looks at the sample at or behind each
 * step, and at the one before.
 */

/** The same samples for windows that end there; `ends` never fall. */
export function rangeStats(
  columns: SeriesColumns,
  ends: Float64Array,
  rangeMs: number,
  budget: QueryBudget,
): SeriesColumns {
  const { histograms, series, offsets, timesMs } = columns;
  if (histograms === undefined || ends.length === 0) return columns;
  const memory = new QueryMemory(budget);
  // At what lies in no window nobody looks.
  const stats = new Map(histograms);
  for (let k = 0; k < series.length; k++) {
    const last = offsets[k + 1]!;
    const reader = new HintReader(columns, histograms, offsets[k]!);
    let next = offsets[k]!;
    while (next < last && timesMs[next]! <= ends[0]! - rangeMs) next++;
    for (const end of ends) {
      if (next < last && timesMs[next]! < end - rangeMs) {
        reader.forget();
        while (next < last && timesMs[next]! < end - rangeMs) next++;
      }
      for (; next < last && timesMs[next]! <= end; next++) {
        const histogram = histograms.get(next);
        if (histogram) stats.set(next, statsOf(histogram, reader.read(next), memory));
      }
    }
  }
  return { ...columns, histograms: stats };
}

/** An instant vector of them. */
export function statsTable(
  columns: SeriesColumns,
  times: Float64Array,
  lookbackMs: number,
  budget: QueryBudget,
): VectorTable {
  const table = instantTable(columns, times, lookbackMs, "value", budget);
  if (columns.histograms === undefined || table.histograms === undefined) return table;
  const memory = new QueryMemory(budget);
  const cells = new Map<number, NativeHistogram>();
  for (let row = 0; row < columns.series.length; row++) {
    const hints = new InstantHints(columns, columns.histograms, row, (times[0] ?? 0) - lookbackMs);
    for (let step = 0; step < times.length; step++) {
      const hint = hints.at(times[step]!, lookbackMs);
      const cell = row * times.length + step;
      const histogram = table.histograms.get(cell);
      if (histogram) cells.set(cell, statsOf(histogram, hint, memory));
    }
  }
  return { ...table, ...histogramsPart(cells) };
}

/** The schema stays, so that histograms of both kinds of bounds still don't go together (since 3.12). */
function statsOf(
  { schema, count, sum }: NativeHistogram,
  resetHint: ResetHint,
  memory: QueryMemory,
): NativeHistogram {
  const stats = {
    isInteger: false,
    resetHint,
    schema,
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum,
    positive: NO_BUCKETS,
    negative: NO_BUCKETS,
    customBounds: NO_BUCKETS.counts,
  };
  memory.keepHistogram(stats);
  return stats;
}

/** Goes through a series as a look-back does: to the first sample that is not before each time. */
class InstantHints {
  readonly #columns: SeriesColumns;
  readonly #reader: HintReader;
  readonly #last: number;
  #next: number;
  #timeMs = Number.NEGATIVE_INFINITY;
  #before: ResetHint = "unknown";
  #found: ResetHint = "unknown";

  constructor(columns: SeriesColumns, histograms: Histograms, row: number, afterMs: number) {
    this.#columns = columns;
    this.#reader = new HintReader(columns, histograms, columns.offsets[row]!);
    this.#last = columns.offsets[row + 1]!;
    this.#next = columns.offsets[row]!;
    this.#skip((timeMs) => timeMs <= afterMs);
  }

  /** Of the newest sample at the time; times never fall. */
  at(timeMs: number, lookbackMs: number): ResetHint {
    if (timeMs === this.#timeMs) return this.#found;
    const isFirst = this.#timeMs === Number.NEGATIVE_INFINITY;
    this.#timeMs = timeMs;
    const { timesMs } = this.#columns;
    if (!isFirst && this.#next < this.#last && timesMs[this.#next]! < timeMs - lookbackMs) {
      this.#reader.forget();
      this.#skip((one) => one < timeMs - lookbackMs);
    }
    while (this.#next < this.#last && timesMs[this.#next]! < timeMs) {
      this.#before = this.#reader.read(this.#next++);
    }
    this.#found = this.#before;
    if (this.#next < this.#last) {
      const hint = this.#reader.read(this.#next);
      if (timesMs[this.#next] === timeMs) this.#found = hint;
    }
    return this.#found;
  }

  #skip(isBefore: (timeMs: number) => boolean): void {
    while (this.#next < this.#last && isBefore(this.#columns.timesMs[this.#next]!)) this.#next++;
  }
}

/** What a histogram says of resets, if Prometheus read it now. */
class HintReader {
  readonly #columns: SeriesColumns;
  readonly #histograms: Histograms;
  readonly #first: number;
  /** Row that was read last, −1: none that is remembered. */
  #last = -1;
  /** What it said. */
  #hint: ResetHint = "unknown";

  constructor(columns: SeriesColumns, histograms: Histograms, first: number) {
    this.#columns = columns;
    this.#histograms = histograms;
    this.#first = first;
  }

  forget(): void {
    this.#last = -1;
  }

  /** Floats and stale markers say nothing and are not remembered. Read again, a row says the same. */
  read(row: number): ResetHint {
    const histogram = this.#histograms.get(row);
    if (histogram === undefined) return "unknown";
    if (row !== this.#last) {
      this.#hint = this.#found(row, histogram, this.#last);
      this.#last = row;
    }
    return this.#hint;
  }

  #found(row: number, histogram: NativeHistogram, before: number): ResetHint {
    if (histogram.resetHint === "gauge") return "gauge";
    if (!this.#beginsChunk(row, histogram)) return "not-reset";
    if (before < 0) return "unknown";
    return detectReset(histogram, this.#histograms.get(before)!) ? "reset" : "not-reset";
  }

  /**
   * Inside a chunk there are no resets. A chunk ends with the kind of its samples, their layout, a
   * reset and a stale marker; that it also ends when it is full is not told here.
   */
  #beginsChunk(row: number, histogram: NativeHistogram): boolean {
    const { stale } = this.#columns;
    const before = row > this.#first ? this.#histograms.get(row - 1) : undefined;
    if (before === undefined || stale[row - 1] === 1) return true;
    return (
      before.isInteger !== histogram.isInteger ||
      before.resetHint === "gauge" ||
      before.schema !== histogram.schema ||
      before.zeroThreshold !== histogram.zeroThreshold ||
      !sameBounds(before.customBounds, histogram.customBounds) ||
      detectReset(histogram, before)
    );
  }
}
