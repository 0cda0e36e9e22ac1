import {
  type BucketSpan,
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

/** By index, in the order of the map's making; counts of one bucket of the target are added. */
export function bucketMap(
  buckets: HistogramBuckets,
  fromSchema: number,
  toSchema: number,
): Map<number, number> {
  const map = new Map<number, number>();
  eachBucket(buckets, (index, count) => {
    const target = fromSchema === toSchema ? index : coarserIndex(index, fromSchema, toSchema);
    map.set(target, (map.get(target) ?? 0) + count);
  });
  return map;
}

/** The shortest layout of these buckets; empty ones are left out. */
export function packBuckets(buckets: ReadonlyMap<number, number>): HistogramBuckets {
  const indexes: number[] = [];
  for (const [index, count] of buckets) if (count !== 0) indexes.push(index);
  if (indexes.length === 0) return NO_BUCKETS;
  indexes.sort((a, b) => a - b);
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  for (const index of indexes) {
    const last = spans[spans.length - 1];
    if (last && index === next) last.length++;
    else spans.push({ offset: index - next, length: 1 });
    next = index + 1;
  }
  return { spans, counts: Float64Array.from(indexes, (index) => buckets.get(index)!) };
}

/** The same observations without empty buckets in the layout. */
export function compact(histogram: NativeHistogram): NativeHistogram {
  const { schema, positive, negative } = histogram;
  return {
    ...histogram,
    positive: isCompact(positive) ? positive : packBuckets(bucketMap(positive, schema, schema)),
    negative: isCompact(negative) ? negative : packBuckets(bucketMap(negative, schema, schema)),
  };
}

function isCompact({ spans, counts }: HistogramBuckets): boolean {
  const isTight = ({ offset, length }: BucketSpan, i: number) =>
    length > 0 && (i === 0 || offset > 0);
  return !counts.includes(0) && spans.every(isTight);
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
