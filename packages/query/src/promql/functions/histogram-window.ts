import type { NativeHistogram } from "@hms-ops/model";
import type { HistogramNote } from "../histograms/notes.ts";

/** The samples of one series in one range (startMs, endMs], all of them histograms. */
export interface HistogramWindow {
  readonly timesMs: readonly number[];
  /** At least one. */
  readonly histograms: readonly NativeHistogram[];
  readonly startMs: number;
  readonly endMs: number;
}

/** The value at a step; undefined = the series has none there. */
export type HistogramRangeFunction = (
  window: HistogramWindow,
  note: (note: HistogramNote) => void,
) => NativeHistogram | undefined;
