import type { MonotonicityFix } from "../functions/histogram.ts";
import { quote } from "../syntax/quoted.ts";
import { goNumber, roundedNumber } from "./numbers.ts";

/** Where and when counts of a classic histogram fell from a bucket to a higher one. */
export interface ForcedSpan extends MonotonicityFix {
  readonly samples: number;
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** One sample. */
export function forcedAt(fix: MonotonicityFix, seconds: number): ForcedSpan {
  return { ...fix, samples: 1, fromSeconds: seconds, toSeconds: seconds };
}

export function together(span: ForcedSpan | undefined, other: ForcedSpan): ForcedSpan {
  if (!span) return other;
  return {
    lowest: Math.min(span.lowest, other.lowest),
    highest: Math.max(span.highest, other.highest),
    largestFall: Math.max(span.largestFall, other.largestFall),
    samples: span.samples + other.samples,
    fromSeconds: Math.min(span.fromSeconds, other.fromSeconds),
    toSeconds: Math.max(span.toSeconds, other.toSeconds),
  };
}

const FORCED =
  "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";

/** Worded as Prometheus words it. */
export function forcedText(span: ForcedSpan, metricName: string): string {
  const metric = metricName && ` for metric name ${quote(metricName)}`;
  const buckets = `from buckets ${goNumber(span.lowest)} to ${goNumber(span.highest)}`;
  const fall = `with a max diff of ${roundedNumber(span.largestFall, 2)}`;
  const times = `from ${timeText(span.fromSeconds)} to ${timeText(span.toSeconds)}`;
  return `${FORCED}${metric}, ${buckets}, ${fall}, over ${span.samples} samples ${times}`;
}

function timeText(seconds: number): string {
  return new Date(Math.trunc(seconds) * 1000).toISOString().replace(".000Z", "Z");
}
