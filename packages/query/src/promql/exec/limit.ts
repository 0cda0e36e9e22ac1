import { Choice } from "./choice.ts";
import { hashLabels } from "./labels-hash.ts";
import { unmarked } from "./names.ts";
import { goNumber } from "./numbers.ts";
import type { QueryMemory } from "./query-memory.ts";
import { isBefore } from "./ranking.ts";
import { executionError, type VectorTable } from "./table.ts";

/** `limitk(k, v)`: the first `k` series of each group at each step, of any kind of value. */
export function limitK(
  table: VectorTable,
  rowsOfGroups: readonly Uint32Array[],
  counts: Float64Array,
  memory: QueryMemory,
): VectorTable {
  return kept(table, rowsOfGroups, memory, (rows, step) => {
    const most = Math.trunc(counts[step]!);
    const chosen: number[] = [];
    for (const row of rows) {
      if (chosen.length >= most) break;
      if (table.present[row * table.steps + step] === 1) chosen.push(row);
    }
    return chosen;
  });
}

/**
 * `limit_ratio(r, v)`: the series whose labels' hash lies in the first share `r` of all hashes; for
 * r < 0 in the last share, so that r and r − 1 part the series without rest.
 */
export function limitRatio(
  table: VectorTable,
  rowsOfGroups: readonly Uint32Array[],
  ratios: Float64Array,
  memory: QueryMemory,
): VectorTable {
  const places = Float64Array.from(table.series, (labels) => {
    memory.visit();
    return hashLabels(unmarked(labels));
  });
  return kept(table, rowsOfGroups, memory, (rows, step) => {
    const ratio = Math.max(-1, Math.min(1, ratios[step]!));
    if (ratio === 0) return [];
    return [...rows].filter((row) => {
      if (table.present[row * table.steps + step] !== 1) return false;
      return ratio > 0 ? places[row]! < ratio : places[row]! >= 1 + ratio;
    });
  });
}

function kept(
  table: VectorTable,
  rowsOfGroups: readonly Uint32Array[],
  memory: QueryMemory,
  choose: (rows: Uint32Array, step: number) => readonly number[],
): VectorTable {
  const { steps } = table;
  const choice = new Choice(table);
  for (let step = 0; step < steps; step++) {
    for (const rows of rowsOfGroups) {
      memory.visit();
      const chosen = choose(rows, step);
      for (const row of steps === 1 ? heaped(chosen, table) : chosen) choice.keep(row, step);
    }
  }
  return choice.chosen();
}

/**
 * Rows of the only step as Prometheus answers them: as they lie in a heap, the least value on top,
 * that it never sorts. To it a histogram is a 0.
 */
function heaped(rows: readonly number[], { values, histograms }: VectorTable): readonly number[] {
  const rankOf = (row: number) => (histograms?.has(row) ? 0 : values[row]!);
  const heap: number[] = [];
  for (const row of rows) {
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!isBefore(rankOf(row), rankOf(heap[parent]!))) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = row;
  }
  return heap;
}

const INT64_END = 2 ** 63;
/** From here on Prometheus refuses a count, which is the last number before the end. */
const COUNT_END = INT64_END - 1_024;

/** Refuses counts of `topk`, `bottomk` and `limitk` that are no numbers, over the whole query. */
export function checkCounts(counts: Float64Array): void {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const count of counts) {
    if (Number.isNaN(count)) throw executionError("Parameter value is NaN");
    least = Math.min(least, count);
    most = Math.max(most, count);
  }
  if (most < 1) return;
  if (least <= -INT64_END) throw executionError(`Scalar value ${goNumber(least)} underflows int64`);
  if (most >= COUNT_END) throw executionError(`Scalar value ${goNumber(most)} overflows int64`);
}

/** Refuses a ratio that is no number; `onCapped` hears of those beyond −1 … 1. */
export function checkRatios(
  ratios: Float64Array,
  onCapped: (ratio: number, cap: number) => void,
): void {
  if (ratios.some(Number.isNaN)) throw executionError("Ratio value is NaN");
  const most = ratios.reduce((a, b) => Math.max(a, b), 0);
  const least = ratios.reduce((a, b) => Math.min(a, b), 0);
  if (most > 1) onCapped(most, 1);
  if (least < -1) onCapped(least, -1);
}
