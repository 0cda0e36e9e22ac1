/** The cumulative counts of one classic histogram at one step, by rising bound. Re-used. */
export class ClassicBuckets {
  bounds = new Float64Array(32);
  counts = new Float64Array(32);
  length = 0;

  /** Bounds must not fall; what has one bound is added up. */
  push(upperBound: number, count: number): void {
    const last = this.length - 1;
    if (last >= 0 && this.bounds[last] === upperBound) {
      this.counts[last]! += count;
      return;
    }
    if (this.length === this.bounds.length) this.#grow();
    this.bounds[this.length] = upperBound;
    this.counts[this.length++] = count;
  }

  #grow(): void {
    const bounds = new Float64Array(2 * this.length);
    bounds.set(this.bounds);
    this.bounds = bounds;
    const counts = new Float64Array(2 * this.length);
    counts.set(this.counts);
    this.counts = counts;
  }
}

/** Upper bounds of the lowest and highest bucket that was lifted, and by how much at most. */
export interface MonotonicityFix {
  readonly lowest: number;
  readonly highest: number;
  readonly largestFall: number;
}

/** Differences below this share of both counts together come from rounding. */
const TOLERANCE = 1e-12;

/**
 * Quantile of a classic histogram (promql/quantile.go, bucketQuantile). Lifts counts that fall from
 * a bucket to a higher one, and tells of it where that is more than rounding. Hot.
 */
export function bucketQuantile(
  phi: number,
  buckets: ClassicBuckets,
  onFix: (fix: MonotonicityFix) => void,
): number {
  if (Number.isNaN(phi)) return Number.NaN;
  if (phi < 0) return Number.NEGATIVE_INFINITY;
  if (phi > 1) return Number.POSITIVE_INFINITY;
  const { bounds, counts, length } = buckets;
  if (bounds[length - 1] !== Number.POSITIVE_INFINITY) return Number.NaN;
  const fix = ensureMonotonic(buckets);
  if (fix) onFix(fix);
  const observations = counts[length - 1]!;
  if (length < 2 || observations === 0) return Number.NaN;
  return interpolate(buckets, phi * observations);
}

function interpolate({ bounds, counts, length }: ClassicBuckets, rank: number): number {
  const b = firstReaching(rank, counts, length - 1);
  if (b === length - 1) return bounds[length - 2]!;
  const upper = bounds[b]!;
  if (b === 0 && upper <= 0) return upper;
  const lower = b === 0 ? 0 : bounds[b - 1]!;
  const below = b === 0 ? 0 : counts[b - 1]!;
  return lower + (upper - lower) * ((rank - below) / (counts[b]! - below));
}

/** As Go's sort.Search finds it, which matters where counts are NaN; `length`: there is none. */
function firstReaching(rank: number, counts: Float64Array, length: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (counts[middle]! >= rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

function ensureMonotonic({ bounds, counts, length }: ClassicBuckets): MonotonicityFix | undefined {
  let fix: MonotonicityFix | undefined;
  for (let i = 1; i < length; i++) {
    const before = counts[i - 1]!;
    const count = counts[i]!;
    const fall = before - count;
    if (fall === 0) continue;
    if (Math.abs(fall) < TOLERANCE * (Math.abs(before) + Math.abs(count))) counts[i] = before;
    else if (fall > 0) {
      counts[i] = before;
      fix = {
        lowest: fix?.lowest ?? bounds[i]!,
        highest: bounds[i]!,
        largestFall: Math.max(fix?.largestFall ?? 0, fall),
      };
    }
  }
  return fix;
}

/** Share of the observations between two values (promql/quantile.go, BucketFraction). */
export function bucketFraction(lower: number, upper: number, buckets: ClassicBuckets): number {
  const { bounds, counts, length } = buckets;
  if (bounds[length - 1] !== Number.POSITIVE_INFINITY) return Number.NaN;
  const observations = counts[length - 1]!;
  if (observations === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, buckets) - rankOf(lower, buckets)) / observations;
}

/** Observations below a value. Of the lowest and the highest bucket nothing is known inside. */
function rankOf(value: number, { bounds, counts, length }: ClassicBuckets): number {
  const most = counts[length - 1]!;
  let below = 0;
  let lower = bounds[0]! > 0 ? 0 : Number.NEGATIVE_INFINITY;
  for (let b = 0; b < length; b++) {
    const upper = bounds[b]!;
    if (lower >= value) return Math.min(below, most);
    if (upper > value) {
      if (lower === Number.NEGATIVE_INFINITY) return Math.min(counts[b]!, most);
      const inside = ((counts[b]! - below) * (value - lower)) / (upper - lower);
      return Math.min(below + inside, most);
    }
    below = counts[b]!;
    lower = upper;
  }
  return most;
}
