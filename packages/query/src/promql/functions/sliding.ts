import { Slider } from "./slider.ts";
import type { RangeFunction, Window } from "./window.ts";

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
    if (this.begins(window)) {
      this.#rows.length = 0;
      this.#first = 0;
    }
    const { values, from, to } = window;
    for (let row = Math.max(this.to, this.from + 1); row < to; row++) {
      if (this.#happens(values[row]!, values[row - 1]!)) this.#rows.push(row);
    }
    while (this.#first < this.#rows.length && this.#rows[this.#first]! <= from) this.#first++;
    this.arrived(window);
    return { rows: this.#rows, first: this.#first };
  }

  count(window: Window): number {
    const { rows, first } = this.within(window);
    return rows.length - first;
  }
}

/** Largest or smallest number of the window: the candidates, best first (monotonic queue). */
class Extreme extends Slider {
  /** 1 = the largest, −1 the smallest: ranks are values by sign. */
  readonly #sign: 1 | -1;
  #ranks = new Float64Array(256);
  #rows = new Uint32Array(256);
  #first = 0;
  #end = 0;

  constructor(sign: 1 | -1) {
    super();
    this.#sign = sign;
  }

  /** Hot. */
  best(window: Window): number {
    if (this.begins(window)) {
      this.#first = 0;
      this.#end = 0;
    }
    const { values, from, to } = window;
    this.#reserve(to - this.to);
    const ranks = this.#ranks;
    const rows = this.#rows;
    const sign = this.#sign;
    let first = this.#first;
    let end = this.#end;
    for (let row = this.to; row < to; row++) {
      const rank = sign * values[row]!;
      if (Number.isNaN(rank)) continue;
      // Of equals (0 and −0) the first one stays, as it does in the plain functions.
      while (end > first && rank > ranks[end - 1]!) end--;
      ranks[end] = rank;
      rows[end++] = row;
    }
    while (first < end && rows[first]! < from) first++;
    this.#first = first;
    this.#end = end;
    this.arrived(window);
    return first < end ? values[rows[first]!]! : Number.NaN;
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#rows.length) return;
    const { length } = this.#rows;
    const waiting = this.#end - this.#first;
    const isRoom = waiting + count <= length / 2;
    const ranks = isRoom ? this.#ranks : new Float64Array(2 * (length + count));
    const rows = isRoom ? this.#rows : new Uint32Array(2 * (length + count));
    ranks.set(this.#ranks.subarray(this.#first, this.#end));
    rows.set(this.#rows.subarray(this.#first, this.#end));
    this.#ranks = ranks;
    this.#rows = rows;
    this.#first = 0;
    this.#end = waiting;
  }
}

export function slidingMinimum(): RangeFunction {
  const extreme = new Extreme(-1);
  return (window) => extreme.best(window);
}

export function slidingMaximum(): RangeFunction {
  const extreme = new Extreme(1);
  return (window) => extreme.best(window);
}
