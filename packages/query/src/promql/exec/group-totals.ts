import { compensation } from "../functions/sums.ts";
import type { FoldOperator } from "../plan/scans.ts";
import type { Line } from "./lines.ts";

/**
 * What the series of each group come to at each step, series after series: cell group · steps +
 * step. The same numbers, in the same order of adding, as if all values lay side by side. Hot.
 */
export interface GroupTotals {
  add(group: number, line: Line): void;
  /** Of so many groups, in new arrays. */
  take(groups: number): { readonly values: Float64Array; readonly present: Uint8Array };
}

export function groupTotals(operator: FoldOperator, steps: number): GroupTotals {
  switch (operator) {
    case "sum":
      return new Sums(steps);
    case "avg":
      return new Means(steps);
    case "min":
      return new Extremes(steps, -1);
    case "max":
      return new Extremes(steps, 1);
    case "count":
      return new Counts(steps);
    case "group":
      return new Presences(steps);
    case "stdvar":
      return new Variances(steps, (variance) => variance);
    case "stddev":
      return new Variances(steps, Math.sqrt);
  }
}

/** Columns of one number a cell that grow with the groups. */
abstract class Cells {
  protected readonly steps: number;
  protected counts = new Uint32Array(0);

  constructor(steps: number) {
    this.steps = steps;
  }

  /** First cell of a group, after making room for it. */
  protected cellOf(group: number): number {
    const needed = (group + 1) * this.steps;
    if (needed > this.counts.length) this.grow(Math.max(needed, 2 * this.counts.length));
    return group * this.steps;
  }

  protected grow(cells: number): void {
    this.counts = widened(this.counts, new Uint32Array(cells));
  }

  protected presentOf(groups: number): Uint8Array {
    const present = new Uint8Array(groups * this.steps);
    for (let cell = 0; cell < present.length; cell++)
      present[cell] = this.counts[cell]! > 0 ? 1 : 0;
    return present;
  }
}

class Counts extends Cells implements GroupTotals {
  add(group: number, { present }: Line): void {
    const first = this.cellOf(group);
    const { counts, steps } = this;
    for (let step = 0; step < steps; step++) counts[first + step]! += present[step]!;
  }

  take(groups: number) {
    const values = Float64Array.from(this.counts.subarray(0, groups * this.steps));
    return { values, present: this.presentOf(groups) };
  }
}

class Presences extends Counts {
  override take(groups: number) {
    const present = this.presentOf(groups);
    return { values: new Float64Array(present), present };
  }
}

/** Sums, and what each lost while it was added up. */
abstract class CompensatedCells extends Cells {
  protected sums = new Float64Array(0);
  protected lost = new Float64Array(0);

  protected override grow(cells: number): void {
    super.grow(cells);
    this.sums = widened(this.sums, new Float64Array(cells));
    this.lost = widened(this.lost, new Float64Array(cells));
  }
}

class Sums extends CompensatedCells implements GroupTotals {
  add(group: number, { values, present }: Line): void {
    const first = this.cellOf(group);
    const { counts, steps, sums, lost } = this;
    for (let step = 0; step < steps; step++) {
      if (present[step] === 0) continue;
      const cell = first + step;
      const value = values[step]!;
      const sum = sums[cell]!;
      lost[cell]! += compensation(sum, value);
      sums[cell] = sum + value;
      counts[cell]!++;
    }
  }

  take(groups: number) {
    const values = this.sums.slice(0, groups * this.steps);
    for (let cell = 0; cell < values.length; cell++) {
      const sum = values[cell]!;
      if (Number.isFinite(sum)) values[cell] = sum + this.lost[cell]!;
    }
    return { values, present: this.presentOf(groups) };
  }
}

/** As `mean` of functions/sums.ts: sums, and from where one would overflow a running mean. */
class Means extends CompensatedCells implements GroupTotals {
  /** 1 = `sums` holds the mean, `lost` what it lost. */
  #isMean = new Uint8Array(0);

  add(group: number, { values, present }: Line): void {
    const first = this.cellOf(group);
    const { counts, steps, sums, lost } = this;
    for (let step = 0; step < steps; step++) {
      if (present[step] === 0) continue;
      const cell = first + step;
      const value = values[step]!;
      const count = ++counts[cell]!;
      const sum = sums[cell]!;
      const next = sum + value;
      if (count === 1) sums[cell] = value;
      else if (this.#isMean[cell] === 1 || isInfinite(next)) this.#addMean(cell, value, count);
      else {
        lost[cell]! += compensation(sum, value);
        sums[cell] = next;
      }
    }
  }

  take(groups: number) {
    const values = this.sums.slice(0, groups * this.steps);
    for (let cell = 0; cell < values.length; cell++) {
      const divisor = this.#isMean[cell] === 1 ? 1 : this.counts[cell]!;
      values[cell] = values[cell]! / divisor + this.lost[cell]! / divisor;
    }
    return { values, present: this.presentOf(groups) };
  }

  #addMean(cell: number, value: number, count: number): void {
    const { sums, lost } = this;
    if (this.#isMean[cell] === 0) {
      this.#isMean[cell] = 1;
      sums[cell]! /= count - 1;
      lost[cell]! /= count - 1;
    }
    const kept = (count - 1) / count;
    const add = value / count;
    const before = kept * sums[cell]!;
    const next = before + add;
    lost[cell] = Number.isFinite(next) ? kept * lost[cell]! + compensation(before, add) : 0;
    sums[cell] = next;
  }

  protected override grow(cells: number): void {
    super.grow(cells);
    this.#isMean = widened(this.#isMean, new Uint8Array(cells));
  }
}

/** NaN only where every value is. */
class Extremes extends Cells implements GroupTotals {
  readonly #sign: number;
  #best = new Float64Array(0);

  /** 1 = the largest, −1 = the smallest. */
  constructor(steps: number, sign: 1 | -1) {
    super(steps);
    this.#sign = sign;
  }

  add(group: number, { values, present }: Line): void {
    const first = this.cellOf(group);
    const { counts, steps } = this;
    const best = this.#best;
    const sign = this.#sign;
    for (let step = 0; step < steps; step++) {
      if (present[step] === 0) continue;
      const cell = first + step;
      const value = values[step]!;
      const known = best[cell]!;
      if (counts[cell]!++ === 0 || sign * value > sign * known || Number.isNaN(known)) {
        best[cell] = value;
      }
    }
  }

  take(groups: number) {
    return { values: this.#best.slice(0, groups * this.steps), present: this.presentOf(groups) };
  }

  protected override grow(cells: number): void {
    super.grow(cells);
    this.#best = widened(this.#best, new Float64Array(cells));
  }
}

/** Population variance, running update (Welford). */
class Variances extends Cells implements GroupTotals {
  readonly #finish: (variance: number) => number;
  #means = new Float64Array(0);
  #squares = new Float64Array(0);

  constructor(steps: number, finish: (variance: number) => number) {
    super(steps);
    this.#finish = finish;
  }

  add(group: number, { values, present }: Line): void {
    const first = this.cellOf(group);
    const { counts, steps } = this;
    for (let step = 0; step < steps; step++) {
      if (present[step] === 0) continue;
      const cell = first + step;
      const value = values[step]!;
      const distance = value - this.#means[cell]!;
      this.#means[cell]! += distance / ++counts[cell]!;
      this.#squares[cell]! += distance * (value - this.#means[cell]!);
    }
  }

  take(groups: number) {
    const values = this.#squares.slice(0, groups * this.steps);
    for (let cell = 0; cell < values.length; cell++) {
      values[cell] = this.#finish(values[cell]! / this.counts[cell]!);
    }
    return { values, present: this.presentOf(groups) };
  }

  protected override grow(cells: number): void {
    super.grow(cells);
    this.#means = widened(this.#means, new Float64Array(cells));
    this.#squares = widened(this.#squares, new Float64Array(cells));
  }
}

function isInfinite(value: number): boolean {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
}

function widened<Column extends Float64Array | Uint32Array | Uint8Array>(
  old: Column,
  wider: Column,
): Column {
  wider.set(old);
  return wider;
}
