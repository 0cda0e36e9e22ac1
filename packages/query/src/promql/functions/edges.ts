import type { RangeEdges } from "../syntax/ast.ts";
import type { Window } from "./window.ts";

/*
 * Range functions under `anchored` and `smoothed` (promql/functions.go, extendedRate; experimental).
 * The window holds the rows around the range too: those of the look-back before it and, smoothed,
 * after it. `startMs` and `endMs` are the range's own ends. Nothing is extrapolated.
 */

/** Rows that stand for the edges of the range. */
interface Edges {
  readonly first: number;
  readonly last: number;
}

/** Undefined where the range has nothing to say. */
function edgesOf(window: Window, smoothed: boolean): Edges | undefined {
  const { timesMs, from, to, startMs, endMs } = window;
  if (from === to) return undefined;
  const newest = to - 1;
  let inside = from;
  while (inside < newest && timesMs[inside]! <= startMs) inside++;
  const first = Math.max(from, inside - 1);
  let last = newest;
  if (smoothed) {
    last = from;
    while (last < newest && timesMs[last]! < endMs) last++;
  }
  return timesMs[last]! <= startMs ? undefined : { first, last };
}

/** Between two rows on a straight line; a counter that fell between them began at 0. */
function between(
  { timesMs, values }: Window,
  row: number,
  timeMs: number,
  isCounter: boolean,
): number {
  const next = values[row + 1]!;
  const value = isCounter && next < values[row]! ? 0 : values[row]!;
  const spanMs = timesMs[row + 1]! - timesMs[row]!;
  return value + ((next - value) * (timeMs - timesMs[row]!)) / spanMs;
}

function valuesAt(window: Window, { first, last }: Edges, smoothed: boolean, isCounter: boolean) {
  const { timesMs, values, startMs, endMs, from } = window;
  const left =
    smoothed && timesMs[first]! < startMs
      ? between(window, first, startMs, isCounter)
      : values[first]!;
  const right =
    smoothed && last > from && timesMs[last]! > endMs
      ? between(window, last - 1, endMs, isCounter)
      : values[last]!;
  return { left, right };
}

/** Rows strictly inside the range: `from` … `to` − 1. */
function inner({ timesMs, startMs, endMs }: Window, { first, last }: Edges) {
  return {
    from: timesMs[first]! <= startMs ? first + 1 : first,
    to: timesMs[last]! >= endMs ? last : last + 1,
  };
}

/** Change over the range; resets of a counter inside it are made up for. */
function change(window: Window, smoothed: boolean, isCounter: boolean): number | undefined {
  const edges = edgesOf(window, smoothed);
  if (edges === undefined || (smoothed && window.timesMs[edges.first]! > window.endMs))
    return undefined;
  const { left, right } = valuesAt(window, edges, smoothed, isCounter);
  if (!isCounter) return right - left;
  let lost = 0;
  let before = left;
  const { from, to } = inner(window, edges);
  for (let row = from; row < to; row++) {
    const value = window.values[row]!;
    if (value < before) lost += before;
    before = value;
  }
  if (right < before) lost += before;
  return right - left + lost;
}

/** How often something happened between neighbours, the value at the left edge among them. */
function count(
  window: Window,
  happens: (value: number, before: number) => boolean,
): number | undefined {
  const edges = edgesOf(window, false);
  if (edges === undefined) return undefined;
  const { left, right } = valuesAt(window, edges, false, false);
  const { from, to } = inner(window, edges);
  let times = 0;
  let before = left;
  for (let row = from; row < to; row++) {
    const value = window.values[row]!;
    if (happens(value, before)) times++;
    before = value;
  }
  return times + (happens(right, before) ? 1 : 0);
}

type EdgeFunction = (window: Window, smoothed: boolean) => number | undefined;

const ANCHORED: Readonly<Record<string, EdgeFunction>> = {
  changes: (window) =>
    count(
      window,
      (value, before) => value !== before && !(Number.isNaN(value) && Number.isNaN(before)),
    ),
  delta: (window, smoothed) => change(window, smoothed, false),
  increase: (window, smoothed) => change(window, smoothed, true),
  rate: (window, smoothed) => {
    const increase = change(window, smoothed, true);
    return increase === undefined ? undefined : increase / ((window.endMs - window.startMs) / 1000);
  },
  resets: (window) => count(window, (value, before) => value < before),
};
const SMOOTHED: Readonly<Record<string, EdgeFunction>> = {
  delta: ANCHORED.delta!,
  increase: ANCHORED.increase!,
  rate: ANCHORED.rate!,
};

/** The function of a name under these edges, or why there is none. */
export function edgeFunction(
  name: string,
  edges: RangeEdges,
): ((window: Window) => number | undefined) | { readonly problem: string } {
  const table = edges === "anchored" ? ANCHORED : SMOOTHED;
  const evaluate = Object.hasOwn(table, name) ? table[name] : undefined;
  if (evaluate) return (window) => evaluate(window, edges === "smoothed");
  const allowed = Object.keys(table).join(", ");
  return { problem: `${edges} modifier can only be used with: ${allowed} - not with ${name}` };
}

/**
 * The range as samples: one at either edge, those inside between them. Smoothed, one behind the range
 * alone is enough, which tells the functions nothing (promql/engine.go, extendFloats).
 */
export function edgeSamples(
  window: Window,
  smoothed: boolean,
): { readonly timesMs: Float64Array; readonly values: Float64Array } | undefined {
  const edges = edgesOf(window, smoothed);
  if (edges === undefined) return undefined;
  const { left, right } = valuesAt(window, edges, smoothed, false);
  const { from, to } = inner(window, edges);
  const timesMs = [window.startMs, ...window.timesMs.subarray(from, to), window.endMs];
  const values = [left, ...window.values.subarray(from, to), right];
  return { timesMs: Float64Array.from(timesMs), values: Float64Array.from(values) };
}

/** A smoothed instant selector: on the line between the samples around the time. */
export function smoothedValue(window: Window): number | undefined {
  const { timesMs, values, from, to, endMs } = window;
  let after = from;
  while (after < to && timesMs[after]! < endMs) after++;
  if (after < to && timesMs[after] === endMs) return values[after];
  // Nothing earlier: the series has not begun.
  if (after === from) return undefined;
  return after === to ? values[to - 1] : between(window, after - 1, endMs, false);
}
