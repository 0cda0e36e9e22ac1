import { stdvarOverTime } from "./over-time.ts";
import { Slider } from "./slider.ts";
import { compensation, productLost } from "./sums.ts";
import type { RangeFunction, Window } from "./window.ts";

/** Share of the largest running sum that two numbers may have lost, with room to spare. */
const UNCERTAINTY = 2 ** -40;

/** Running sums, each kept in two numbers (106 bits): differences of two are sums of windows. */
class RunningColumn {
  high = new Float64Array(1024);
  low = new Float64Array(1024);
  /** Of all sums and of what was added. */
  largest = 0;
  /** Of the sum that was asked for last. */
  rest = 0;

  restart(): void {
    this.high[0] = 0;
    this.low[0] = 0;
    this.largest = 0;
  }

  /** `at` numbers are known; the next one is high + low. */
  add(at: number, high: number, low: number): void {
    if (at + 2 > this.high.length) {
      this.high = doubled(this.high, new Float64Array(this.high.length * 2));
      this.low = doubled(this.low, new Float64Array(this.low.length * 2));
    }
    const before = this.high[at]!;
    const sum = before + high;
    this.high[at + 1] = sum;
    this.low[at + 1] = this.low[at]! + (compensation(before, high) + low);
    this.largest = Math.max(this.largest, Math.abs(sum), Math.abs(high));
  }

  /** The sum over [from, to), rounded, whatever was added before; what that lost is the rest. */
  sum(from: number, to: number): number {
    const difference = this.high[to]! - this.high[from]!;
    const lost = compensation(this.high[to]!, -this.high[from]!);
    const low = lost + (this.low[to]! - this.low[from]!);
    const sum = difference + low;
    this.rest = low - (sum - difference);
    return sum;
  }
}

/** Counts of rows so far. */
class RunningCount {
  counts = new Uint32Array(1024);

  add(at: number, one: number): void {
    if (at + 2 > this.counts.length) {
      this.counts = doubled(this.counts, new Uint32Array(this.counts.length * 2));
    }
    this.counts[at + 1] = this.counts[at]! + one;
  }

  isNone(from: number, to: number): boolean {
    return this.counts[to] === this.counts[from];
  }
}

function doubled<Column extends Float64Array | Uint32Array>(old: Column, grown: Column): Column {
  grown.set(old);
  return grown;
}

/** Any sum on the way from one running sum to another is finite where these are not above it. */
const SUM_MOST = Number.MAX_VALUE / 2;

/** Where a sum can't hold the window's own last bits, it says so. */
class RunningSum extends Slider {
  readonly #sums = new RunningColumn();
  /** Rows that are no finite number, and those that are not 0. */
  readonly #odd = new RunningCount();
  readonly #nonZero = new RunningCount();
  #start = 0;

  /** Undefined: add the window up. */
  sum(window: Window): number | undefined {
    this.#move(window);
    const from = window.from - this.#start;
    const to = window.to - this.#start;
    if (!this.#odd.isNone(from, to)) return undefined;
    if (this.#nonZero.isNone(from, to)) return 0;
    // The window's own sum might overflow on its way, which stays infinite.
    if (this.#sums.largest > SUM_MOST) return undefined;
    const sum = this.#sums.sum(from, to);
    return this.#sums.largest * UNCERTAINTY < Math.abs(sum) ? sum : undefined;
  }

  #move(window: Window): void {
    if (this.begins(window)) {
      this.#start = window.from;
      this.#sums.restart();
    }
    for (let row = this.to; row < window.to; row++) {
      const at = row - this.#start;
      const value = window.values[row]!;
      const isNumber = Number.isFinite(value);
      const added = isNumber ? value : 0;
      this.#sums.add(at, added, 0);
      this.#odd.add(at, isNumber && Number.isFinite(this.#sums.high[at + 1]!) ? 0 : 1);
      this.#nonZero.add(at, added === 0 ? 0 : 1);
    }
    this.arrived(window);
  }
}

/** `plain` adds a window up from its samples. */
export function slidingSum(
  plain: RangeFunction,
  finish: (sum: number, count: number) => number,
): () => RangeFunction {
  return () => {
    const running = new RunningSum();
    return (window) => {
      const sum = running.sum(window);
      return sum === undefined ? plain(window) : finish(sum, window.to - window.from);
    };
  };
}

/** Squares of other numbers, or what they lose, are beyond what a number can be. */
const LEAST_SQUARED = 1e-140;
const MOST_SQUARED = 1e140;
/**
 * Where the mean is more than some hundred times the deviation, Prometheus' own rounding shows in
 * the twelfth digit.
 */
const LEAST_SHARE = 1e-5;

/** Sums of values and of their squares. */
class RunningVariance extends Slider {
  readonly #sums = new RunningColumn();
  readonly #squares = new RunningColumn();
  readonly #odd = new RunningCount();
  /** Rows that differ from the one before. */
  readonly #changes = new RunningCount();
  #start = 0;

  /** Undefined: it is to be had from the samples. */
  variance(window: Window): number | undefined {
    this.#move(window);
    const from = window.from - this.#start;
    const to = window.to - this.#start;
    if (!this.#odd.isNone(from, to)) return undefined;
    if (this.#changes.isNone(from + 1, to)) return 0;
    const n = window.to - window.from;
    const sum = this.#sums.sum(from, to);
    const square = this.#squares.sum(from, to);
    // n² times the variance: n·Σv² − (Σv)², each in two numbers.
    const left = n * square;
    const right = sum * sum;
    const leftLow = productLost(n, square, left) + n * this.#squares.rest;
    const rightLow = productLost(sum, sum, right) + 2 * sum * this.#sums.rest;
    const spread = left - right + (leftLow - rightLow);
    const isSure = spread > n * this.#squares.largest * UNCERTAINTY && spread > right * LEAST_SHARE;
    return isSure ? spread / (n * n) : undefined;
  }

  #move(window: Window): void {
    if (this.begins(window)) {
      this.#start = window.from;
      this.#sums.restart();
      this.#squares.restart();
    }
    for (let row = this.to; row < window.to; row++) {
      const at = row - this.#start;
      const value = window.values[row]!;
      const size = Math.abs(value);
      const isUsual = value === 0 || (size > LEAST_SQUARED && size < MOST_SQUARED);
      const added = isUsual ? value : 0;
      const square = added * added;
      this.#sums.add(at, added, 0);
      this.#squares.add(at, square, productLost(added, added, square));
      this.#odd.add(at, isUsual ? 0 : 1);
      this.#changes.add(at, at > 0 && value === window.values[row - 1] ? 0 : 1);
    }
    this.arrived(window);
  }
}

function slidingVariance(finish: (variance: number) => number): () => RangeFunction {
  return () => {
    const running = new RunningVariance();
    return (window) => finish(running.variance(window) ?? stdvarOverTime(window) ?? Number.NaN);
  };
}

export const slidingStdvar = slidingVariance((variance) => variance);
export const slidingStddev = slidingVariance(Math.sqrt);
