/** Counts of observed values by upper bound. */
export interface Buckets {
  observe(value: number): void;
  /** Rising bounds with cumulative counts; +Inf is left to the caller. */
  cumulative(): readonly CumulativeBucket[];
}

export interface CumulativeBucket {
  readonly upperBound: number;
  readonly count: number;
}

/** Bounds are 2^(i/16), those of native histograms of schema 4: each 4.4 % above the last. */
const BOUNDS_PER_OCTAVE = 16;
const FRACTIONS = Float64Array.from(
  { length: BOUNDS_PER_OCTAVE },
  (_, i) => 2 ** (i / BOUNDS_PER_OCTAVE),
);
/** 2^-30 is a nanosecond in seconds: what is smaller counts as that. */
const LEAST_INDEX = -30 * BOUNDS_PER_OCTAVE;
/** 2^50 is over thirty years in microseconds: what is larger falls under +Inf. */
const GREATEST_INDEX = 50 * BOUNDS_PER_OCTAVE;
/** Key of the bucket of zero; keys rise with bounds, negative ones mirror the positive. */
const ZERO_KEY = 0;
const KEY_OF_INDEX_0 = 1 - LEAST_INDEX;
const GREATEST_KEY = KEY_OF_INDEX_0 + GREATEST_INDEX;
const OVERFLOW_KEY = GREATEST_KEY + 1;

/**
 * Buckets fine enough that a quantile interpolated from them is within 5 % of the exact one,
 * whatever the distribution, from nanoseconds to years. Only buckets that were hit are exposed,
 * each with its lower neighbour, which interpolation needs as the bucket's lower end.
 */
export class FineBuckets implements Buckets {
  readonly #counts = new Map<number, number>();

  /** Hot: no allocation once a bucket exists. */
  observe(value: number): void {
    const key = keyOf(value);
    const count = this.#counts.get(key);
    if (count !== undefined) {
      this.#counts.set(key, count + 1);
      return;
    }
    this.#counts.set(key, 1);
    const neighbour = key - 1;
    // Below zero nothing is interpolated unless something negative was seen.
    if (key !== ZERO_KEY && !this.#counts.has(neighbour)) this.#counts.set(neighbour, 0);
    if (key < ZERO_KEY && !this.#counts.has(-1)) this.#counts.set(-1, 0);
  }

  cumulative(): readonly CumulativeBucket[] {
    const keys = [...this.#counts.keys()].filter((key) => key !== OVERFLOW_KEY);
    let count = 0;
    return keys
      .sort((a, b) => a - b)
      .map((key) => {
        count += this.#counts.get(key) ?? 0;
        return { upperBound: upperBoundOf(key), count };
      });
  }
}

function keyOf(value: number): number {
  if (value === 0) return ZERO_KEY;
  if (value > 0) {
    const index = indexAtLeast(value);
    return index > GREATEST_INDEX ? OVERFLOW_KEY : KEY_OF_INDEX_0 + Math.max(index, LEAST_INDEX);
  }
  // (-bound(i + 1), -bound(i)] has the upper bound -bound(i).
  const above = indexAtLeast(-value);
  const index = boundOfIndex(above) === -value ? above : above - 1;
  return -KEY_OF_INDEX_0 - Math.min(Math.max(index, LEAST_INDEX), GREATEST_INDEX);
}

/** The least index whose bound is at or above a positive value. */
function indexAtLeast(value: number): number {
  let index = Math.ceil(Math.log2(value) * BOUNDS_PER_OCTAVE);
  // The logarithm may be off by a rounding at a bound itself.
  while (boundOfIndex(index) < value) index++;
  while (boundOfIndex(index - 1) >= value) index--;
  return index;
}

function boundOfIndex(index: number): number {
  const octave = Math.floor(index / BOUNDS_PER_OCTAVE);
  return (FRACTIONS[index - octave * BOUNDS_PER_OCTAVE] ?? 1) * 2 ** octave;
}

function upperBoundOf(key: number): number {
  if (key === ZERO_KEY) return 0;
  return key > 0 ? boundOfIndex(key - KEY_OF_INDEX_0) : -boundOfIndex(-key - KEY_OF_INDEX_0);
}

/** Buckets that the host named; all of them are exposed. */
export class ListedBuckets implements Buckets {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;

  /** Finite and rising. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length);
  }

  observe(value: number): void {
    let low = 0;
    let high = this.#bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= (this.#bounds[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    if (low < this.#counts.length) this.#counts[low] = (this.#counts[low] ?? 0) + 1;
  }

  cumulative(): readonly CumulativeBucket[] {
    let count = 0;
    return this.#bounds.map((upperBound, i) => {
      count += this.#counts[i] ?? 0;
      return { upperBound, count };
    });
  }
}
