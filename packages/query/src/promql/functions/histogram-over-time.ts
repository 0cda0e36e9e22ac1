import type { NativeHistogram } from "@hms-ops/model";
import { divided } from "../histograms/arithmetic.ts";
import { HistogramSum } from "../histograms/histogram-sum.ts";
import type { HistogramNote } from "../histograms/notes.ts";
import type { HistogramRangeFunction } from "./histogram-window.ts";

export const histogramSumOverTime: HistogramRangeFunction = ({ histograms }, note) =>
  overTime(histograms, "sum", note);
export const histogramAvgOverTime: HistogramRangeFunction = ({ histograms }, note) =>
  overTime(histograms, "mean", note);

/** Histograms that were added up one after the other, as far as they go together. */
export interface AddedUp {
  readonly sum: HistogramSum;
  /** How many: the next one has custom bounds where these have none, or the other way round. */
  readonly fitting: number;
  /** Custom bounds differed, and some were given up. */
  readonly boundsReconciled: boolean;
}

export function addUp(histograms: readonly NativeHistogram[]): AddedUp {
  const sum = new HistogramSum(histograms[0]!);
  let boundsReconciled = false;
  for (let i = 1; i < histograms.length; i++) {
    const outcome = sum.add(histograms[i]!);
    if (outcome === "incompatible") return { sum, fitting: i, boundsReconciled };
    boundsReconciled ||= outcome === "reconciled";
  }
  return { sum, fitting: histograms.length, boundsReconciled };
}

export function totalOf(
  { sum }: AddedUp,
  histograms: readonly NativeHistogram[],
  what: "sum" | "mean",
): NativeHistogram {
  if (what === "sum") return sum.result();
  return sum.isInfinite ? incrementalMean(histograms) : sum.result(histograms.length);
}

function overTime(
  histograms: readonly NativeHistogram[],
  what: "sum" | "mean",
  note: (note: HistogramNote) => void,
): NativeHistogram | undefined {
  const added = addUp(histograms);
  if (added.fitting < histograms.length) {
    note("mixed-schemas");
    return undefined;
  }
  if (added.sum.hintsCollide) note("collision-in-aggregation");
  if (added.boundsReconciled) note("reconciled-in-aggregation");
  return totalOf(added, histograms, what);
}

/** For counts whose sum is out of range though their mean is not; from where it overflows on. */
function incrementalMean(histograms: readonly NativeHistogram[]): NativeHistogram {
  const from = overflowOf(histograms);
  const mean = new HistogramSum(histograms[0]!);
  for (let i = 1; i < from; i++) mean.add(histograms[i]!);
  mean.scale(1 / from);
  for (let i = from; i < histograms.length; i++) {
    mean.scale(i / (i + 1));
    mean.add(divided(histograms[i]!, i + 1));
  }
  return mean.result();
}

/** How many can be added up before the sum is infinite. */
function overflowOf(histograms: readonly NativeHistogram[]): number {
  const sum = new HistogramSum(histograms[0]!);
  let count = 1;
  for (; count < histograms.length; count++) {
    sum.add(histograms[count]!);
    if (sum.isInfinite) break;
  }
  return count;
}
