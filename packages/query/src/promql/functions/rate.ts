import { EventRows } from "./sliding.ts";
import type { RangeFunction, Window } from "./window.ts";

/** `rate`, `increase`, `delta`: change over the window, extrapolated to its ends. */
export const rate: RangeFunction = (window) =>
  extrapolatedChange(window, true, (window.endMs - window.startMs) / 1000);
export const increase: RangeFunction = (window) => extrapolatedChange(window, true, 1);
export const delta: RangeFunction = (window) => extrapolatedChange(window, false, 1);

function extrapolatedChange(
  window: Window,
  counter: boolean,
  divisor: number,
  resetRows?: EventRows,
): number | undefined {
  const { timesMs, values, from, to, startMs, endMs } = window;
  if (to - from < 2) return undefined;
  const first = values[from]!;
  let change = values[to - 1]! - first;
  if (resetRows) {
    const { rows, first: next } = resetRows.within(window);
    for (let i = next; i < rows.length; i++) change += values[rows[i]! - 1]!;
  } else if (counter) {
    for (let i = from + 1; i < to; i++) {
      if (values[i]! < values[i - 1]!) change += values[i - 1]!;
    }
  }
  const zeroShare = counter && change > 0 && first >= 0 ? first / change : Number.POSITIVE_INFINITY;
  const lastMs = timesMs[to - 1]!;
  const factor = extrapolation(timesMs[from]!, lastMs, to - from, startMs, endMs, zeroShare);
  return change * (factor / divisor);
}

/**
 * By how much a change between the first and the last of some samples is more over the whole window
 * (promql/functions.go, extrapolatedRate): to the window's ends, but by no more than half an
 * average step where the series seems to begin or end inside, and never to before a counter was
 * zero. `zeroShare`: the first value over the change, Infinity where it may have been below zero.
 */
export function extrapolation(
  firstMs: number,
  lastMs: number,
  samples: number,
  windowStartMs: number,
  windowEndMs: number,
  zeroShare: number,
): number {
  const spanS = (lastMs - firstMs) / 1000;
  const averageS = spanS / (samples - 1);
  const thresholdS = averageS * 1.1;
  let startS = (firstMs - windowStartMs) / 1000;
  let endS = (windowEndMs - lastMs) / 1000;
  if (startS >= thresholdS) startS = averageS / 2;
  startS = Math.min(startS, spanS * zeroShare);
  if (endS >= thresholdS) endS = averageS / 2;
  return (spanS + startS + endS) / spanS;
}

/** Per second, from the last two samples alone. */
export const irate: RangeFunction = (window) => {
  const change = lastChange(window, true);
  const { timesMs, to } = window;
  return change === undefined ? undefined : change / ((timesMs[to - 1]! - timesMs[to - 2]!) / 1000);
};
export const idelta: RangeFunction = (window) => lastChange(window, false);

function lastChange({ timesMs, values, from, to }: Window, counter: boolean): number | undefined {
  if (to - from < 2 || timesMs[to - 1] === timesMs[to - 2]) return undefined;
  const last = values[to - 1]!;
  const before = values[to - 2]!;
  return counter && last < before ? last : last - before;
}

const isReset = (value: number, before: number) => value < before;
const isChange = (value: number, before: number) =>
  value !== before && !(Number.isNaN(value) && Number.isNaN(before));

export const resets: RangeFunction = (window) => countEvents(window, isReset);
export const changes: RangeFunction = (window) => countEvents(window, isChange);

function countEvents(
  { values, from, to }: Window,
  happens: (value: number, before: number) => boolean,
): number {
  let count = 0;
  for (let i = from + 1; i < to; i++) if (happens(values[i]!, values[i - 1]!)) count++;
  return count;
}

/** For overlapping windows: a series' resets and changes are looked for once. */
export const slidingRate = () => slidingChange(true);
export const slidingIncrease = () => slidingChange(false);
export const slidingResets = () => slidingCount(isReset);
export const slidingChanges = () => slidingCount(isChange);

function slidingChange(perSecond: boolean): RangeFunction {
  const events = new EventRows(isReset);
  return (window) => {
    const divisor = perSecond ? (window.endMs - window.startMs) / 1000 : 1;
    return extrapolatedChange(window, true, divisor, events);
  };
}

function slidingCount(happens: (value: number, before: number) => boolean): RangeFunction {
  const events = new EventRows(happens);
  return (window) => events.count(window);
}
