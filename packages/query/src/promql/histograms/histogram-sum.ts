import {
  bucketBound,
  type HistogramBuckets,
  type NativeHistogram,
  type ResetHint,
} from "@hms-ops/model";
import { compensation } from "../functions/sums.ts";
import {
  coarserIndex,
  commonBounds,
  eachBucket,
  hasCustomBounds,
  indexAmong,
  packBuckets,
  sameBounds,
  settledThreshold,
} from "./layout.ts";

/** A number and what its additions lost. */
class CompensatedNumber {
  #value: number;
  #lost = 0;

  constructor(value: number) {
    this.#value = value;
  }

  add(other: number): void {
    this.#lost += compensation(this.#value, other);
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

type Side = Map<number, CompensatedNumber>;

/**
 * Reconciled: custom bounds differed, and some were given up. Incompatible: one of both has custom
 * bounds and the other has not; nothing was added.
 */
export type AddOutcome = "added" | "reconciled" | "incompatible";

/**
 * Adds histograms up, bucket by bucket and compensated. Layouts are reconciled as Prometheus does
 * it: the lower schema wins, the zero bucket grows until it cuts no bucket that holds
 * observations, of custom bounds those stay that all have.
 */
export class HistogramSum {
  #schema: number;
  #zeroThreshold: number;
  #customBounds: Float64Array;
  #hint: ResetHint;
  readonly #zeroCount: CompensatedNumber;
  readonly #count: CompensatedNumber;
  readonly #sum: CompensatedNumber;
  #positive: Side;
  #negative: Side;
  #sawReset = false;
  #sawNoReset = false;

  constructor(first: NativeHistogram) {
    this.#schema = first.schema;
    this.#zeroThreshold = first.zeroThreshold;
    this.#customBounds = first.customBounds;
    this.#hint = first.resetHint;
    this.#zeroCount = new CompensatedNumber(first.zeroCount);
    this.#count = new CompensatedNumber(first.count);
    this.#sum = new CompensatedNumber(first.sum);
    this.#positive = sideOf(first.positive);
    this.#negative = sideOf(first.negative);
    this.#see(first.resetHint);
  }

  /** One of the summands says that its counter was reset, another that it was not. */
  get hintsCollide(): boolean {
    return this.#sawReset && this.#sawNoReset;
  }

  get isInfinite(): boolean {
    const numbers = [this.#zeroCount, this.#count, this.#sum];
    for (const side of [this.#positive, this.#negative]) numbers.push(...side.values());
    return numbers.some((number) => number.isInfinite);
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
    this.#positive = movedSide(this.#positive, (index) => coarserIndex(index, from, schema));
    this.#negative = movedSide(this.#negative, (index) => coarserIndex(index, from, schema));
    this.#schema = schema;
  }

  scale(factor: number): void {
    for (const number of [this.#zeroCount, this.#count, this.#sum]) number.scale(factor);
    for (const side of [this.#positive, this.#negative]) {
      for (const number of side.values()) number.scale(factor);
    }
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
      positive: bucketsOver(this.#positive, divisor),
      negative: bucketsOver(this.#negative, divisor),
      customBounds: this.#customBounds,
    };
  }

  #see(hint: ResetHint): void {
    this.#sawReset ||= hint === "reset";
    this.#sawNoReset ||= hint === "not-reset";
  }

  #addCustom({ positive, customBounds }: NativeHistogram, factor: number): AddOutcome {
    if (sameBounds(this.#customBounds, customBounds)) {
      addTo(this.#positive, positive, factor, (index) => index);
      return "added";
    }
    const own = this.#customBounds;
    const common = commonBounds(own, customBounds);
    this.#positive = movedSide(this.#positive, (index) => indexAmong(common, own, index));
    addTo(this.#positive, positive, factor, (index) => indexAmong(common, customBounds, index));
    this.#customBounds = common;
    return "reconciled";
  }

  #addExponential(other: NativeHistogram, factor: number): void {
    const threshold = this.#commonThreshold(other);
    if (threshold > this.#zeroThreshold) this.#growZero(threshold);
    this.#zeroCount.add(other.zeroCount * factor);
    this.coarsen(other.schema);
    const { schema } = other;
    for (const [side, buckets] of [
      [this.#positive, other.positive],
      [this.#negative, other.negative],
    ] as const) {
      eachBucket(buckets, (index, count) => {
        const isInZero =
          threshold > other.zeroThreshold && bucketBound(schema, index - 1) < threshold;
        if (isInZero) this.#zeroCount.add(count * factor);
        else addOne(side, coarserIndex(index, schema, this.#schema), count * factor);
      });
    }
  }

  #commonThreshold(other: NativeHistogram): number {
    if (other.zeroThreshold === this.#zeroThreshold) return other.zeroThreshold;
    const own = [this.#positive.keys(), this.#negative.keys()].map((keys) => [...keys]);
    const others = [indexesOf(other.positive), indexesOf(other.negative)];
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
    for (const side of [this.#positive, this.#negative]) {
      for (const [index, count] of side) {
        if (bucketBound(this.#schema, index - 1) >= threshold) continue;
        this.#zeroCount.add(count.over(1));
        side.delete(index);
      }
    }
    this.#zeroThreshold = threshold;
  }
}

/** Hint of a sum or difference of two. */
function joinedHint(a: ResetHint, b: ResetHint): ResetHint {
  if (a === b) return a;
  return a === "gauge" || b === "gauge" ? "gauge" : "unknown";
}

function sideOf(buckets: HistogramBuckets): Side {
  const side: Side = new Map();
  eachBucket(buckets, (index, count) => side.set(index, new CompensatedNumber(count)));
  return side;
}

function indexesOf(buckets: HistogramBuckets): readonly number[] {
  const indexes: number[] = [];
  eachBucket(buckets, (index) => indexes.push(index));
  return indexes;
}

function addOne(side: Side, index: number, count: number): void {
  const known = side.get(index);
  if (known) known.add(count);
  else side.set(index, new CompensatedNumber(count));
}

function addTo(
  side: Side,
  buckets: HistogramBuckets,
  factor: number,
  placeOf: (index: number) => number,
): void {
  eachBucket(buckets, (index, count) => addOne(side, placeOf(index), count * factor));
}

function movedSide(side: Side, placeOf: (index: number) => number): Side {
  const moved: Side = new Map();
  for (const index of [...side.keys()].sort((a, b) => a - b)) {
    addOne(moved, placeOf(index), side.get(index)!.over(1));
  }
  return moved;
}

function bucketsOver(side: Side, divisor: number): HistogramBuckets {
  const counts = new Map<number, number>();
  for (const [index, count] of side) counts.set(index, count.over(divisor));
  return packBuckets(counts);
}
