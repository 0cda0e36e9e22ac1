import { compensation } from "../functions/sums.ts";
import type { FoldOperator } from "../plan/scans.ts";
import type { Line } from "./lines.ts";

/**
 * What the series of each group come to at each step, series after series: cell group · steps +
 * step. The same numbers, in the same order of adding, as if all values lay side by side. Hot.
 */
export abstract class GroupTotals {
  protected readonly steps: number;
  /** Values of each cell. */
  protected readonly counts: Uint32Array;

  constructor(steps: number, { counts }: TotalsMemory) {
    this.steps = steps;
    this.counts = counts;
  }

  abstract add(group: number, line: Line): void;

  /** Adds what a group of another comes to, as if its series came now. */
  absorb(group: number, other: this, otherGroup: number): void {
    const { counts, steps } = this;
    for (let step = 0; step < steps; step++) {
      const from = otherGroup * steps + step;
      const added = other.counts[from]!;
      if (added === 0) continue;
      const cell = group * steps + step;
      this.join(cell, other, from);
      counts[cell]! += added;
    }
  }

  /** Adds a cell of another that has any value; the counts are those before. */
  protected abstract join(cell: number, other: this, from: number): void;

  /** The value of a cell that has any. */
  protected abstract valueOf(cell: number): number;

  /** Writes a group's values to a row of a table. */
  finish(group: number, values: Float64Array, present: Uint8Array, row: number): void {
    const { counts, steps } = this;
    for (let step = 0; step < steps; step++) {
      const cell = group * steps + step;
      if (counts[cell] === 0) continue;
      present[row * steps + step] = 1;
      values[row * steps + step] = this.valueOf(cell);
    }
  }
}

/** Zeroed columns of one number a cell; threads may share it. */
export interface TotalsMemory {
  readonly counts: Uint32Array;
  /** As many as the operator keeps. */
  readonly doubles: readonly Float64Array[];
}

/** How many doubles an operator keeps of a cell. */
const DOUBLES: Readonly<Record<FoldOperator, number>> = {
  sum: 2,
  avg: 3,
  min: 1,
  max: 1,
  count: 0,
  group: 0,
  stdvar: 2,
  stddev: 2,
};

export function totalsBytes(operator: FoldOperator, cells: number): number {
  return cells * (DOUBLES[operator] * 8 + 4);
}

/** In a buffer of at least `at` + `totalsBytes` bytes, zeroed; `at` is a multiple of 8. */
export function totalsMemory(
  operator: FoldOperator,
  cells: number,
  buffer: ArrayBufferLike = new ArrayBuffer(totalsBytes(operator, cells)),
  at = 0,
): TotalsMemory {
  const doubles = Array.from(
    { length: DOUBLES[operator] },
    (_, i) => new Float64Array(buffer, at + i * cells * 8, cells),
  );
  return { doubles, counts: new Uint32Array(buffer, at + doubles.length * cells * 8, cells) };
}

export function groupTotals(
  operator: FoldOperator,
  steps: number,
  memory: TotalsMemory,
): GroupTotals {
  switch (operator) {
    case "sum":
      return new Sums(steps, memory);
    case "avg":
      return new Means(steps, memory);
    case "min":
      return new Extremes(steps, memory, -1);
    case "max":
      return new Extremes(steps, memory, 1);
    case "count":
      return new Counts(steps, memory);
    case "group":
      return new Presences(steps, memory);
    case "stdvar":
      return new Variances(steps, memory, (variance) => variance);
    case "stddev":
      return new Variances(steps, memory, Math.sqrt);
  }
}

class Counts extends GroupTotals {
  add(group: number, { present }: Line): void {
    const { counts, steps } = this;
    const first = group * steps;
    for (let step = 0; step < steps; step++) counts[first + step]! += present[step]!;
  }

  /** The count is all there is. */
  protected join(): void {}

  protected valueOf(cell: number): number {
    return this.counts[cell]!;
  }
}

class Presences extends Counts {
  protected override valueOf(): number {
    return 1;
  }
}

class Sums extends GroupTotals {
  readonly #sums: Float64Array;
  /** What each sum lost while it was added up. */
  readonly #lost: Float64Array;

  constructor(steps: number, memory: TotalsMemory) {
    super(steps, memory);
    this.#sums = memory.doubles[0]!;
    this.#lost = memory.doubles[1]!;
  }

  add(group: number, { values, present }: Line): void {
    const { counts, steps } = this;
    const sums = this.#sums;
    const lost = this.#lost;
    const first = group * steps;
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

  protected join(cell: number, other: this, from: number): void {
    const sum = this.#sums[cell]!;
    const added = other.#sums[from]!;
    this.#lost[cell]! += compensation(sum, added) + other.#lost[from]!;
    this.#sums[cell] = sum + added;
  }

  protected valueOf(cell: number): number {
    const sum = this.#sums[cell]!;
    return Number.isFinite(sum) ? sum + this.#lost[cell]! : sum;
  }
}

/** As `mean` of functions/sums.ts: sums, and from where one would overflow a running mean. */
class Means extends GroupTotals {
  readonly #sums: Float64Array;
  readonly #lost: Float64Array;
  /** 1 = `sums` holds the mean, `lost` what it lost. */
  readonly #isMean: Float64Array;

  constructor(steps: number, memory: TotalsMemory) {
    super(steps, memory);
    this.#sums = memory.doubles[0]!;
    this.#lost = memory.doubles[1]!;
    this.#isMean = memory.doubles[2]!;
  }

  add(group: number, { values, present }: Line): void {
    const { counts, steps } = this;
    const sums = this.#sums;
    const first = group * steps;
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
        this.#lost[cell]! += compensation(sum, value);
        sums[cell] = next;
      }
    }
  }

  protected join(cell: number, other: this, from: number): void {
    const sum = this.#sums[cell]!;
    const otherSum = other.#sums[from]!;
    if (this.counts[cell] === 0) {
      this.#sums[cell] = otherSum;
      this.#lost[cell] = other.#lost[from]!;
      this.#isMean[cell] = other.#isMean[from]!;
    } else if (this.#isMean[cell] || other.#isMean[from] || isInfinite(sum + otherSum)) {
      this.#joinMeans(cell, other, from);
    } else {
      this.#lost[cell]! += compensation(sum, otherSum) + other.#lost[from]!;
      this.#sums[cell] = sum + otherSum;
    }
  }

  protected valueOf(cell: number): number {
    const divisor = this.#isMean[cell] === 1 ? 1 : this.counts[cell]!;
    return this.#sums[cell]! / divisor + this.#lost[cell]! / divisor;
  }

  #addMean(cell: number, value: number, count: number): void {
    this.#turnMean(cell, count - 1);
    const kept = (count - 1) / count;
    const add = value / count;
    const before = kept * this.#sums[cell]!;
    const next = before + add;
    const lost = this.#lost[cell]!;
    this.#lost[cell] = Number.isFinite(next) ? kept * lost + compensation(before, add) : 0;
    this.#sums[cell] = next;
  }

  #joinMeans(cell: number, other: this, from: number): void {
    const count = this.counts[cell]!;
    const added = other.counts[from]!;
    this.#turnMean(cell, count);
    const divisor = other.#isMean[from] === 1 ? 1 : added;
    const share = added / (count + added);
    const kept = count / (count + added);
    const before = kept * this.#sums[cell]!;
    const add = share * (other.#sums[from]! / divisor);
    const next = before + add;
    const lost = kept * this.#lost[cell]! + share * (other.#lost[from]! / divisor);
    this.#lost[cell] = Number.isFinite(next) ? lost + compensation(before, add) : 0;
    this.#sums[cell] = next;
  }

  #turnMean(cell: number, count: number): void {
    if (this.#isMean[cell] === 1) return;
    this.#isMean[cell] = 1;
    this.#sums[cell]! /= count;
    this.#lost[cell]! /= count;
  }
}

/** NaN only where every value is. */
class Extremes extends GroupTotals {
  readonly #sign: number;
  readonly #best: Float64Array;

  /** 1 = the largest, −1 = the smallest. */
  constructor(steps: number, memory: TotalsMemory, sign: 1 | -1) {
    super(steps, memory);
    this.#sign = sign;
    this.#best = memory.doubles[0]!;
  }

  add(group: number, { values, present }: Line): void {
    const { counts, steps } = this;
    const best = this.#best;
    const sign = this.#sign;
    const first = group * steps;
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

  protected join(cell: number, other: this, from: number): void {
    const value = other.#best[from]!;
    const known = this.#best[cell]!;
    const isBetter = this.#sign * value > this.#sign * known;
    if (this.counts[cell] === 0 || isBetter || Number.isNaN(known)) this.#best[cell] = value;
  }

  protected valueOf(cell: number): number {
    return this.#best[cell]!;
  }
}

/** Population variance, running update (Welford); joined as Chan, Golub and LeVeque do. */
class Variances extends GroupTotals {
  readonly #finish: (variance: number) => number;
  readonly #means: Float64Array;
  readonly #squares: Float64Array;

  constructor(steps: number, memory: TotalsMemory, finish: (variance: number) => number) {
    super(steps, memory);
    this.#finish = finish;
    this.#means = memory.doubles[0]!;
    this.#squares = memory.doubles[1]!;
  }

  add(group: number, { values, present }: Line): void {
    const { counts, steps } = this;
    const means = this.#means;
    const first = group * steps;
    for (let step = 0; step < steps; step++) {
      if (present[step] === 0) continue;
      const cell = first + step;
      const value = values[step]!;
      const distance = value - means[cell]!;
      means[cell]! += distance / ++counts[cell]!;
      this.#squares[cell]! += distance * (value - means[cell]!);
    }
  }

  protected join(cell: number, other: this, from: number): void {
    const count = this.counts[cell]!;
    if (count === 0) {
      this.#means[cell] = other.#means[from]!;
      this.#squares[cell] = other.#squares[from]!;
      return;
    }
    const added = other.counts[from]!;
    const distance = other.#means[from]! - this.#means[cell]!;
    const share = added / (count + added);
    this.#means[cell]! += distance * share;
    this.#squares[cell]! += other.#squares[from]! + distance * distance * count * share;
  }

  protected valueOf(cell: number): number {
    return this.#finish(this.#squares[cell]! / this.counts[cell]!);
  }
}

function isInfinite(value: number): boolean {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
}
