import type { NativeHistogram } from "@hms-ops/model";
import { added, divided, scaled } from "../histograms/arithmetic.ts";
import { HistogramSum } from "../histograms/histogram-sum.ts";
import { hasCustomBounds } from "../histograms/layout.ts";
import type { HistogramNote } from "../histograms/notes.ts";
import { detectReset } from "../histograms/reset.ts";
import type { HistogramWindow } from "./histogram-window.ts";

/*
 * `rate`, `increase` and `delta` of histograms under `anchored` and `smoothed` (promql/functions.go,
 * extendedHistogramRate; experimental). The window holds the samples around the range too; startMs
 * and endMs are the range's own ends. Nothing is extrapolated.
 */

type Note = (note: HistogramNote) => void;

export interface EdgeChange {
  readonly smoothed: boolean;
  readonly counter: boolean;
  readonly perSecond: boolean;
}

export function histogramEdgeChange(
  window: HistogramWindow,
  { smoothed, counter, perSecond }: EdgeChange,
  note: Note,
): NativeHistogram | undefined {
  const { timesMs, histograms, startMs, endMs } = window;
  const newest = timesMs.length - 1;
  let first = 0;
  while (first + 1 <= newest && timesMs[first + 1]! <= startMs) first++;
  let last = newest;
  if (smoothed) {
    last = 0;
    while (last < newest && timesMs[last]! < endMs) last++;
  }
  if (timesMs[last]! <= startMs || (smoothed && timesMs[first]! > endMs)) return undefined;
  if (!fits(histograms.slice(first, last + 1), counter, note)) return undefined;
  const left =
    smoothed && timesMs[first]! < startMs
      ? between(window, first, startMs, counter, note)
      : histograms[first]!;
  const right =
    smoothed && last > 0 && timesMs[last]! > endMs
      ? between(window, last - 1, endMs, counter, note)
      : histograms[last]!;
  if (left === undefined || right === undefined) return undefined;
  if (!counter && !(left.resetHint === "gauge" && right.resetHint === "gauge")) note("not-gauge");
  const sum = new HistogramSum(right, "plain");
  if (sum.add(left, -1) === "reconciled") note("reconciled-in-subtraction");
  if (counter) {
    const resetAtLeft =
      smoothed &&
      timesMs[first]! < startMs &&
      detectReset(histograms[first + 1]!, histograms[first]!);
    // That reset is in the value at the left edge already.
    const from = resetAtLeft ? first + 1 : first;
    const inside = [resetAtLeft ? histograms[from]! : left, ...histograms.slice(from + 1, last)];
    if (from < last) addLost(sum, [...inside, right], note);
  }
  const change = { ...sum.result(), resetHint: "gauge" as const };
  return perSecond ? divided(change, (endMs - startMs) / 1000) : change;
}

function addLost(sum: HistogramSum, histograms: readonly NativeHistogram[], note: Note): void {
  for (let i = 1; i < histograms.length; i++) {
    const before = histograms[i - 1]!;
    if (!detectReset(histograms[i]!, before)) continue;
    if (sum.add(before) === "reconciled") note("reconciled-in-addition");
  }
}

/** One after the other: of gauges is told up to where the schemas differ. */
function fits(histograms: readonly NativeHistogram[], counter: boolean, note: Note): boolean {
  const custom = hasCustomBounds(histograms[0]!);
  for (const one of histograms) {
    if (hasCustomBounds(one) !== custom) {
      note("mixed-schemas");
      return false;
    }
    if (counter && one.resetHint === "gauge") note("not-counter");
  }
  return true;
}

/** On the line between two samples; a counter that was reset between them began at nothing. */
function between(
  { timesMs, histograms }: HistogramWindow,
  at: number,
  timeMs: number,
  counter: boolean,
  note: Note,
): NativeHistogram | undefined {
  const before = histograms[at]!;
  const after = histograms[at + 1]!;
  const fraction = (timeMs - timesMs[at]!) / (timesMs[at + 1]! - timesMs[at]!);
  if (fraction === 0) return before;
  if (fraction === 1) return after;
  if (counter && detectReset(after, before)) return scaled(after, fraction);
  const difference = new HistogramSum(after, "plain");
  const outcome = difference.add(before, -1);
  if (outcome === "incompatible") {
    note("mixed-schemas");
    return undefined;
  }
  if (outcome === "reconciled") note("reconciled-in-subtraction");
  const result = added(scaled(difference.result(), fraction), before);
  if (result?.boundsReconciled) note("reconciled-in-addition");
  return result?.histogram;
}

/** A smoothed instant selector; `window.endMs` is its time. */
export function smoothedHistogram(
  window: HistogramWindow,
  note: Note,
): NativeHistogram | undefined {
  const { timesMs, histograms, endMs } = window;
  let after = 0;
  while (after < timesMs.length && timesMs[after]! < endMs) after++;
  if (after < timesMs.length && timesMs[after] === endMs) return histograms[after];
  // Nothing earlier: the series has not begun.
  if (after === 0) return undefined;
  const before = histograms[after - 1]!;
  // The hint is about two neighbours, and this is only one of them.
  if (after === timesMs.length) return { ...before, resetHint: "unknown" };
  if (hasCustomBounds(before) !== hasCustomBounds(histograms[after]!)) {
    note("mixed-schemas");
    return undefined;
  }
  const areGauges = before.resetHint === "gauge" && histograms[after]!.resetHint === "gauge";
  return between(window, after - 1, endMs, !areGauges, note);
}
