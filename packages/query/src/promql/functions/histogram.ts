/** One bucket of a classic histogram at one step: cumulative count up to its bound. */
export interface Bucket {
  upperBound: number;
  count: number;
}

export interface BucketQuantile {
  readonly value: number;
  /** Counts fell from a bucket to a higher one by more than rounding, and were lifted. */
  readonly fix?: MonotonicityFix;
}

/** Upper bounds of the lowest and highest bucket that was lifted, and by how much at most. */
export interface MonotonicityFix {
  readonly lowest: number;
  readonly highest: number;
  readonly largestFall: number;
}

/** Differences below this share of both counts together come from rounding. */
const TOLERANCE = 1e-12;

/** Quantile of a classic histogram (promql/quantile.go, bucketQuantile). Sorts its argument. */
export function bucketQuantile(phi: number, buckets: Bucket[]): BucketQuantile {
  const plain = (value: number) => ({ value });
  if (Number.isNaN(phi)) return plain(Number.NaN);
  if (phi < 0) return plain(Number.NEGATIVE_INFINITY);
  if (phi > 1) return plain(Number.POSITIVE_INFINITY);
  buckets.sort((a, b) => a.upperBound - b.upperBound);
  if (buckets[buckets.length - 1]?.upperBound !== Number.POSITIVE_INFINITY)
    return plain(Number.NaN);
  const merged = mergeEqualBounds(buckets);
  const fix = ensureMonotonic(merged);
  const told = fix && { fix };
  if (merged.length < 2) return { value: Number.NaN, ...told };
  const observations = merged[merged.length - 1]!.count;
  if (observations === 0) return { value: Number.NaN, ...told };
  return { value: interpolate(merged, phi * observations), ...told };
}

function interpolate(buckets: readonly Bucket[], rank: number): number {
  let b = 0;
  while (b < buckets.length - 1 && buckets[b]!.count < rank) b++;
  if (b === buckets.length - 1) return buckets[buckets.length - 2]!.upperBound;
  const upper = buckets[b]!.upperBound;
  if (b === 0 && upper <= 0) return upper;
  const lower = b === 0 ? 0 : buckets[b - 1]!.upperBound;
  const below = b === 0 ? 0 : buckets[b - 1]!.count;
  return lower + (upper - lower) * ((rank - below) / (buckets[b]!.count - below));
}

function mergeEqualBounds(buckets: readonly Bucket[]): Bucket[] {
  const merged: Bucket[] = [];
  for (const { upperBound, count } of buckets) {
    const last = merged[merged.length - 1];
    if (last?.upperBound === upperBound) last.count += count;
    else merged.push({ upperBound, count });
  }
  return merged;
}

function ensureMonotonic(buckets: Bucket[]): MonotonicityFix | undefined {
  let fix: MonotonicityFix | undefined;
  for (let i = 1; i < buckets.length; i++) {
    const before = buckets[i - 1]!.count;
    const bucket = buckets[i]!;
    const fall = before - bucket.count;
    if (fall === 0) continue;
    if (Math.abs(fall) < TOLERANCE * (Math.abs(before) + Math.abs(bucket.count))) {
      bucket.count = before;
    } else if (fall > 0) {
      bucket.count = before;
      fix = {
        lowest: fix?.lowest ?? bucket.upperBound,
        highest: bucket.upperBound,
        largestFall: Math.max(fix?.largestFall ?? 0, fall),
      };
    }
  }
  return fix;
}

/** Share of the observations between two values (promql/quantile.go, BucketFraction). */
export function bucketFraction(lower: number, upper: number, buckets: Bucket[]): number {
  buckets.sort((a, b) => a.upperBound - b.upperBound);
  if (buckets[buckets.length - 1]?.upperBound !== Number.POSITIVE_INFINITY) return Number.NaN;
  const merged = mergeEqualBounds(buckets);
  const observations = merged[merged.length - 1]!.count;
  if (observations === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, merged) - rankOf(lower, merged)) / observations;
}

/** Observations below a value. Of the lowest and the highest bucket nothing is known inside. */
function rankOf(value: number, buckets: readonly Bucket[]): number {
  const most = buckets[buckets.length - 1]!.count;
  let below = 0;
  let lower = buckets[0]!.upperBound > 0 ? 0 : Number.NEGATIVE_INFINITY;
  for (const { upperBound, count } of buckets) {
    if (lower >= value) return Math.min(below, most);
    if (upperBound > value) {
      if (lower === Number.NEGATIVE_INFINITY) return Math.min(count, most);
      const inside = ((count - below) * (value - lower)) / (upperBound - lower);
      return Math.min(below + inside, most);
    }
    below = count;
    lower = upperBound;
  }
  return most;
}
