import type { MonotonicityFix } from "../functions/histogram.ts";
import type { NoteText } from "../histograms/notes.ts";
import { goNumber, roundedNumber } from "./numbers.ts";

/** Where and when counts of a classic histogram fell from a bucket to a higher one. */
export interface ForcedSpan extends MonotonicityFix {
  readonly samples: number;
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** The same with one more sample in it. */
export function widened(
  span: ForcedSpan | undefined,
  fix: MonotonicityFix,
  seconds: number,
): ForcedSpan {
  if (!span) return { ...fix, samples: 1, fromSeconds: seconds, toSeconds: seconds };
  return {
    lowest: Math.min(span.lowest, fix.lowest),
    highest: Math.max(span.highest, fix.highest),
    largestFall: Math.max(span.largestFall, fix.largestFall),
    samples: span.samples + 1,
    fromSeconds: Math.min(span.fromSeconds, seconds),
    toSeconds: Math.max(span.toSeconds, seconds),
  };
}

const FORCED =
  "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";

/** Worded as Prometheus words it. */
export function forcedText(span: ForcedSpan, metricName: string): NoteText {
  const metric = metricName && ` for metric name ${JSON.stringify(metricName)}`;
  const buckets = `from buckets ${goNumber(span.lowest)} to ${goNumber(span.highest)}`;
  const fall = `with a max diff of ${roundedNumber(span.largestFall, 2)}`;
  const times = `from ${timeText(span.fromSeconds)} to ${timeText(span.toSeconds)}`;
  const message = `${FORCED}${metric}, ${buckets}, ${fall}, over ${span.samples} samples ${times}`;
  return { level: "info", message };
}

function timeText(seconds: number): string {
  return new Date(Math.trunc(seconds) * 1000).toISOString().replace(".000Z", "Z");
}
