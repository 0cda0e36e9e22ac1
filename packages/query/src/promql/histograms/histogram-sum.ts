import { bucketBound, type NativeHistogram, type ResetHint } from "@hms-ops/model";
import { compensation } from "../functions/sums.ts";
import { type Accuracy, BucketSums } from "./bucket-sums.ts";
import {
  coarserBuckets,
  coarserIndex,
  commonBounds,
  fullIndexes,
  hasCustomBounds,
  type IndexedBuckets,
  indexAmong,
  indexedBuckets,
  sameBounds,
  settledThreshold,
} from "./layout.ts";

/** A number and what its additions lost, nothing where it adds plainly. */
class SummedNumber {
  readonly #accuracy: Accuracy;
  #value: number;
  #lost = 0;

  constructor(value: number, accuracy: Accuracy) {
    this.#value = value;
    this.#accuracy = accuracy;
  }

  add(other: number): void {
    if (this.#accuracy === "compensated") this.#lost += compensation(this.#value, other);
    this.#value += other;
  }

  scale(factor: number): void {
    this.#value *= factor;
    this.#lost *= factor;
  }

  over(divisor: number): number {
    const share = this.#value / divisor;
    return Number.isFinite(this.#value) ? share + this.#lost / divisor : share;
  }

  get isInfinite(): boolean {
    return Math.abs(this.#value) === Number.POSITIVE_INFINITY;
  }
}

/**
 * Reconciled: custom bounds differed, and some were given up. Incompatible: one of both has custom
 * bounds and the other has not; nothing was added.
 */
export type AddOutcome = "added" | "reconciled" | "incompatible";

/**
 * Adds histograms up, bucket by bucket; compensated where Prometheus does it, which is in sums and
 * means, and plainly where it adds one to another, as in rates. Layouts are reconciled as Prometheus
 * does it: the lower schema wins, the zero bucket grows until it cuts no bucket that holds
 * observations, of custom bounds those stay that all have.
 */
export class HistogramSum {
  #schema: number;
  #zeroThreshold: number;
  #customBounds: Float64Array;
  #hint: ResetHint;
  readonly #zeroCount: SummedNumber;
  readonly #count: SummedNumber;
  readonly #sum: SummedNumber;
  readonly #positive: BucketSums;
  readonly #negative: BucketSums;
  #sawReset = false;
  #sawNoReset = false;

  constructor(first: NativeHistogram, accuracy: Accuracy = "compensated") {
    this.#schema = first.schema;
    this.#zeroThreshold = first.zeroThreshold;
    this.#customBounds = first.customBounds;
    this.#hint = first.resetHint;
    this.#zeroCount = new SummedNumber(first.zeroCount, accuracy);
    this.#count = new SummedNumber(first.count, accuracy);
    this.#sum = new SummedNumber(first.sum, accuracy);
    this.#positive = new BucketSums(indexedBuckets(first.positive), accuracy);
    this.#negative = new BucketSums(indexedBuckets(first.negative), accuracy);
    this.#see(first.resetHint);
  }

  /** One of the summands says that its counter was reset, another that it was not. */
  get hintsCollide(): boolean {
    return this.#sawReset && this.#sawNoReset;
  }

  get count(): number {
    return this.#count.over(1);
  }

  get isInfinite(): boolean {
    const parts = [this.#zeroCount, this.#count, this.#sum, this.#positive, this.#negative];
    return parts.some(({ isInfinite }) => isInfinite);
  }

  add(other: NativeHistogram, factor: 1 | -1 = 1): AddOutcome {
    if (hasCustomBounds(other) !== hasCustomBounds({ schema: this.#schema })) return "incompatible";
    this.#hint = joinedHint(this.#hint, other.resetHint);
    this.#see(other.resetHint);
    this.#count.add(other.count * factor);
    this.#sum.add(other.sum * factor);
    if (hasCustomBounds(other)) return this.#addCustom(other, factor);
    this.#addExponential(other, factor);
    return "added";
  }

  /** Merges buckets down to this schema; it is not above the sum's own. */
  coarsen(schema: number): void {
    if (schema >= this.#schema) return;
    const from = this.#schema;
    for (const side of [this.#positive, this.#negative]) {
      side.move((index) => coarserIndex(index, from, schema));
    }
    this.#schema = schema;
  }

  scale(factor: number): void {
    const parts = [this.#zeroCount, this.#count, this.#sum, this.#positive, this.#negative];
    for (const part of parts) part.scale(factor);
  }

  /** What was added up so far, all of it divided; no empty buckets. */
  result(divisor = 1): NativeHistogram {
    return {
      isInteger: false,
      resetHint: this.#hint,
      schema: this.#schema,
      zeroThreshold: this.#zeroThreshold,
      zeroCount: this.#zeroCount.over(divisor),
      count: this.#count.over(divisor),
      sum: this.#sum.over(divisor),
      positive: this.#positive.over(divisor),
      negative: this.#negative.over(divisor),
      customBounds: this.#customBounds,
    };
  }

  #see(hint: ResetHint): void {
    this.#sawReset ||= hint === "reset";
    this.#sawNoReset ||= hint === "not-reset";
  }

  #addCustom({ positive, customBounds }: NativeHistogram, factor: number): AddOutcome {
    const { indexes, counts } = indexedBuckets(positive);
    if (sameBounds(this.#customBounds, customBounds)) {
      this.#positive.add({ indexes, counts }, factor);
      return "added";
    }
    const own = this.#customBounds;
    const common = commonBounds(own, customBounds);
    this.#positive.move((index) => indexAmong(common, own, index));
    const places = indexes.map((index) => indexAmong(common, customBounds, index));
    this.#positive.add({ indexes: places, counts }, factor);
    this.#customBounds = common;
    return "reconciled";
  }

  #addExponential(other: NativeHistogram, factor: number): void {
    const threshold = this.#commonThreshold(other);
    if (threshold > this.#zeroThreshold) this.#growZero(threshold);
    this.#zeroCount.add(other.zeroCount * factor);
    this.coarsen(other.schema);
    this.#addSide(this.#positive, indexedBuckets(other.positive), other, factor);
    this.#addSide(this.#negative, indexedBuckets(other.negative), other, factor);
  }

  /**
   * As Prometheus has it, buckets inside the zero bucket are not added, but what the zero bucket
   * grew over is not taken out of a coarser bucket that reaches beyond it.
   */
  #addSide(
    side: BucketSums,
    buckets: IndexedBuckets,
    { schema, zeroThreshold }: NativeHistogram,
    factor: number,
  ): void {
    const { indexes, counts } = buckets;
    const threshold = this.#zeroThreshold;
    if (threshold > zeroThreshold) {
      for (let i = 0; i < indexes.length; i++) {
        if (bucketBound(schema, indexes[i]! - 1) >= threshold) break;
        this.#zeroCount.add(counts[i]! * factor);
      }
    }
    side.add(
      beyond(coarserBuckets(buckets, schema, this.#schema), this.#schema, threshold),
      factor,
    );
  }

  #commonThreshold(other: NativeHistogram): number {
    if (other.zeroThreshold === this.#zeroThreshold) return other.zeroThreshold;
    const own = [this.#positive.over(1), this.#negative.over(1)].map(fullIndexes);
    const others = [other.positive, other.negative].map(fullIndexes);
    let threshold = Math.max(this.#zeroThreshold, other.zeroThreshold);
    for (;;) {
      let next = threshold;
      if (next > this.#zeroThreshold) next = settledThreshold(next, this.#schema, own);
      if (next > other.zeroThreshold) next = settledThreshold(next, other.schema, others);
      if (next === threshold) return next;
      threshold = next;
    }
  }

  #growZero(threshold: number): void {
    const isInside = (index: number) => bucketBound(this.#schema, index - 1) < threshold;
    for (const side of [this.#positive, this.#negative]) {
      side.takeOut(isInside, (count) => this.#zeroCount.add(count));
    }
    this.#zeroThreshold = threshold;
  }
}

/** Without the buckets that end inside the zero bucket. Hot: most often there are none. */
function beyond(buckets: IndexedBuckets, schema: number, threshold: number): IndexedBuckets {
  const { indexes, counts } = buckets;
  let first = 0;
  while (first < indexes.length && bucketBound(schema, indexes[first]!) <= threshold) first++;
  if (first === 0) return buckets;
  return { indexes: indexes.slice(first), counts: Array.from(counts).slice(first) };
}

/** Hint of a sum or difference of two. */
function joinedHint(a: ResetHint, b: ResetHint): ResetHint {
  if (a === b) return a;
  return a === "gauge" || b === "gauge" ? "gauge" : "unknown";
}
