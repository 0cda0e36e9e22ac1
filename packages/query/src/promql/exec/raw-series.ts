import type { MatrixSeries, NativeHistogram } from "@hms-ops/model";
import type { RangeInput } from "./evaluate.ts";
import { LabelSets } from "./label-sets.ts";
import { finished } from "./names.ts";
import type { QueryMemory } from "./query-memory.ts";
import { sameLabelsError } from "./table.ts";

export type HistogramPoint = readonly [timeMs: number, histogram: NativeHistogram];

/**
 * `x[5m]` as an instant query: the samples as they are, stale markers left out. Series of a
 * sub-query that become alike without their names are merged.
 */
export function rawSeries(
  { columns, ends, rangeMs }: RangeInput,
  memory: QueryMemory,
): readonly MatrixSeries[] {
  const endMs = ends[0] ?? 0;
  const { offsets, timesMs, values, stale } = columns;
  const series = columns.series.map((labels, i) => {
    const rows: number[] = [];
    const histograms: HistogramPoint[] = [];
    for (let row = offsets[i] ?? 0; row < (offsets[i + 1] ?? 0); row++) {
      const inside = timesMs[row]! > endMs - rangeMs && timesMs[row]! <= endMs;
      if (!inside || stale[row] === 1) continue;
      const histogram = columns.histograms?.get(row);
      if (histogram) histograms.push([timesMs[row]!, histogram]);
      else rows.push(row);
    }
    return {
      labels: finished(labels),
      timesMs: Float64Array.from(rows, (row) => timesMs[row]!),
      values: Float64Array.from(rows, (row) => values[row]!),
      ...(histograms.length > 0 && { histograms }),
    };
  });
  return merged(
    series.filter((one) => one.timesMs.length > 0 || one.histograms),
    memory,
  );
}

function merged(series: readonly MatrixSeries[], memory: QueryMemory): readonly MatrixSeries[] {
  const sets = new LabelSets();
  const result: MatrixSeries[] = [];
  for (const one of series) {
    const number = sets.add(one.labels, memory);
    const known = result[number];
    result[number] = known ? merge(known, one) : one;
  }
  return result;
}

function merge(one: MatrixSeries, other: MatrixSeries): MatrixSeries {
  const floats = [...pointsOf(one), ...pointsOf(other)].sort(byTime);
  const histograms = [...(one.histograms ?? []), ...(other.histograms ?? [])].sort(byTime);
  for (const points of [floats, histograms]) {
    for (let i = 1; i < points.length; i++) {
      if (points[i]![0] === points[i - 1]![0]) throw sameLabelsError(one.labels);
    }
  }
  return {
    labels: one.labels,
    timesMs: Float64Array.from(floats, ([timeMs]) => timeMs),
    values: Float64Array.from(floats, ([, value]) => value),
    ...(histograms.length > 0 && { histograms }),
  };
}

function pointsOf({ timesMs, values }: MatrixSeries): (readonly [number, number])[] {
  return Array.from(timesMs, (timeMs, i) => [timeMs, values[i]!] as const);
}

function byTime([one]: readonly [number, unknown], [other]: readonly [number, unknown]): number {
  return one - other;
}
