import { type NativeHistogram, withLabels } from "@hms-ops/model";
import { bucketFraction, bucketQuantile } from "../functions/histogram.ts";
import { type NoteText, noteText } from "../histograms/notes.ts";
import { nativeFraction, nativeQuantile, nativeVariance } from "../histograms/quantile.ts";
import { quote } from "../syntax/quoted.ts";
import { type HistogramFunction, overHistograms, overNative } from "./buckets.ts";
import { type ForcedSpan, forcedAt, together } from "./monotonicity.ts";
import type { Nameless } from "./names.ts";
import { openMetricsNumber } from "./numbers.ts";
import type { QueryMemory } from "./query-memory.ts";
import { TableBuilder, type VectorTable } from "./table.ts";

/** Functions of one native histogram; they pass floats over. */
const NATIVE_FUNCTIONS: Readonly<Record<string, (histogram: NativeHistogram) => number>> = {
  histogram_count: ({ count }) => count,
  histogram_sum: ({ sum }) => sum,
  histogram_avg: ({ sum, count }) => sum / count,
  histogram_stdvar: nativeVariance,
  histogram_stddev: (histogram) => Math.sqrt(nativeVariance(histogram)),
};

/** Where a note belongs, and what becomes of names. */
export interface HistogramContext {
  /** About the histograms as they came. */
  onInput(text: NoteText): void;
  /** About a result of a native one. */
  onNative(text: NoteText): void;
  /** Classic ones of a metric whose counts had to be lifted. */
  onForced(span: ForcedSpan, metricName: string): void;
  /** Steps behind the first only repeat it. */
  readonly isStepInvariant: boolean;
  readonly nameless: Nameless;
  readonly memory: QueryMemory;
}

export function histogramQuantile(
  table: VectorTable,
  phi: Float64Array,
  stepSeconds: Float64Array,
  context: HistogramContext,
): VectorTable {
  const forced = new Map<string, ForcedSpan>();
  const compute: HistogramFunction = {
    classic: (buckets, step, name) =>
      bucketQuantile(phi[step]!, buckets, (fix) => {
        if (context.isStepInvariant && step > 0) return;
        forced.set(name, together(forced.get(name), forcedAt(fix, stepSeconds[step]!)));
      }),
    native: (histogram, step, name) => {
      const { value, nanEffect } = nativeQuantile(phi[step]!, histogram);
      if (nanEffect === "result-nan") context.onNative(noteText("quantile-nan", name));
      if (nanEffect === "skewed") context.onNative(noteText("quantile-skewed", name));
      return value;
    },
  };
  const result = overHistograms(table, compute, listenerOf(context), context);
  for (const [name, span] of forced) context.onForced(span, name);
  return result;
}

/** Several quantiles at once; which one it is stands in a label. */
export function histogramQuantiles(
  table: VectorTable,
  label: string,
  phis: readonly Float64Array[],
  stepSeconds: Float64Array,
  context: HistogramContext,
): VectorTable {
  const builder = new TableBuilder(table.steps, context.memory);
  for (const phi of phis) {
    const one = histogramQuantile(table, phi, stepSeconds, context);
    for (const [row, labels] of one.series.entries()) {
      for (let step = 0; step < one.steps; step++) {
        const cell = row * one.steps + step;
        if (one.present[cell] !== 1) continue;
        const marked = withLabels(labels, { [label]: openMetricsNumber(phi[step]!) });
        context.memory.keepLabels(marked);
        builder.copy(builder.row(marked), step, one, cell);
      }
    }
  }
  return builder.build();
}

export function histogramFraction(
  table: VectorTable,
  lower: Float64Array,
  upper: Float64Array,
  context: HistogramContext,
): VectorTable {
  const compute: HistogramFunction = {
    classic: (buckets, step) => bucketFraction(lower[step]!, upper[step]!, buckets),
    native: (histogram, step, name) => {
      const { value, hasNan } = nativeFraction(lower[step]!, upper[step]!, histogram);
      if (hasNan) context.onNative(noteText("fraction-nan", name));
      return value;
    },
  };
  return overHistograms(table, compute, listenerOf(context), context);
}

export function nativeFunction(name: string, table: VectorTable): VectorTable | undefined {
  const compute = Object.hasOwn(NATIVE_FUNCTIONS, name) ? NATIVE_FUNCTIONS[name] : undefined;
  return compute && overNative(table, compute);
}

function listenerOf({ onInput }: HistogramContext) {
  return {
    onMalformed: (le: string, name: string) => {
      const metric = name && ` for metric name ${quote(name)}`;
      const message = `bucket label "le" is missing or has a malformed value of ${quote(le)}`;
      onInput({ level: "warning", message: message + metric });
    },
    onBothKinds: (name: string) => onInput(noteText("mixed-kinds", name)),
  };
}
