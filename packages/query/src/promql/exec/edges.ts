import type { MatrixSeries, QueryBudget } from "@hms-ops/model";
import { edgeFunction, edgeSamples, smoothedValue } from "../functions/edges.ts";
import type { Window } from "../functions/window.ts";
import type { RangeEdges } from "../syntax/ast.ts";
import type { SeriesColumns } from "./columns.ts";
import { dropName } from "./names.ts";
import { keptRows, type RangeRequest, rangeTable, withoutStale } from "./selectors.ts";
import { executionError, type VectorTable } from "./table.ts";

/** How far beyond its range a selector with edges looks. */
export interface Surroundings {
  readonly beforeMs: number;
  readonly afterMs: number;
}

export function surroundings(edges: RangeEdges | undefined, lookbackMs: number): Surroundings {
  return {
    beforeMs: edges === undefined ? 0 : lookbackMs,
    afterMs: edges === "smoothed" ? lookbackMs : 0,
  };
}

/** `rate(x[5m] anchored)` and its like; histograms are passed over. */
export function edgeTable(
  name: string,
  edges: RangeEdges,
  columns: SeriesColumns,
  request: RangeRequest,
  lookbackMs: number,
): VectorTable {
  const evaluate = edgeFunction(name, edges);
  if ("problem" in evaluate) throw executionError(evaluate.problem);
  return widened(columns, request, surroundings(edges, lookbackMs), evaluate);
}

/** `x smoothed`: values on the line between samples. */
export function smoothedTable(
  columns: SeriesColumns,
  times: Float64Array,
  lookbackMs: number,
  budget: QueryBudget,
): VectorTable {
  const request = {
    ends: times,
    rangeMs: 0,
    stepTimes: times,
    parameters: [],
    budget,
    nameless: dropName,
  };
  const around = surroundings("smoothed", lookbackMs);
  return widened(columns, request, around, smoothedValue, true);
}

function widened(
  columns: SeriesColumns,
  request: RangeRequest,
  around: Surroundings,
  evaluate: (window: Window) => number | undefined,
  keepsName = false,
): VectorTable {
  const { ends, rangeMs } = request;
  const { beforeMs, afterMs } = around;
  const wide = {
    ...request,
    ends: ends.map((end) => end + afterMs),
    rangeMs: rangeMs + beforeMs + afterMs,
  };
  return rangeTable(floatRows(columns), wide, {
    evaluate: (window) => {
      window.startMs += beforeMs;
      window.endMs -= afterMs;
      return evaluate(window);
    },
    keepsName,
  });
}

function floatRows(columns: SeriesColumns): SeriesColumns {
  const { histograms } = columns;
  return histograms ? keptRows(columns, (row) => !histograms.has(row)) : columns;
}

/** `x[5m] anchored` as an instant query: its samples, with one at either edge. */
export function edgeSeries(
  columns: SeriesColumns,
  edges: RangeEdges,
  endMs: number,
  rangeMs: number,
  lookbackMs: number,
): readonly MatrixSeries[] {
  const live = withoutStale(columns);
  if (live.histograms)
    throw executionError(`${edges} ranges of histograms have no samples to show`);
  const { beforeMs, afterMs } = surroundings(edges, lookbackMs);
  const { timesMs, values, offsets } = live;
  return live.series.flatMap((labels, i) => {
    let from = offsets[i]!;
    let to = offsets[i + 1]!;
    while (from < to && timesMs[from]! <= endMs - rangeMs - beforeMs) from++;
    while (to > from && timesMs[to - 1]! > endMs + afterMs) to--;
    const window: Window = {
      timesMs,
      values,
      seriesFrom: offsets[i]!,
      from,
      to,
      startMs: endMs - rangeMs,
      endMs,
      timeMs: endMs,
      parameters: [],
    };
    const samples = edgeSamples(window, edges === "smoothed");
    return samples ? [{ labels, ...samples }] : [];
  });
}
