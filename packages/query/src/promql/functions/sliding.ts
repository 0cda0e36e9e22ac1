import { compensation } from "./sums.ts";
import type { RangeFunction, Window } from "./window.ts";

/*
 * Range functions over overlapping windows: what a window shares with the one before it is not
 * looked at again, so that all steps of a series cost about as much as its samples. The windows of
 * a series only move forward. Each maker returns a function with state of its own; it starts anew
 * at every series. Answers are those of the plain functions, sums to the last bit or two.
 */

/** Follows the windows of one series; `from` and `to` are rows that it has dropped and taken. */
abstract class Slider {
  #series = -1;
  protected from = 0;
  protected to = 0;

  protected abstract restart(): void;
  protected abstract take(values: Float64Array, row: number): void;
  protected abstract drop(values: Float64Array, row: number): void;

  move({ values, series, from, to }: Window): void {
    if (this.#series !== series) {
      this.#series = series;
      this.from = from;
      this.to = from;
      this.restart();
    }
    for (; this.to < to; this.to++) this.take(values, this.to);
    for (; this.from < from; this.from++) this.drop(values, this.from);
  }
}

/** Rows at which something happened between a row and the one before it. */
export class EventRows extends Slider {
  readonly #happens: (value: number, before: number) => boolean;
  readonly #rows: number[] = [];
  #first = 0;

  constructor(happens: (value: number, before: number) => boolean) {
    super();
    this.#happens = happens;
  }

  /** Events behind the window's first row, in order. */
  within(window: Window): { readonly rows: readonly number[]; readonly first: number } {
    this.move(window);
    while (this.#first < this.#rows.length && this.#rows[this.#first]! <= window.from) {
      this.#first++;
    }
    return { rows: this.#rows, first: this.#first };
  }

  count(window: Window): number {
    const { rows, first } = this.within(window);
    return rows.length - first;
  }

  protected restart(): void {
    this.#rows.length = 0;
    this.#first = 0;
  }

  protected take(values: Float64Array, row: number): void {
    if (row > this.from && this.#happens(values[row]!, values[row - 1]!)) this.#rows.push(row);
  }

  protected drop(): void {}
}

/** Largest or smallest number of the window: the candidates, best first (monotonic queue). */
class Extreme extends Slider {
  readonly #better: (a: number, b: number) => boolean;
  readonly #rows: number[] = [];
  #first = 0;

  constructor(better: (a: number, b: number) => boolean) {
    super();
    this.#better = better;
  }

  best(window: Window): number {
    this.move(window);
    const row = this.#rows[this.#first];
    return row === undefined ? Number.NaN : window.values[row]!;
  }

  protected restart(): void {
    this.#rows.length = 0;
    this.#first = 0;
  }

  protected take(values: Float64Array, row: number): void {
    const value = values[row]!;
    if (Number.isNaN(value)) return;
    const rows = this.#rows;
    // Of equals (0 and −0) the first one stays, as it does in the plain functions.
    while (rows.length > this.#first && this.#better(value, values[rows[rows.length - 1]!]!)) {
      rows.pop();
    }
    rows.push(row);
  }

  protected drop(_: Float64Array, row: number): void {
    if (this.#rows[this.#first] === row) this.#first++;
  }
}

export function slidingMinimum(): RangeFunction {
  const extreme = new Extreme((a, b) => a < b);
  return (window) => extreme.best(window);
}

export function slidingMaximum(): RangeFunction {
  const extreme = new Extreme((a, b) => a > b);
  return (window) => extreme.best(window);
}

/** The window's values in rising order, NaN first; one is put in and one taken out per sample. */
class SortedWindow extends Slider {
  #sorted = new Float64Array(64);
  #count = 0;

  values(window: Window): Float64Array {
    this.move(window);
    return this.#sorted.subarray(0, this.#count);
  }

  protected restart(): void {
    this.#count = 0;
  }

  protected take(values: Float64Array, row: number): void {
    const value = values[row]!;
    if (this.#count === this.#sorted.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#sorted);
      this.#sorted = larger;
    }
    const place = this.#place(value);
    this.#sorted.copyWithin(place + 1, place, this.#count);
    this.#sorted[place] = value;
    this.#count++;
  }

  protected drop(values: Float64Array, row: number): void {
    const place = this.#place(values[row]!);
    this.#sorted.copyWithin(place, place + 1, this.#count);
    this.#count--;
  }

  /** Where the value is, or would be put: behind everything that is less. */
  #place(value: number): number {
    if (Number.isNaN(value)) return 0;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#sorted[middle]!;
      if (other < value || Number.isNaN(other)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function slidingSorted(
  evaluate: (sorted: Float64Array, window: Window) => number,
): () => RangeFunction {
  return () => {
    const sorted = new SortedWindow();
    return (window) => evaluate(sorted.values(window), window);
  };
}

/**
 * Sums of windows as differences of running sums, which are kept in two numbers (106 bits). Where
 * that can't hold the window's own last bits, it says so and the window is added up plainly.
 */
class RunningSum extends Slider {
  #high = new Float64Array(1024);
  #low = new Float64Array(1024);
  /** Rows so far that are no finite number, and those that are not 0. */
  #odd = new Uint32Array(1024);
  #nonZero = new Uint32Array(1024);
  #start = 0;
  #largest = 0;

  /** Undefined: add the window up. */
  sum(window: Window): number | undefined {
    this.move(window);
    const from = window.from - this.#start;
    const to = window.to - this.#start;
    if (this.#odd[to] !== this.#odd[from]) return undefined;
    if (this.#nonZero[to] === this.#nonZero[from]) return 0;
    const highs = this.#high[to]! - this.#high[from]!;
    const lost = compensation(this.#high[to]!, -this.#high[from]!);
    const sum = highs + (lost + (this.#low[to]! - this.#low[from]!));
    return this.#largest * UNCERTAINTY < Math.abs(sum) ? sum : undefined;
  }

  protected restart(): void {
    this.#start = this.from;
    this.#largest = 0;
    this.#high[0] = 0;
    this.#low[0] = 0;
    this.#odd[0] = 0;
    this.#nonZero[0] = 0;
  }

  protected take(values: Float64Array, row: number): void {
    const at = row - this.#start;
    if (at + 2 > this.#high.length) this.#grow();
    const value = values[row]!;
    const finite = Number.isFinite(value);
    const added = finite ? value : 0;
    const before = this.#high[at]!;
    const high = before + added;
    this.#high[at + 1] = high;
    this.#low[at + 1] = this.#low[at]! + compensation(before, added);
    this.#odd[at + 1] = this.#odd[at]! + (finite && Number.isFinite(high) ? 0 : 1);
    this.#nonZero[at + 1] = this.#nonZero[at]! + (added === 0 ? 0 : 1);
    this.#largest = Math.max(this.#largest, Math.abs(high), Math.abs(added));
  }

  protected drop(): void {}

  #grow(): void {
    this.#high = doubled(this.#high, new Float64Array(this.#high.length * 2));
    this.#low = doubled(this.#low, new Float64Array(this.#low.length * 2));
    this.#odd = doubled(this.#odd, new Uint32Array(this.#odd.length * 2));
    this.#nonZero = doubled(this.#nonZero, new Uint32Array(this.#nonZero.length * 2));
  }
}

function doubled<Column extends Float64Array | Uint32Array>(old: Column, grown: Column): Column {
  grown.set(old);
  return grown;
}

/** Share of the largest running sum that two numbers may have lost, with room to spare. */
const UNCERTAINTY = 2 ** -40;

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
