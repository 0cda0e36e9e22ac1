import type { HistogramBuckets } from "@hms-ops/model";
import { compensation } from "../functions/sums.ts";
import { type IndexedBuckets, packIndexed } from "./layout.ts";

/** Whether what additions lose is kept: where there are many, or as if there were one. */
export type Accuracy = "compensated" | "plain";

/**
 * Adds buckets of one side up, by index. Hot: one is made for every step of a rate, and plain arrays
 * are made faster than typed ones of this size.
 */
export class BucketSums {
  /** Rising. */
  #indexes: readonly number[];
  #sums: number[];
  /** Zeros where it adds plainly. */
  #lost: number[];
  readonly #accuracy: Accuracy;

  constructor({ indexes, counts }: IndexedBuckets, accuracy: Accuracy) {
    this.#accuracy = accuracy;
    this.#indexes = indexes;
    this.#sums = Array.from(counts);
    this.#lost = zeros(counts.length);
  }

  get isInfinite(): boolean {
    return this.#sums.some((sum) => Math.abs(sum) === Number.POSITIVE_INFINITY);
  }

  add({ indexes, counts }: IndexedBuckets, factor: number): void {
    const same = this.#sameUntil(indexes);
    for (let k = 0; k < same; k++) this.#addAt(k, counts[k]! * factor);
    if (same === indexes.length) return;
    if (!this.#hasAll(indexes)) this.#makeRoom(indexes);
    let at = 0;
    for (let k = same; k < indexes.length; k++) {
      while (this.#indexes[at]! < indexes[k]!) at++;
      this.#addAt(at, counts[k]! * factor);
    }
  }

  scale(factor: number): void {
    for (let at = 0; at < this.#sums.length; at++) {
      this.#sums[at]! *= factor;
      this.#lost[at]! *= factor;
    }
  }

  /**
   * Other indexes for the same buckets, which never fall; buckets that meet are added up. What was
   * lost is added by itself: with its sum it would be lost for good.
   */
  move(placeOf: (index: number) => number): void {
    const [sums, lost] = [this.#sums, this.#lost];
    const places = this.#indexes.map(placeOf);
    this.#indexes = places.filter((place, i) => i === 0 || place !== places[i - 1]);
    this.#sums = zeros(this.#indexes.length);
    this.#lost = zeros(this.#indexes.length);
    this.add({ indexes: places, counts: sums }, 1);
    this.add({ indexes: places, counts: lost }, 1);
  }

  /** Empties buckets, and tells what was in them, and by itself what was lost. */
  takeOut(isWanted: (index: number) => boolean, take: (count: number) => void): void {
    for (let at = 0; at < this.#indexes.length; at++) {
      if (!isWanted(this.#indexes[at]!)) continue;
      take(this.#sums[at]!);
      take(this.#lost[at]!);
      this.#sums[at] = 0;
      this.#lost[at] = 0;
    }
  }

  /** The shortest layout; empty buckets are left out. */
  over(divisor: number): HistogramBuckets {
    const counts = zeros(this.#sums.length);
    for (let at = 0; at < counts.length; at++) {
      counts[at] = total(this.#sums[at]! / divisor, this.#lost[at]! / divisor);
    }
    return packIndexed(this.#indexes, counts);
  }

  #addAt(at: number, count: number): void {
    const sum = this.#sums[at]!;
    if (this.#accuracy === "compensated") this.#lost[at]! += compensation(sum, count);
    this.#sums[at] = sum + count;
  }

  /** How many of the first indexes are the own ones, the usual case being all. */
  #sameUntil(indexes: readonly number[]): number {
    const own = this.#indexes;
    if (own === indexes) return own.length;
    const most = Math.min(own.length, indexes.length);
    let same = 0;
    while (same < most && own[same] === indexes[same]) same++;
    return same;
  }

  #hasAll(indexes: readonly number[]): boolean {
    let at = 0;
    for (let k = 0; k < indexes.length; k++) {
      while (at < this.#indexes.length && this.#indexes[at]! < indexes[k]!) at++;
      if (this.#indexes[at] !== indexes[k]) return false;
    }
    return true;
  }

  #makeRoom(indexes: readonly number[]): void {
    const [old, sums, lost] = [this.#indexes, this.#sums, this.#lost];
    this.#indexes = [...new Set([...old, ...indexes])].sort((a, b) => a - b);
    this.#sums = zeros(this.#indexes.length);
    this.#lost = zeros(this.#indexes.length);
    let at = 0;
    for (let k = 0; k < old.length; k++) {
      while (this.#indexes[at]! < old[k]!) at++;
      this.#sums[at] = sums[k]!;
      this.#lost[at] = lost[k]!;
    }
  }
}

function zeros(length: number): number[] {
  const numbers: number[] = [];
  for (let i = 0; i < length; i++) numbers.push(0);
  return numbers;
}

/** What was lost by adding to an infinite sum means nothing. */
function total(sum: number, lost: number): number {
  return Number.isFinite(sum) ? sum + lost : sum;
}
