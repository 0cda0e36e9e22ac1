import type { RangeFunction, Window } from "./window.ts";

/*
 * When a value of the window was: seconds since the epoch.
 */
export const tsOfFirstOverTime: RangeFunction = ({ timesMs, from }) => timesMs[from]! / 1000;
/** Before the epoch it is 0: Prometheus takes the later one of a last float and a last histogram. */
export const tsOfLastOverTime: RangeFunction = ({ timesMs, to }) =>
  Math.max(0, timesMs[to - 1]!) / 1000;
export const tsOfMinOverTime: RangeFunction = (window) =>
  timeOf(window, (value, best) => value <= best);
export const tsOfMaxOverTime: RangeFunction = (window) =>
  timeOf(window, (value, best) => value >= best);

/** The last of equal ones; NaN only where there is nothing else. */
function timeOf(
  { timesMs, values, from, to }: Window,
  isBetter: (value: number, best: number) => boolean,
): number {
  let best = from;
  for (let row = from + 1; row < to; row++) {
    if (isBetter(values[row]!, values[best]!) || Number.isNaN(values[best]!)) best = row;
  }
  return timesMs[best]! / 1000;
}
