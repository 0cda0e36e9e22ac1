import type { BucketBatch } from "@hms-ops/model";
import { compensation } from "../functions/sums.ts";

/**
 * Sums of the buckets of one series over any stretch, from a tree whose nodes are the sums of two
 * below: a window costs the logarithm of its buckets. Order is kept: of equals the first one wins.
 */
abstract class BucketTree {
  /** A power of two: leaf i is node `leaves` + i; behind the leaves, two nodes to add up in. */
  #leaves = 0;

  /** Rows [from, to) of the batch, which must not change until the last `fold`. */
  load(batch: BucketBatch, from: number, to: number): void {
    let leaves = 1;
    while (leaves < to - from) leaves *= 2;
    this.#leaves = leaves;
    this.reserve(2 * leaves + 2);
    for (let i = 0; i < leaves; i++) {
      if (from + i < to) this.take(batch, from + i, leaves + i);
      else this.clear(leaves + i);
    }
    for (let node = leaves - 1; node > 0; node--) this.merge(2 * node, 2 * node + 1, node);
  }

  /** The node that holds rows [from, to), counted from the first; valid until the next call. */
  protected fold(from: number, to: number): number {
    const before = 2 * this.#leaves;
    const after = before + 1;
    this.clear(before);
    this.clear(after);
    let left = from + this.#leaves;
    let right = to + this.#leaves;
    for (; left < right; left >>>= 1, right >>>= 1) {
      if (left & 1) this.merge(before, left++, before);
      if (right & 1) this.merge(--right, after, after);
    }
    this.merge(before, after, before);
    return before;
  }

  protected abstract reserve(nodes: number): void;
  protected abstract take(batch: BucketBatch, row: number, node: number): void;
  protected abstract clear(node: number): void;
  /** `into` may be one of the two. */
  protected abstract merge(left: number, right: number, into: number): void;
}

/** Least or greatest value: NaN only where all are. */
export class ExtremeTree extends BucketTree {
  readonly #what: "minimums" | "maximums";
  #values = new Float64Array(0);

  constructor(what: "minimums" | "maximums") {
    super();
    this.#what = what;
  }

  best(from: number, to: number): number {
    return this.#values[this.fold(from, to)]!;
  }

  protected reserve(nodes: number): void {
    if (this.#values.length < nodes) this.#values = new Float64Array(nodes);
  }

  protected take(batch: BucketBatch, row: number, node: number): void {
    this.#values[node] = batch[this.#what][row]!;
  }

  protected clear(node: number): void {
    this.#values[node] = Number.NaN;
  }

  protected merge(left: number, right: number, into: number): void {
    const a = this.#values[left]!;
    const b = this.#values[right]!;
    const isBetter = this.#what === "minimums" ? b < a : b > a;
    this.#values[into] = isBetter || Number.isNaN(a) ? b : a;
  }
}

/** Sums of whole numbers up to here are exact in any order. */
const EXACT_MAX = 2 ** 53;
/** By how much, relatively, a sum of buckets may differ from that of the samples. */
const TOLERANCE = 2e-13;
/**
 * Squared counts times this and the size: what two compensated sums of the same numbers may differ
 * by beside their last bits (Ogita, Rump, Oishi, "Accurate sum and dot product", 2005).
 */
const LOST = 2 ** -103;

/** Counts and sums; a sum in two numbers (106 bits), with what is known of its error. */
export class SumTree extends BucketTree {
  #counts = new Float64Array(0);
  #sums = new Float64Array(0);
  #lows = new Float64Array(0);
  #errors = new Float64Array(0);
  /** No less than the sum of the samples' absolute values. */
  #sizes = new Float64Array(0);

  count(from: number, to: number): number {
    return this.#counts[this.fold(from, to)]!;
  }

  sum(from: number, to: number): number | undefined {
    return this.#sumOf(this.fold(from, to));
  }

  mean(from: number, to: number): number | undefined {
    const node = this.fold(from, to);
    const sum = this.#sumOf(node);
    return sum === undefined ? undefined : sum / this.#counts[node]!;
  }

  /** Undefined: the samples' own sum may differ by more than the tolerance. */
  #sumOf(node: number): number | undefined {
    if (Number.isNaN(this.#sums[node]!)) return Number.NaN;
    const sum = this.#sums[node]! + this.#lows[node]!;
    const size = this.#sizes[node]!;
    const error = this.#errors[node]!;
    // Of what overflows, the order of the samples decides what comes of it, and there is a mean.
    if (!Number.isFinite(sum)) return undefined;
    if (error === 0 && size <= EXACT_MAX) return sum;
    const count = this.#counts[node]!;
    return error + count * count * LOST * size <= TOLERANCE * Math.abs(sum) ? sum : undefined;
  }

  protected reserve(nodes: number): void {
    if (this.#counts.length >= nodes) return;
    this.#counts = new Float64Array(nodes);
    this.#sums = new Float64Array(nodes);
    this.#lows = new Float64Array(nodes);
    this.#errors = new Float64Array(nodes);
    this.#sizes = new Float64Array(nodes);
  }

  protected take(batch: BucketBatch, row: number, node: number): void {
    const count = batch.counts[row]!;
    const sum = batch.sums[row]!;
    const least = batch.minimums[row]!;
    const most = batch.maximums[row]!;
    this.#counts[node] = count;
    this.#sums[node] = sum;
    this.#lows[node] = batch.lows[row]!;
    this.#errors[node] = batch.errors[row]!;
    const hasOneSign = least >= 0 || most <= 0;
    this.#sizes[node] = hasOneSign
      ? Math.abs(sum)
      : count * Math.max(Math.abs(least), Math.abs(most));
  }

  protected clear(node: number): void {
    this.#counts[node] = 0;
    this.#sums[node] = 0;
    this.#lows[node] = 0;
    this.#errors[node] = 0;
    this.#sizes[node] = 0;
  }

  protected merge(left: number, right: number, into: number): void {
    const a = this.#sums[left]!;
    const b = this.#sums[right]!;
    this.#counts[into] = this.#counts[left]! + this.#counts[right]!;
    this.#lows[into] = this.#lows[left]! + this.#lows[right]! + compensation(a, b);
    this.#errors[into] = this.#errors[left]! + this.#errors[right]!;
    this.#sizes[into] = this.#sizes[left]! + this.#sizes[right]!;
    this.#sums[into] = a + b;
  }
}
