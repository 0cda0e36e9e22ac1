import {
  bucketBound,
  CUSTOM_BOUNDS_SCHEMA,
  type HistogramBuckets,
  type NativeHistogram,
  NO_BUCKETS,
} from "@hms-ops/model";

export function hasCustomBounds({ schema }: Pick<NativeHistogram, "schema">): boolean {
  return schema === CUSTOM_BOUNDS_SCHEMA;
}

/** Index of the bucket that holds this one in a coarser schema. */
export function coarserIndex(index: number, fromSchema: number, toSchema: number): number {
  return Math.floor((index - 1) / 2 ** (fromSchema - toSchema)) + 1;
}

/** Tells every bucket's index and count, rising by index; empty ones are left out. */
export function eachBucket(
  { spans, counts }: HistogramBuckets,
  see: (index: number, count: number) => void,
): void {
  let index = 0;
  let at = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++, at++) {
      const count = counts[at]!;
      if (count !== 0) see(index, count);
    }
  }
}

/** Buckets with their indexes, rising; an index may stand twice. */
export interface IndexedBuckets {
  readonly indexes: readonly number[];
  readonly counts: ArrayLike<number>;
}

/** All buckets of a layout, empty ones too. Overlapping windows ask for the same ones often. */
export function indexedBuckets(buckets: HistogramBuckets): IndexedBuckets {
  const known = KNOWN.get(buckets);
  if (known) return known;
  const indexed = expanded(buckets);
  KNOWN.set(buckets, indexed);
  return indexed;
}

const KNOWN = new WeakMap<HistogramBuckets, IndexedBuckets>();

function expanded({ spans, counts }: HistogramBuckets): IndexedBuckets {
  const indexes: number[] = [];
  let index = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) indexes.push(index++);
  }
  return { indexes, counts };
}

/** Of the buckets with observations in them. */
export function fullIndexes(buckets: HistogramBuckets): readonly number[] {
  const indexes: number[] = [];
  eachBucket(buckets, (index) => indexes.push(index));
  return indexes;
}

/** The buckets of a coarser schema that hold these. */
export function coarserBuckets(
  { indexes, counts }: IndexedBuckets,
  fromSchema: number,
  toSchema: number,
): IndexedBuckets {
  if (fromSchema === toSchema) return { indexes, counts };
  const places = indexes.map((index) => coarserIndex(index, fromSchema, toSchema));
  const merged = places.filter((place, i) => i === 0 || place !== places[i - 1]);
  const sums = merged.map(() => 0);
  for (let i = 0, at = -1; i < places.length; i++) {
    if (i === 0 || places[i] !== places[i - 1]) at++;
    sums[at]! += counts[i]!;
  }
  return { indexes: merged, counts: sums };
}

/** The shortest layout of buckets by rising index; empty ones are left out. Hot. */
export function packIndexed(
  indexes: readonly number[],
  counts: ArrayLike<number>,
): HistogramBuckets {
  let full = 0;
  for (let i = 0; i < counts.length; i++) if (counts[i] !== 0) full++;
  if (full === 0) return NO_BUCKETS;
  const packed = new Float64Array(full);
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    const index = indexes[i]!;
    if (at > 0 && index === next) spans[spans.length - 1]!.length++;
    else spans.push({ offset: index - next, length: 1 });
    packed[at++] = counts[i]!;
    next = index + 1;
  }
  return { spans, counts: packed };
}

/** The same for buckets in any order. */
export function packBuckets(buckets: ReadonlyMap<number, number>): HistogramBuckets {
  const indexes = [...buckets.keys()].sort((a, b) => a - b);
  const counts = indexes.map((index) => buckets.get(index)!);
  return packIndexed(indexes, counts);
}

/** The same observations without empty buckets in the layout. */
export function compact(histogram: NativeHistogram): NativeHistogram {
  const { positive, negative } = histogram;
  if (isCompact(positive) && isCompact(negative)) return histogram;
  return { ...histogram, positive: compactSide(positive), negative: compactSide(negative) };
}

function compactSide(buckets: HistogramBuckets): HistogramBuckets {
  if (isCompact(buckets)) return buckets;
  const { indexes, counts } = indexedBuckets(buckets);
  return packIndexed(indexes, counts);
}

function isCompact({ spans, counts }: HistogramBuckets): boolean {
  for (let i = 0; i < spans.length; i++) {
    if (spans[i]!.length === 0 || (i > 0 && spans[i]!.offset === 0)) return false;
  }
  for (let i = 0; i < counts.length; i++) if (counts[i] === 0) return false;
  return true;
}

/**
 * The smallest zero threshold from the given one on that cuts no bucket in two: where it would, it
 * moves to the bucket's end.
 */
export function settledThreshold(
  threshold: number,
  schema: number,
  sides: readonly Iterable<number>[],
): number {
  let settled = threshold;
  for (let moved = true; moved; ) {
    moved = false;
    for (const side of sides) {
      for (const index of side) {
        const upper = bucketBound(schema, index);
        if (bucketBound(schema, index - 1) < settled && settled < upper) {
          settled = upper;
          moved = true;
        }
      }
    }
  }
  return settled;
}

/** Bounds that both have. */
export function commonBounds(a: Float64Array, b: Float64Array): Float64Array {
  const known = new Set(b);
  return a.filter((bound) => known.has(bound));
}

export function sameBounds(a: Float64Array, b: Float64Array): boolean {
  return a === b || (a.length === b.length && a.every((bound, i) => bound === b[i]));
}

/** Index among fewer bounds of the bucket that holds bucket `index` of `bounds`. */
export function indexAmong(fewer: Float64Array, bounds: Float64Array, index: number): number {
  const bound = bounds[index];
  if (bound === undefined) return fewer.length;
  const found = fewer.findIndex((one) => one >= bound);
  return found < 0 ? fewer.length : found;
}
