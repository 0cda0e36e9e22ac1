import type { Window } from "./window.ts";

/*
 * Range functions over overlapping windows: what a window shares with the one before it is not
 * looked at again, so that all steps of a series cost about as much as its samples. The windows of
 * a series only move forward. Each maker returns a function with state of its own; it starts anew
 * at every series. Answers are those of the plain functions, sums to the last bit or two.
 */

/** Whether most samples are in several windows, so that sliding is worth its state. */
export function isSlidingWorth(ends: Float64Array, rangeMs: number): boolean {
  const stepMs = ends.length > 1 ? ends[1]! - ends[0]! : rangeMs;
  return rangeMs > 2 * stepMs;
}

/** Knows which rows of a series a window before has taken. */
export abstract class Slider {
  #series = -1;
  /** First row that is taken and not dropped, and the one behind the last. */
  protected from = 0;
  protected to = 0;

  /** True: the window shares nothing with the one before, which is to be forgotten. */
  protected begins({ series, from }: Window): boolean {
    if (this.#series === series && from < this.to) return false;
    this.#series = series;
    this.from = from;
    this.to = from;
    return true;
  }

  /** To be called when the window's rows are taken and those before it dropped. */
  protected arrived({ from, to }: Window): void {
    this.from = from;
    this.to = to;
  }
}
