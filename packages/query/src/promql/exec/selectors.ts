import type { NativeHistogram, QueryBudget } from "@hms-ops/model";
import { isSlidingWorth } from "../functions/slider.ts";
import type { RangeFunction, Window } from "../functions/window.ts";
import type { SeriesColumns } from "./columns.ts";
import type { Nameless } from "./names.ts";
import { QueryMemory } from "./query-memory.ts";
import {
  emptyTable,
  histogramsPart,
  relabelSeries,
  tableBytes,
  type VectorTable,
} from "./table.ts";

/** Samples that may be looked at before the budget is asked whether the query may go on. */
const SAMPLES_PER_CHECK = 1_000;

/**
 * Newest sample of each series in (t − lookback, t] at each time, nothing where it is a stale
 * marker. `times` never falls. Hot: one forward pass over the samples of each series.
 */
export function instantTable(
  columns: SeriesColumns,
  times: Float64Array,
  lookbackMs: number,
  what: "value" | "timestamp",
  budget: QueryBudget,
): VectorTable {
  budget.spend(0, tableBytes(columns.series.length, times.length));
  const table = emptyTable(columns.series, times.length);
  const { offsets, timesMs, stale } = columns;
  const rowHistograms = what === "value" ? columns.histograms : undefined;
  const histograms = new Map<number, NativeHistogram>();
  let unchecked = 0;
  for (let row = 0; row < columns.series.length; row++) {
    const last = offsets[row + 1]!;
    unchecked += last - offsets[row]! + times.length;
    if (unchecked >= SAMPLES_PER_CHECK) {
      budget.spend(0, 0);
      unchecked = 0;
    }
    let next = offsets[row]!;
    for (let step = 0; step < times.length; step++) {
      const time = times[step]!;
      while (next < last && timesMs[next]! <= time) next++;
      const newest = next - 1;
      if (newest < offsets[row]! || timesMs[newest]! <= time - lookbackMs || stale[newest] === 1)
        continue;
      const cell = row * times.length + step;
      table.present[cell] = 1;
      table.values[cell] = what === "value" ? columns.values[newest]! : timesMs[newest]! / 1000;
      const histogram = rowHistograms?.get(newest);
      if (histogram !== undefined) histograms.set(cell, histogram);
    }
  }
  return { ...table, ...histogramsPart(histograms) };
}

/**
 * When the newest samples at the times `asked` were, in seconds, of those alone that a selector
 * reads for `times`.
 */
export function foundTimes(
  columns: SeriesColumns,
  times: Float64Array,
  asked: Float64Array,
  lookbackMs: number,
  budget: QueryBudget,
): VectorTable {
  const ends = asked.map((at, step) => Math.min(at, times[step]!));
  const table = instantTable(columns, ends, lookbackMs, "timestamp", budget);
  for (let cell = 0; cell < table.values.length; cell++) {
    const step = cell % table.steps;
    const afterMs = Math.max(asked[step]!, times[step]!) - lookbackMs;
    if (Math.round(table.values[cell]! * 1000) <= afterMs) table.present[cell] = 0;
  }
  return table;
}

export interface RangeRequest {
  /** Ends of the windows; never fall. */
  readonly ends: Float64Array;
  readonly rangeMs: number;
  readonly stepTimes: Float64Array;
  /** Scalar arguments, one column a parameter. */
  readonly parameters: readonly Float64Array[];
  /** Asked every thousand samples, so that a cancelled query ends soon. */
  readonly budget: QueryBudget;
  /** What becomes of the series' names. */
  readonly nameless: Nameless;
}

export interface RangeEvaluation {
  readonly evaluate: RangeFunction;
  readonly slide?: (() => RangeFunction) | undefined;
  readonly keepsName?: boolean;
}

/** A range function over every series and step: two pointers slide over the samples. */
export function rangeTable(
  columns: SeriesColumns,
  request: RangeRequest,
  how: RangeEvaluation,
): VectorTable {
  const live = withoutStale(columns);
  const { ends, rangeMs, budget } = request;
  const evaluate = how.slide && isSlidingWorth(ends, rangeMs) ? how.slide() : how.evaluate;
  budget.spend(0, tableBytes(live.series.length, ends.length));
  const table = emptyTable(live.series, ends.length);
  let unchecked = 0;
  const window: Window = {
    timesMs: live.timesMs,
    values: live.values,
    series: 0,
    from: 0,
    to: 0,
    startMs: 0,
    endMs: 0,
    timeMs: 0,
    parameters: request.parameters.map(() => 0),
  };
  for (let row = 0; row < live.series.length; row++) {
    const last = live.offsets[row + 1]!;
    window.series = row;
    window.from = live.offsets[row]!;
    window.to = window.from;
    for (let step = 0; step < ends.length; step++) {
      moveWindow(window, ends[step]!, rangeMs, last);
      unchecked += window.to - window.from + 1;
      if (unchecked >= SAMPLES_PER_CHECK) {
        budget.spend(0, 0);
        unchecked = 0;
      }
      if (window.to === window.from) continue;
      window.timeMs = request.stepTimes[step]!;
      for (const [i, column] of request.parameters.entries()) window.parameters[i] = column[step]!;
      const value = evaluate(window);
      if (value === undefined) continue;
      const cell = row * ends.length + step;
      table.present[cell] = 1;
      table.values[cell] = value;
    }
  }
  return how.keepsName ? table : relabelSeries(table, request.nameless, new QueryMemory(budget));
}

export function moveWindow(window: Window, endMs: number, rangeMs: number, last: number): void {
  const { timesMs } = window;
  window.endMs = endMs;
  window.startMs = endMs - rangeMs;
  while (window.to < last && timesMs[window.to]! <= endMs) window.to++;
  while (window.from < window.to && timesMs[window.from]! <= window.startMs) window.from++;
}

/** Stale markers are no samples of a range. */
export function withoutStale(columns: SeriesColumns): SeriesColumns {
  const { series, offsets, stale } = columns;
  return stale.subarray(0, offsets[series.length]!).includes(1)
    ? keptRows(columns, (row) => stale[row] !== 1)
    : columns;
}

/** Only the rows that are wanted; none of them is a stale marker. */
export function keptRows(
  { series, offsets, timesMs, values, histograms }: SeriesColumns,
  isWanted: (row: number) => boolean,
): SeriesColumns {
  const rows = offsets[series.length]!;
  const keptHistograms = new Map<number, NativeHistogram>();
  const kept = new Uint32Array(offsets.length);
  const keptTimes = new Float64Array(rows);
  const keptValues = new Float64Array(rows);
  let at = 0;
  for (let row = 0; row < series.length; row++) {
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
      if (!isWanted(i)) continue;
      keptTimes[at] = timesMs[i]!;
      keptValues[at] = values[i]!;
      const histogram = histograms?.get(i);
      if (histogram !== undefined) keptHistograms.set(at, histogram);
      at++;
    }
    kept[row + 1] = at;
  }
  return {
    series,
    offsets: kept,
    timesMs: keptTimes,
    values: keptValues,
    stale: new Uint8Array(at),
    ...histogramsPart(keptHistograms),
  };
}
