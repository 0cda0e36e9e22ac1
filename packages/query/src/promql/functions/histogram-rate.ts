import { type NativeHistogram, NO_BUCKETS } from "@hms-ops/model";
import { divided, scaled, subtracted } from "../histograms/arithmetic.ts";
import { HistogramSum } from "../histograms/histogram-sum.ts";
import { hasCustomBounds } from "../histograms/layout.ts";
import type { HistogramNote } from "../histograms/notes.ts";
import { detectReset } from "../histograms/reset.ts";
import type { HistogramRangeFunction, HistogramWindow } from "./histogram-window.ts";
import { extrapolation } from "./rate.ts";

type Note = (note: HistogramNote) => void;

export const histogramRate: HistogramRangeFunction = (window, note) =>
  extrapolated(window, true, (window.endMs - window.startMs) / 1000, note);
export const histogramIncrease: HistogramRangeFunction = (window, note) =>
  extrapolated(window, true, 1, note);
export const histogramDelta: HistogramRangeFunction = (window, note) =>
  extrapolated(window, false, 1, note);

/** As of floats; how near zero the counter was at the start is told by the count. */
function extrapolated(
  window: HistogramWindow,
  counter: boolean,
  divisor: number,
  note: Note,
): NativeHistogram | undefined {
  const { timesMs, histograms } = window;
  if (histograms.length < 2) return undefined;
  const change = changeOf(histograms, counter, note);
  if (change === undefined) return undefined;
  const first = histograms[0]!.count;
  const fromZero = counter && change.count > 0 && first >= 0;
  const factor = extrapolation(
    timesMs[0]!,
    timesMs[timesMs.length - 1]!,
    histograms.length,
    window.startMs,
    window.endMs,
    fromZero ? first / change.count : Number.POSITIVE_INFINITY,
  );
  change.scale(factor / divisor);
  return { ...change.result(), resetHint: "gauge" };
}

/** From the first to the last, what was lost by resets added. */
function changeOf(
  histograms: readonly NativeHistogram[],
  counter: boolean,
  note: Note,
): HistogramSum | undefined {
  const first = histograms[0]!;
  const last = histograms[histograms.length - 1]!;
  const between = counter ? histograms.slice(1, -1) : [];
  // What came before a reset does not matter, not even its layout.
  const start = counter && detectReset(histograms[1]!, first) ? nothingLike(histograms[1]!) : first;
  const isGauge = ({ resetHint }: NativeHistogram) => resetHint === "gauge";
  const isOther = (one: NativeHistogram) => hasCustomBounds(one) !== hasCustomBounds(start);
  if (isOther(last) || between.some(isOther)) {
    // As Prometheus has it, one between the ends silences what was said of the ends.
    if (counter && isOther(last) && (isGauge(first) || isGauge(last))) note("not-counter");
    note("mixed-schemas");
    return undefined;
  }
  if (counter && [first, last, ...between].some(isGauge)) note("not-counter");
  if (!counter && !(isGauge(first) && isGauge(last))) note("not-gauge");
  const sum = new HistogramSum(last, "plain");
  sum.coarsen(Math.min(start.schema, ...between.map(({ schema }) => schema)));
  if (sum.add(start, -1) === "reconciled") note("reconciled-in-subtraction");
  if (counter && addResets(sum, [start, ...histograms.slice(1)])) note("reconciled-in-addition");
  return sum;
}

/** Whether custom bounds had to be reconciled for it. */
function addResets(sum: HistogramSum, histograms: readonly NativeHistogram[]): boolean {
  let reconciled = false;
  for (let i = 1; i < histograms.length; i++) {
    const previous = histograms[i - 1]!;
    if (detectReset(histograms[i]!, previous)) {
      reconciled = sum.add(previous) === "reconciled" || reconciled;
    }
  }
  return reconciled;
}

function nothingLike({ schema, customBounds }: NativeHistogram): NativeHistogram {
  return {
    isInteger: false,
    resetHint: "unknown",
    schema,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 0,
    sum: 0,
    positive: NO_BUCKETS,
    negative: NO_BUCKETS,
    customBounds,
  };
}

/** Of the last two; per second. */
export const histogramIrate: HistogramRangeFunction = (window, note) => {
  const change = lastChange(window, true, note);
  const { timesMs } = window;
  const seconds = (timesMs[timesMs.length - 1]! - timesMs[timesMs.length - 2]!) / 1000;
  return change && divided(change, seconds);
};
export const histogramIdelta: HistogramRangeFunction = (window, note) =>
  lastChange(window, false, note);

function lastChange(
  { histograms }: HistogramWindow,
  counter: boolean,
  note: Note,
): NativeHistogram | undefined {
  const last = histograms[histograms.length - 1]!;
  const before = histograms[histograms.length - 2];
  if (before === undefined) return undefined;
  const gauges = [last, before].filter(({ resetHint }) => resetHint === "gauge").length;
  if (counter && gauges > 0) note("not-counter");
  if (!counter && gauges < 2) note("not-gauge");
  if (counter && detectReset(last, before)) return { ...scaled(last, 1), resetHint: "gauge" };
  const outcome = subtracted(last, before);
  if (outcome === undefined) note("mixed-schemas");
  else if (outcome.boundsReconciled) note("reconciled-in-subtraction");
  return outcome?.histogram;
}
