import { labelValue, METRIC_NAME, type NativeHistogram } from "@hms-ops/model";
import { histogramEdgeChange, smoothedHistogram } from "../functions/histogram-edges.ts";
import type { HistogramWindow } from "../functions/histogram-window.ts";
import type { Window } from "../functions/window.ts";
import type { HistogramNote } from "../histograms/notes.ts";
import type { RangeEdges } from "../syntax/ast.ts";
import type { SeriesColumns } from "./columns.ts";
import { countChanges, countResets, eachWindow, histogramRows } from "./histogram-ranges.ts";
import { QueryMemory } from "./query-memory.ts";
import { type RangeRequest, withoutStale } from "./selectors.ts";
import { type Histograms, histogramsPart, relabelSeries, type VectorTable } from "./table.ts";

/** `note` hears the metric's name. */
export type NamedNote = (note: HistogramNote, metricName: string) => void;

type Note = (note: HistogramNote) => void;
type Evaluate = (window: HistogramWindow, note: Note) => NativeHistogram | undefined;

/**
 * Puts the histograms' part into a table that was made from the floats alone.
 * @param floats with names
 * @param request the windows with what lies around the range
 * @param own the range's own ends in such a window
 */
export function withHistogramEdges(
  call: { readonly name: string; readonly edges: RangeEdges } | undefined,
  floats: VectorTable,
  columns: SeriesColumns,
  request: RangeRequest,
  own: (window: Window) => { readonly startMs: number; readonly endMs: number },
  note: NamedNote,
): VectorTable {
  const live = withoutStale(columns);
  const { histograms, series } = live;
  if (histograms === undefined)
    return call ? relabelSeries(floats, request.nameless, new QueryMemory(request.budget)) : floats;
  const cells = new Map<number, NativeHistogram>();
  const memory = new QueryMemory(request.budget);
  eachWindow(live, histograms, request, (window, cell, row) => {
    const rows = histogramRows(window, histograms);
    if (rows.length === 0) return;
    const range = { ...window, ...own(window) };
    const noteOne: Note = (one) => note(one, labelValue(series[row]!, METRIC_NAME));
    const value = edgeValue(call, range, rows, histograms, noteOne);
    floats.present[cell] = value === undefined ? 0 : 1;
    if (typeof value === "number") floats.values[cell] = value;
    else if (value) {
      memory.keepHistogram(value);
      cells.set(cell, value);
    }
  });
  const table = { ...floats, ...histogramsPart(cells) };
  return call ? relabelSeries(table, request.nameless, memory) : table;
}

function edgeValue(
  call: { readonly name: string; readonly edges: RangeEdges } | undefined,
  window: Window,
  rows: readonly number[],
  histograms: Histograms,
  note: Note,
): number | NativeHistogram | undefined {
  if (call?.name === "resets" || call?.name === "changes") {
    const count = call.name === "resets" ? countResets : countChanges;
    const anchored = fromAnchor(window);
    return anchored && count(anchored, histograms);
  }
  if (rows.length < window.to - window.from) {
    note("mixed-range");
    return undefined;
  }
  const { startMs, endMs } = window;
  const timesMs = rows.map((row) => window.timesMs[row]!);
  const inside = { timesMs, histograms: rows.map((row) => histograms.get(row)!), startMs, endMs };
  return evaluation(call)(inside, note);
}

function evaluation(
  call: { readonly name: string; readonly edges: RangeEdges } | undefined,
): Evaluate {
  if (call === undefined) return smoothedHistogram;
  const change = {
    smoothed: call.edges === "smoothed",
    counter: call.name !== "delta",
    perSecond: call.name === "rate",
  };
  return (window, note) => histogramEdgeChange(window, change, note);
}

/** The newest sample at or before the range, and all in it; undefined where none is in it. */
function fromAnchor(window: Window): Window | undefined {
  const { timesMs, to, startMs } = window;
  let { from } = window;
  if (timesMs[to - 1]! <= startMs) return undefined;
  while (timesMs[from + 1]! <= startMs) from++;
  return { ...window, from };
}
