import type { StepGrid } from "@hms-ops/model";
import type { AtModifier } from "../syntax/ast.ts";

/** When a query runs: the grid of the expression at hand, and the whole query's own ends. */
export interface EvaluationTime {
  readonly grid: StepGrid;
  /** Asked of one moment: there, answers have an order. A range of one step may be none. */
  readonly isMoment: boolean;
  readonly queryStartMs: number;
  readonly queryEndMs: number;
  readonly queryStepMs: number;
}

interface Shift {
  readonly offsetMs: number;
  readonly at?: AtModifier;
}

export function gridEndMs({ startMs, stepMs, count }: StepGrid): number {
  return startMs + (count - 1) * stepMs;
}

/** The time at which a shifted selector is read for each step; never falls from step to step. */
export function shiftedTimes(
  { grid, queryStartMs, queryEndMs }: EvaluationTime,
  shift: Shift,
): Float64Array {
  const times = new Float64Array(grid.count);
  const { at, offsetMs } = shift;
  const fixedMs =
    at === undefined
      ? undefined
      : "edge" in at
        ? at.edge === "start"
          ? queryStartMs
          : queryEndMs
        : at.timeMs;
  for (let step = 0; step < grid.count; step++) {
    times[step] = (fixedMs ?? grid.startMs + step * grid.stepMs) - offsetMs;
  }
  return times;
}

/** Grid of a sub-query: multiples of its step, counted from the epoch, in (first − range, last]. */
export function subqueryGrid(times: Float64Array, rangeMs: number, stepMs: number): StepGrid {
  const after = (times[0] ?? 0) - rangeMs;
  const last = times[times.length - 1] ?? 0;
  const startMs = (Math.floor(after / stepMs) + 1) * stepMs;
  const count = Math.max(0, Math.floor((last - startMs) / stepMs) + 1);
  return { startMs, stepMs, count };
}
