import { labelsKey, type MatrixSeries, type StepGrid, type TimeRange } from "@hms-ops/model";
import { STEPS_ASKED_AGAIN } from "../limits.ts";

/** A range query's answer, whole. */
export interface RangePicture {
  readonly series: readonly MatrixSeries[];
  /** What was asked for, not what was found. */
  readonly range: TimeRange;
  readonly stepMs: number;
  /** What the hub says about the answer: warnings, and what a short form became. */
  readonly notes: readonly string[];
}

/**
 * The part of a grid that an earlier picture does not hold: when the range slid on by a few steps
 * just those, and the last ones again, since late samples may have changed them.
 */
export function missingGrid(picture: RangePicture | undefined, grid: StepGrid): StepGrid {
  if (!picture || picture.stepMs !== grid.stepMs) return grid;
  const { fromMs, toMs } = picture.range;
  const heldFromMs = Math.ceil(fromMs / grid.stepMs) * grid.stepMs;
  const endMs = grid.startMs + (grid.count - 1) * grid.stepMs;
  if (grid.startMs < heldFromMs || endMs < toMs - grid.stepMs) return grid;
  const lastHeldMs = Math.floor(toMs / grid.stepMs) * grid.stepMs;
  const startMs = lastHeldMs - (STEPS_ASKED_AGAIN - 1) * grid.stepMs;
  if (startMs <= grid.startMs) return grid;
  return { startMs, stepMs: grid.stepMs, count: Math.round((endMs - startMs) / grid.stepMs) + 1 };
}

/**
 * Puts newly asked steps behind what is still in the range. A series that the new part does not
 * have keeps its old points: it ended, it is not gone.
 */
export function mergeSeries(
  old: readonly MatrixSeries[],
  fresh: readonly MatrixSeries[],
  fromMs: number,
  freshFromMs: number,
): readonly MatrixSeries[] {
  const freshByKey = new Map(fresh.map((series) => [labelsKey(series.labels), series]));
  const merged: MatrixSeries[] = [];
  for (const series of old) {
    const key = labelsKey(series.labels);
    const joined = joinSeries(series, freshByKey.get(key), fromMs, freshFromMs);
    freshByKey.delete(key);
    if (joined.timesMs.length > 0) merged.push(joined);
  }
  merged.push(...freshByKey.values());
  return merged;
}

function joinSeries(
  old: MatrixSeries,
  fresh: MatrixSeries | undefined,
  fromMs: number,
  freshFromMs: number,
): MatrixSeries {
  const start = firstIndexAt(old.timesMs, fromMs);
  const end = firstIndexAt(old.timesMs, freshFromMs);
  const kept = Math.max(0, end - start);
  const added = fresh?.timesMs.length ?? 0;
  const timesMs = new Float64Array(kept + added);
  const values = new Float64Array(kept + added);
  timesMs.set(old.timesMs.subarray(start, start + kept));
  values.set(old.values.subarray(start, start + kept));
  if (fresh) {
    timesMs.set(fresh.timesMs, kept);
    values.set(fresh.values, kept);
  }
  return { labels: old.labels, timesMs, values };
}

/** Index of the first time that is not before `timeMs`. */
function firstIndexAt(timesMs: Float64Array, timeMs: number): number {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timesMs[middle] ?? 0) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
