import { dropLabels, type Labels, labelsKey, labelValue, METRIC_NAME } from "@hms-ops/model";
import type { Bucket } from "../functions/histogram.ts";
import { TableBuilder, type VectorTable } from "./table.ts";

const LE_AND_NAME = new Set(["le", METRIC_NAME]);

interface Histogram {
  readonly labels: Labels;
  readonly buckets: { readonly row: number; readonly upperBound: number }[];
}

/**
 * A function of classic histograms: gathers the buckets of each label set without `le` at each
 * step. `onMalformed` hears of series whose bound is no number; they are left out.
 */
export function overHistograms(
  table: VectorTable,
  evaluate: (buckets: Bucket[], step: number) => number,
  onMalformed: (le: string, metricName: string) => void,
): VectorTable {
  const histograms = gather(table.series, onMalformed);
  const builder = new TableBuilder(table.steps);
  for (const { labels, buckets } of histograms) {
    const target = builder.row(labels);
    for (let step = 0; step < table.steps; step++) {
      const present: Bucket[] = [];
      for (const { row, upperBound } of buckets) {
        const cell = row * table.steps + step;
        if (table.present[cell] === 1) present.push({ upperBound, count: table.values[cell]! });
      }
      if (present.length > 0) builder.set(target, step, evaluate(present, step));
    }
  }
  return builder.build();
}

function gather(
  series: readonly Labels[],
  onMalformed: (le: string, metricName: string) => void,
): Iterable<Histogram> {
  const histograms = new Map<string, Histogram>();
  for (const [row, all] of series.entries()) {
    const le = labelValue(all, "le");
    const upperBound = boundOf(le);
    if (upperBound === undefined) {
      onMalformed(le, labelValue(all, METRIC_NAME));
      continue;
    }
    const labels = dropLabels(all, LE_AND_NAME);
    const key = labelsKey(labels);
    const histogram = histograms.get(key) ?? { labels, buckets: [] };
    histograms.set(key, histogram);
    histogram.buckets.push({ row, upperBound });
  }
  return histograms.values();
}

function boundOf(le: string): number | undefined {
  if (/^[+]?inf(inity)?$/i.test(le)) return Number.POSITIVE_INFINITY;
  if (/^-inf(inity)?$/i.test(le)) return Number.NEGATIVE_INFINITY;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(le) ? Number(le) : undefined;
}
