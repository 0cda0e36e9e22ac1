import { compensation } from "./sums.ts";
import type { RangeFunction, Window } from "./window.ts";

/*
 * The line of least squares through a window's samples. Prometheus adds up with compensation, so
 * that its sums are those of the rounded products, rounded once. What follows from them is a small
 * difference of large numbers, in which every bit of a sum shows: sums that were got otherwise must
 * be the same to the last bit.
 */

/** What the line is made of; times in seconds after an origin. */
interface LineSums {
  x: number;
  xx: number;
  y: number;
  xy: number;
}

/** Per second. */
export const deriv: RangeFunction = (window) => {
  if (window.to - window.from < 2) return undefined;
  return slopeOf(window, plainSums(window, window.timesMs[window.from]!));
};

/** The line at parameter 0 seconds after the evaluation time, whatever offset the selector has. */
export const predictLinear: RangeFunction = (window) => {
  if (window.to - window.from < 2) return undefined;
  return prediction(window, plainSums(window, window.timeMs));
};

/** For overlapping windows: whole numbers at whole seconds are added once. */
export function slidingDeriv(): RangeFunction {
  const sums = new SlidingSums();
  return (window) => {
    if (window.to - window.from < 2) return undefined;
    return slopeOf(window, sums.at(window, window.timesMs[window.from]!));
  };
}

export function slidingPredictLinear(): RangeFunction {
  const sums = new SlidingSums();
  return (window) => {
    if (window.to - window.from < 2) return undefined;
    return prediction(window, sums.at(window, window.timeMs));
  };
}

function slopeOf(window: Window, { x, xx, y, xy }: LineSums): number {
  if (isConstant(window)) return Number.isFinite(window.values[window.from]!) ? 0 : Number.NaN;
  const n = window.to - window.from;
  return (xy - (x * y) / n) / (xx - (x * x) / n);
}

function prediction(window: Window, sums: LineSums): number {
  const slope = slopeOf(window, sums);
  const first = window.values[window.from]!;
  const n = window.to - window.from;
  const intercept = slope === 0 && isConstant(window) ? first : sums.y / n - (slope * sums.x) / n;
  return slope * (window.parameters[0] ?? 0) + intercept;
}

/** Ends at the first difference, which is mostly near. */
function isConstant({ values, from, to }: Window): boolean {
  const first = values[from]!;
  for (let i = from + 1; i < to; i++) if (values[i]! !== first) return false;
  return true;
}

function plainSums(window: Window, originMs: number): LineSums {
  const sums = { x: 0, xx: 0, y: 0, xy: 0 };
  addTimes(window, originMs, sums);
  addValues(window, originMs, sums);
  return sums;
}

function addTimes({ timesMs, from, to }: Window, originMs: number, sums: LineSums): void {
  let x = 0;
  let xLost = 0;
  let xx = 0;
  let xxLost = 0;
  for (let i = from; i < to; i++) {
    const time = (timesMs[i]! - originMs) / 1000;
    const nextX = x + time;
    xLost += lost(x, time, nextX);
    x = nextX;
    const square = time * time;
    const nextXx = xx + square;
    xxLost += lost(xx, square, nextXx);
    xx = nextXx;
  }
  sums.x = x + xLost;
  sums.xx = xx + xxLost;
}

function addValues(window: Window, originMs: number, sums: LineSums): void {
  const { timesMs, values, from, to } = window;
  let y = 0;
  let yLost = 0;
  let xy = 0;
  let xyLost = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const nextY = y + value;
    yLost += lost(y, value, nextY);
    y = nextY;
    const product = ((timesMs[i]! - originMs) / 1000) * value;
    const nextXy = xy + product;
    xyLost += lost(xy, product, nextXy);
    xy = nextXy;
  }
  sums.y = y + yLost;
  sums.xy = xy + xyLost;
  if (!Number.isFinite(sums.y) || !Number.isFinite(sums.xy)) addWildValues(window, originMs, sums);
}

/** What `sum + add` lost when it became `next`, all of them finite (Knuth). */
function lost(sum: number, add: number, next: number): number {
  const kept = next - sum;
  return sum - (next - kept) + (add - kept);
}

/** The same for sums that overflow, and for values that are no finite numbers. */
function addWildValues({ timesMs, values, from, to }: Window, originMs: number, sums: LineSums) {
  let y = 0;
  let yLost = 0;
  let xy = 0;
  let xyLost = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const product = ((timesMs[i]! - originMs) / 1000) * value;
    yLost += compensation(y, value);
    y += value;
    xyLost += compensation(xy, product);
    xy += product;
  }
  sums.y = y + yLost;
  sums.xy = xy + xyLost;
}

/** Longer windows and those of more rows are added up plainly, so that sums stay below 2^53. */
const SECONDS_MAX = 86_400;
const ROWS_MAX = 16_384;
/** Values are handled in two parts: the product of each with any time then has room for 2^20 rows. */
const LOW = 2 ** 20;

/**
 * Sums over a window's samples that are whole numbers at whole seconds after its first one: all
 * products and sums are whole numbers below 2^53, and thus exact, however they were got.
 */
class SlidingSums {
  #series = -1;
  #from = 0;
  #to = 0;
  #originMs = 0;
  /** Rows inside that are not at whole seconds, and those whose values are not whole or too large. */
  #oddTimes = 0;
  #oddValues = 0;
  #x = 0;
  #xx = 0;
  /** Sums of the two parts of each value, and of their products with the time. */
  #yHigh = 0;
  #yLow = 0;
  #xyHigh = 0;
  #xyLow = 0;
  readonly #sums: LineSums = { x: 0, xx: 0, y: 0, xy: 0 };

  /** Times are after `originMs`. The answer is re-used. */
  at(window: Window, originMs: number): LineSums {
    const seconds = (window.endMs - window.startMs) / 1000;
    if (seconds > SECONDS_MAX || window.to - window.from > ROWS_MAX) {
      this.#series = -1;
      return plainSums(window, originMs);
    }
    this.#move(window, 2 ** 53 / (2 * seconds));
    const later = (originMs - this.#originMs) / 1000;
    const sums = this.#sums;
    const isExact = Math.abs(later) <= seconds && Number.isInteger(later);
    if (this.#oddTimes > 0 || !isExact) {
      addTimes(window, originMs, sums);
      addValues(window, originMs, sums);
      return sums;
    }
    const n = window.to - window.from;
    sums.x = this.#x - n * later;
    sums.xx = this.#xx - 2 * later * this.#x + n * later * later;
    if (this.#oddValues > 0) {
      addValues(window, originMs, sums);
      return sums;
    }
    sums.y = this.#yHigh * LOW + this.#yLow;
    const high = this.#xyHigh - later * this.#yHigh;
    sums.xy = high * LOW + (this.#xyLow - later * this.#yLow);
    return sums;
  }

  /** Takes and drops rows, and lets the time begin at the window's first one. */
  #move({ timesMs, values, series, from, to }: Window, mostValue: number): void {
    if (series !== this.#series || from >= this.#to) this.#restart(series, from, timesMs[from]!);
    for (let row = this.#to; row < to; row++) this.#add(timesMs[row]!, values[row]!, 1, mostValue);
    for (let row = this.#from; row < from; row++) {
      this.#add(timesMs[row]!, values[row]!, -1, mostValue);
    }
    this.#from = from;
    this.#to = to;
    this.#rebase(to - from - this.#oddTimes, Math.floor((timesMs[from]! - this.#originMs) / 1000));
  }

  #restart(series: number, from: number, originMs: number): void {
    this.#series = series;
    this.#from = from;
    this.#to = from;
    this.#originMs = originMs;
    this.#oddTimes = 0;
    this.#oddValues = 0;
    this.#x = 0;
    this.#xx = 0;
    this.#yHigh = 0;
    this.#yLow = 0;
    this.#xyHigh = 0;
    this.#xyLow = 0;
  }

  /** `sign` −1 takes it away. Hot. */
  #add(timeMs: number, value: number, sign: 1 | -1, mostValue: number): void {
    const x = (timeMs - this.#originMs) / 1000;
    if (x !== Math.floor(x)) {
      this.#oddTimes += sign;
      return;
    }
    const signed = sign * x;
    this.#x += signed;
    this.#xx += signed * x;
    if (!(Math.abs(value) <= mostValue) || value !== Math.floor(value)) {
      this.#oddValues += sign;
      return;
    }
    const high = Math.floor(value / LOW);
    const low = value - high * LOW;
    this.#yHigh += sign * high;
    this.#yLow += sign * low;
    this.#xyHigh += signed * high;
    this.#xyLow += signed * low;
  }

  /** Of `n` rows with times. */
  #rebase(n: number, seconds: number): void {
    this.#originMs += seconds * 1000;
    this.#xx += seconds * (n * seconds - 2 * this.#x);
    this.#x -= n * seconds;
    this.#xyHigh -= seconds * this.#yHigh;
    this.#xyLow -= seconds * this.#yLow;
  }
}
