import type { MatrixSeries, QueryBudget } from "@hms-ops/model";
import { edgeFunction, edgeSamples, smoothedValue } from "../functions/edges.ts";
import type { Window } from "../functions/window.ts";
import type { RangeEdges } from "../syntax/ast.ts";
import type { SeriesColumns } from "./columns.ts";
import { type NamedNote, withHistogramEdges } from "./histogram-edges.ts";
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

/** `rate(x[5m] anchored)` and its like. */
export function edgeTable(
  name: string,
  edges: RangeEdges,
  columns: SeriesColumns,
  request: RangeRequest,
  lookbackMs: number,
  note: NamedNote,
): VectorTable {
  const evaluate = knownFunction(name, edges);
  const around = surroundings(edges, lookbackMs);
  return widened(columns, request, around, evaluate, { name, edges }, note);
}

/** Throws where a function does not know what to do with edges. */
export function knownFunction(name: string, edges: RangeEdges) {
  const evaluate = edgeFunction(name, edges);
  if ("problem" in evaluate) throw executionError(evaluate.problem);
  return evaluate;
}

/** `x smoothed`: values on the line between samples. */
export function smoothedTable(
  columns: SeriesColumns,
  times: Float64Array,
  lookbackMs: number,
  budget: QueryBudget,
  note: NamedNote,
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
  return widened(columns, request, around, smoothedValue, undefined, note);
}

function widened(
  columns: SeriesColumns,
  request: RangeRequest,
  around: Surroundings,
  evaluate: (window: Window) => number | undefined,
  call: { readonly name: string; readonly edges: RangeEdges } | undefined,
  note: NamedNote,
): VectorTable {
  const { ends, rangeMs } = request;
  const { beforeMs, afterMs } = around;
  const wide = {
    ...request,
    ends: ends.map((end) => end + afterMs),
    rangeMs: rangeMs + beforeMs + afterMs,
  };
  const floats = rangeTable(floatRows(columns), wide, {
    evaluate: (window) => {
      window.startMs += beforeMs;
      window.endMs -= afterMs;
      return evaluate(window);
    },
    keepsName: true,
  });
  const own = ({ startMs, endMs }: Window) => ({
    startMs: startMs + beforeMs,
    endMs: endMs - afterMs,
  });
  return withHistogramEdges(call, floats, columns, wide, own, note);
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
  const { beforeMs, afterMs } = surroundings(edges, lookbackMs);
  const { timesMs, values, offsets } = live;
  return live.series.flatMap((labels, i) => {
    let from = offsets[i]!;
    let to = offsets[i + 1]!;
    while (from < to && timesMs[from]! <= endMs - rangeMs - beforeMs) from++;
    while (to > from && timesMs[to - 1]! > endMs + afterMs) to--;
    for (let row = from; row < to; row++) {
      if (!live.histograms?.has(row)) continue;
      throw executionError(`${edges} modifier is not supported with histograms`);
    }
    const window: Window = {
      timesMs,
      values,
      series: i,
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
