import { labelValue, METRIC_NAME, type NativeHistogram } from "@hms-ops/model";
import { histogramAvgOverTime, histogramSumOverTime } from "../functions/histogram-over-time.ts";
import * as rates from "../functions/histogram-rate.ts";
import type { HistogramRangeFunction } from "../functions/histogram-window.ts";
import type { Window } from "../functions/window.ts";
import { equalHistograms } from "../histograms/arithmetic.ts";
import type { HistogramNote } from "../histograms/notes.ts";
import { detectReset } from "../histograms/reset.ts";
import type { SeriesColumns } from "./columns.ts";
import { QueryMemory } from "./query-memory.ts";
import {
  keptRows,
  moveWindow,
  type RangeEvaluation,
  type RangeRequest,
  rangeTable,
  withoutStale,
} from "./selectors.ts";
import { type Histograms, histogramsPart, relabelSeries, type VectorTable } from "./table.ts";

type CellValue = number | NativeHistogram | undefined;
type Note = (note: HistogramNote) => void;

/** What a range function makes of a window that has a histogram in it. */
type HistogramRule =
  /** It only looks at times, or counts samples. */
  | { readonly kind: "any-sample" }
  /** It looks at single samples. */
  | { readonly kind: "samples"; evaluate(window: Window, histograms: Histograms): CellValue }
  /** Floats alone or histograms alone; of the last two samples only, where it looks at no more. */
  | {
      readonly kind: "one-type";
      readonly evaluate: HistogramRangeFunction;
      readonly lastTwo?: boolean;
    };

const ANY_SAMPLE: HistogramRule = { kind: "any-sample" };

/** Of the functions that are not listed, histograms are no samples. */
const RULES: Readonly<Record<string, HistogramRule>> = {
  count_over_time: ANY_SAMPLE,
  present_over_time: ANY_SAMPLE,
  absent_over_time: ANY_SAMPLE,
  ts_of_first_over_time: ANY_SAMPLE,
  ts_of_last_over_time: ANY_SAMPLE,
  first_over_time: {
    kind: "samples",
    evaluate: ({ values, from }, histograms) => histograms.get(from) ?? values[from],
  },
  last_over_time: {
    kind: "samples",
    evaluate: ({ values, to }, histograms) => histograms.get(to - 1) ?? values[to - 1],
  },
  resets: { kind: "samples", evaluate: countResets },
  changes: { kind: "samples", evaluate: countChanges },
  rate: { kind: "one-type", evaluate: rates.histogramRate },
  increase: { kind: "one-type", evaluate: rates.histogramIncrease },
  delta: { kind: "one-type", evaluate: rates.histogramDelta },
  irate: { kind: "one-type", evaluate: rates.histogramIrate, lastTwo: true },
  idelta: { kind: "one-type", evaluate: rates.histogramIdelta, lastTwo: true },
  sum_over_time: { kind: "one-type", evaluate: histogramSumOverTime },
  avg_over_time: { kind: "one-type", evaluate: histogramAvgOverTime },
};

type Sample = number | NativeHistogram;

const isReset = (sample: Sample, before: Sample): boolean => {
  if (typeof sample === "number" || typeof before === "number") return sample < before;
  return detectReset(sample, before);
};
const isChange = (sample: Sample, before: Sample): boolean => {
  if (typeof sample === "number" || typeof before === "number") {
    return sample !== before && !(Number.isNaN(sample) && Number.isNaN(before));
  }
  return !equalHistograms(sample, before);
};

export function countResets(window: Window, histograms: Histograms): number {
  return countSteps(window, histograms, isReset);
}

export function countChanges(window: Window, histograms: Histograms): number {
  return countSteps(window, histograms, isChange);
}

/** From a float to a histogram and back it always happens. */
function countSteps(
  { values, from, to }: Window,
  histograms: Histograms,
  happens: (sample: Sample, before: Sample) => boolean,
): number {
  let count = 0;
  let before: Sample = histograms.get(from) ?? values[from]!;
  for (let row = from + 1; row < to; row++) {
    const sample: Sample = histograms.get(row) ?? values[row]!;
    if (typeof sample !== typeof before || happens(sample, before)) count++;
    before = sample;
  }
  return count;
}

/** A range function over series of which some have histograms. `note` hears the metric's name. */
export function mixedRangeTable(
  name: string,
  columns: SeriesColumns,
  request: RangeRequest,
  how: RangeEvaluation,
  note: (note: HistogramNote, metricName: string) => void,
): VectorTable {
  const live = withoutStale(columns);
  const { histograms } = live;
  if (histograms === undefined) return rangeTable(live, request, how);
  const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined;
  if (rule?.kind === "any-sample") return rangeTable(live, request, how);
  const floats = keptRows(live, (row) => !histograms.has(row));
  if (rule === undefined) {
    eachWindow(live, histograms, request, (window, _, row) => {
      const inside = histogramRows(window, histograms);
      if (inside.length === 0) return;
      // There is nothing to answer, but arguments may be wrong.
      if (inside.length === window.to - window.from) {
        how.evaluate({ ...window, to: window.from });
        return;
      }
      note("ignored-in-range", labelValue(live.series[row]!, METRIC_NAME));
    });
    return rangeTable(floats, request, how);
  }
  const table = rangeTable(floats, request, { ...how, keepsName: true });
  const cells = new Map<number, NativeHistogram>();
  const memory = new QueryMemory(request.budget);
  eachWindow(live, histograms, request, (window, cell, row) => {
    const noteOne: Note = (one) => note(one, labelValue(live.series[row]!, METRIC_NAME));
    const value = cellValue(rule, window, histograms, how, noteOne);
    table.present[cell] = value === undefined ? 0 : 1;
    if (typeof value === "number") table.values[cell] = value;
    else if (value !== undefined) {
      if (rule.kind === "one-type") memory.keepHistogram(value);
      cells.set(cell, value);
    }
  });
  const result = { ...table, ...histogramsPart(cells) };
  return how.keepsName ? result : relabelSeries(result, request.nameless, memory);
}

function cellValue(
  rule: Exclude<HistogramRule, { readonly kind: "any-sample" }>,
  window: Window,
  histograms: Histograms,
  how: RangeEvaluation,
  note: Note,
): CellValue {
  if (rule.kind === "samples") return rule.evaluate(window, histograms);
  const judged = rule.lastTwo ? { ...window, from: Math.max(window.from, window.to - 2) } : window;
  const rows = histogramRows(judged, histograms);
  if (rows.length === 0) return how.evaluate(judged);
  if (rows.length < judged.to - judged.from) {
    note("mixed-range");
    return undefined;
  }
  const { startMs, endMs } = judged;
  const timesMs = rows.map((row) => judged.timesMs[row]!);
  const inside = rows.map((row) => histograms.get(row)!);
  return rule.evaluate({ timesMs, histograms: inside, startMs, endMs }, note);
}

export function histogramRows({ from, to }: Window, histograms: Histograms): readonly number[] {
  const rows: number[] = [];
  for (let row = from; row < to; row++) if (histograms.has(row)) rows.push(row);
  return rows;
}

/** Every window with samples in it, of the series that have histograms. */
export function eachWindow(
  { series, offsets, timesMs, values }: SeriesColumns,
  histograms: Histograms,
  { ends, rangeMs, stepTimes, parameters, budget }: RangeRequest,
  see: (window: Window, cell: number, row: number) => void,
): void {
  for (let row = 0; row < series.length; row++) {
    const first = offsets[row]!;
    const last = offsets[row + 1]!;
    const whole = { timesMs, values, series: row, from: first, to: last };
    if (histogramRows({ ...whole, ...NO_TIMES }, histograms).length === 0) continue;
    budget.spend(0, 0);
    const window: Window = { ...whole, ...NO_TIMES, to: first };
    for (let step = 0; step < ends.length; step++) {
      moveWindow(window, ends[step]!, rangeMs, last);
      if (window.to === window.from) continue;
      window.timeMs = stepTimes[step]!;
      window.parameters = parameters.map((column) => column[step]!);
      see(window, row * ends.length + step, row);
    }
  }
}

const NO_TIMES = { startMs: 0, endMs: 0, timeMs: 0, parameters: [] };
