import type { NativeHistogram } from "@hms-ops/model";
import type { QueryMemory } from "./query-memory.ts";
import { histogramsPart, namesakesPart, type VectorTable } from "./table.ts";

/**
 * What is the same at every step, made of the first step alone and repeated: so Prometheus does with
 * what is fixed in time (promql/engine.go, StepInvariantExpr), and at one step its answers have an
 * order, which decides what `limitk` around them keeps.
 */
export function onceForAllSteps(
  table: VectorTable,
  make: (first: VectorTable) => VectorTable,
  memory: QueryMemory,
): VectorTable {
  if (table.steps === 1) return make(table);
  const all = repeated(make(firstStep(table)), table.steps);
  memory.keepCells(all.values);
  return all;
}

function firstStep(table: VectorTable): VectorTable {
  const { series, steps } = table;
  const histograms = new Map<number, NativeHistogram>();
  for (const [cell, histogram] of table.histograms ?? []) {
    if (cell % steps === 0) histograms.set(cell / steps, histogram);
  }
  const isFirst = (_: number, cell: number) => cell % steps === 0;
  return {
    series,
    steps: 1,
    values: table.values.filter(isFirst),
    present: table.present.filter(isFirst),
    ...histogramsPart(histograms),
    ...namesakesPart(table),
  };
}

function repeated(table: VectorTable, steps: number): VectorTable {
  const { series } = table;
  const values = new Float64Array(series.length * steps);
  const present = new Uint8Array(series.length * steps);
  const histograms = new Map<number, NativeHistogram>();
  for (let row = 0; row < series.length; row++) {
    const [first, end] = [row * steps, (row + 1) * steps];
    values.fill(table.values[row]!, first, end);
    present.fill(table.present[row]!, first, end);
    const histogram = table.histograms?.get(row);
    for (let cell = first; histogram && cell < end; cell++) histograms.set(cell, histogram);
  }
  return { series, steps, values, present, ...histogramsPart(histograms), ...namesakesPart(table) };
}
