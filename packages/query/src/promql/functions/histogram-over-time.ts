import type { NativeHistogram } from "@hms-ops/model";
import { divided } from "../histograms/arithmetic.ts";
import { HistogramSum } from "../histograms/histogram-sum.ts";
import type { HistogramNote } from "../histograms/notes.ts";
import type { HistogramRangeFunction } from "./histogram-window.ts";

export const histogramSumOverTime: HistogramRangeFunction = ({ histograms }, note) =>
  totalOf(histograms, "sum", note);
export const histogramAvgOverTime: HistogramRangeFunction = ({ histograms }, note) =>
  totalOf(histograms, "mean", note);

/**
 * Sum or mean of several histograms; undefined where some have custom bounds and some have not.
 * Notes: that, hints that collide, bounds that were reconciled; `at`: by which histogram.
 */
export function totalOf(
  histograms: readonly NativeHistogram[],
  what: "sum" | "mean",
  note: (note: HistogramNote, at: number) => void,
): NativeHistogram | undefined {
  const sum = new HistogramSum(histograms[0]!);
  let reconciled = false;
  for (let i = 1; i < histograms.length; i++) {
    const outcome = sum.add(histograms[i]!);
    if (outcome === "incompatible") {
      note("mixed-schemas", i);
      return undefined;
    }
    reconciled ||= outcome === "reconciled";
  }
  if (sum.hintsCollide) note("collision-in-aggregation", 0);
  if (reconciled) note("reconciled-in-aggregation", 0);
  if (what === "sum") return sum.result();
  return sum.isInfinite ? incrementalMean(histograms) : sum.result(histograms.length);
}

/** For counts whose sum is out of range though their mean is not. */
function incrementalMean(histograms: readonly NativeHistogram[]): NativeHistogram {
  const mean = new HistogramSum(histograms[0]!);
  for (let i = 1; i < histograms.length; i++) {
    mean.scale(i / (i + 1));
    mean.add(divided(histograms[i]!, i + 1));
  }
  return mean.result();
}
