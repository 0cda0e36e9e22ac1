import {
  bucketBound,
  CUSTOM_BOUNDS_SCHEMA,
  type HistogramBuckets,
  type NativeHistogram,
  NO_BUCKETS,
  SCHEMA_MAX,
  SCHEMA_MIN,
} from "@hms-ops/model";
import { spansOf } from "../bucket-spans.ts";

/** A bucket as the HTTP API lists it; the rule says which of its bounds belong to it. */
export interface ListedBucket {
  readonly rule: number;
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/**
 * A native histogram from what the HTTP API tells of it. Its schema is inferred from the buckets'
 * bounds; the layout, hints and empty buckets are not told.
 */
export function histogramFromBuckets(
  count: number,
  sum: number,
  buckets: readonly ListedBucket[],
): NativeHistogram {
  const zero = buckets.find(({ rule, lower }) => rule === CLOSED && Number.isFinite(lower));
  const others = buckets.filter((bucket) => bucket !== zero);
  const { schema, zeroThreshold } = layoutOf(others, zero);
  const shared = {
    isInteger: false,
    resetHint: "unknown",
    count,
    sum,
    zeroThreshold,
    zeroCount: zero?.count ?? 0,
  } as const;
  if (schema === CUSTOM_BOUNDS_SCHEMA) return { ...shared, schema, ...customBuckets(others) };
  return {
    ...shared,
    schema,
    positive: packed(others.filter(({ upper }) => upper > 0).map(indexed(schema))),
    negative: packed(others.filter(({ upper }) => upper <= 0).map(indexed(schema))),
    customBounds: new Float64Array(0),
  };
}

/** Both bounds belong to the bucket. */
const CLOSED = 3;

/** The bounds farther from zero and nearer to it. */
function distances({ lower, upper }: ListedBucket): {
  readonly far: number;
  readonly near: number;
} {
  return upper > 0 ? { far: upper, near: lower } : { far: -lower, near: -upper };
}

/** An empty zero bucket is not listed, but a bucket that it cuts tells where it ends. */
function layoutOf(buckets: readonly ListedBucket[], zero: ListedBucket | undefined) {
  const nearest = Math.min(...buckets.map((bucket) => distances(bucket).near));
  for (const zeroThreshold of zero ? [zero.upper] : [0, nearest]) {
    const schema = schemaOf(buckets, zeroThreshold);
    if (schema !== CUSTOM_BOUNDS_SCHEMA) return { schema, zeroThreshold };
  }
  return { schema: CUSTOM_BOUNDS_SCHEMA, zeroThreshold: 0 };
}

/** The coarsest schema whose buckets these are. */
function schemaOf(buckets: readonly ListedBucket[], zeroThreshold: number): number {
  for (let schema = SCHEMA_MIN; schema <= SCHEMA_MAX; schema++) {
    const fits = buckets.every((bucket) => {
      const { far, near } = distances(bucket);
      if (!(near >= 0)) return false;
      const index = indexOf(far, schema);
      const begin = bucketBound(schema, index - 1);
      const isCut = near === zeroThreshold && begin < zeroThreshold;
      return bucketBound(schema, index) === far && (begin === near || isCut);
    });
    if (fits) return schema;
  }
  return CUSTOM_BOUNDS_SCHEMA;
}

function indexOf(bound: number, schema: number): number {
  const perOctave = 2 ** schema;
  return bound === Number.POSITIVE_INFINITY
    ? 1024 * perOctave + 1
    : Math.round(Math.log2(bound) * perOctave);
}

type Indexed = readonly [index: number, count: number];

function indexed(schema: number): (bucket: ListedBucket) => Indexed {
  return (bucket) => [indexOf(distances(bucket).far, schema), bucket.count];
}

function packed(buckets: readonly Indexed[]): HistogramBuckets {
  if (buckets.length === 0) return NO_BUCKETS;
  const sorted = buckets.toSorted(([a], [b]) => a - b);
  const spans = spansOf(sorted.map(([index]) => index));
  return { spans, counts: Float64Array.from(sorted, ([, count]) => count) };
}

function customBuckets(buckets: readonly ListedBucket[]) {
  const bounds = buckets.flatMap(({ lower, upper }) => [lower, upper]).filter(Number.isFinite);
  const customBounds = Float64Array.from(new Set(bounds)).sort();
  const place = (upper: number) => {
    const index = customBounds.indexOf(upper);
    return index < 0 ? customBounds.length : index;
  };
  const positive = packed(buckets.map(({ upper, count }): Indexed => [place(upper), count]));
  return { positive, negative: NO_BUCKETS, customBounds };
}
