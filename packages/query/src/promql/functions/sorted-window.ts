import { quantileOfSorted } from "./quantile.ts";
import { Slider } from "./slider.ts";
import type { RangeFunction, Window } from "./window.ts";

/** The window's numbers in rising order, and how many are none. Hot. */
class SortedWindow extends Slider {
  #sorted = new Float64Array(64);
  #count = 0;
  #nans = 0;

  quantile(window: Window, phi: number): number {
    this.#move(window);
    return quantileOfSorted(this.#sorted, this.#count, this.#nans, phi);
  }

  /** Mostly one value comes for each that goes: only what lies between the two is shifted. */
  #move(window: Window): void {
    if (this.begins(window)) {
      this.#count = 0;
      this.#nans = 0;
    }
    const { values, from, to } = window;
    let dropped = this.from;
    let taken = this.to;
    while (dropped < from && taken < to) this.#replace(values[dropped++]!, values[taken++]!);
    while (taken < to) this.#insert(values[taken++]!);
    while (dropped < from) this.#remove(values[dropped++]!);
    this.arrived(window);
  }

  #replace(old: number, value: number): void {
    if (old === value && value !== 0) return;
    if (Number.isNaN(old) || Number.isNaN(value)) {
      this.#insert(value);
      this.#remove(old);
      return;
    }
    const sorted = this.#sorted;
    const last = this.#count - 1;
    let place = this.#placeOf(old);
    if (value > old) {
      for (; place < last && sorted[place + 1]! < value; place++)
        sorted[place] = sorted[place + 1]!;
    } else {
      for (; place > 0 && sorted[place - 1]! > value; place--) sorted[place] = sorted[place - 1]!;
    }
    sorted[place] = value;
  }

  #insert(value: number): void {
    if (Number.isNaN(value)) {
      this.#nans++;
      return;
    }
    if (this.#count === this.#sorted.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#sorted);
      this.#sorted = larger;
    }
    const sorted = this.#sorted;
    let place = this.#count++;
    for (; place > 0 && sorted[place - 1]! > value; place--) sorted[place] = sorted[place - 1]!;
    sorted[place] = value;
  }

  #remove(value: number): void {
    if (Number.isNaN(value)) {
      this.#nans--;
      return;
    }
    const sorted = this.#sorted;
    const last = --this.#count;
    for (let place = this.#placeOf(value); place < last; place++) {
      sorted[place] = sorted[place + 1]!;
    }
  }

  /** Where a number is: behind everything that is less. */
  #placeOf(value: number): number {
    const sorted = this.#sorted;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function slidingQuantile(): RangeFunction {
  const sorted = new SortedWindow();
  return (window) => sorted.quantile(window, window.parameters[0] ?? Number.NaN);
}
