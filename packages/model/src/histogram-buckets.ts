import {
  CUSTOM_BOUNDS_SCHEMA,
  type HistogramBuckets,
  type NativeHistogram,
  NO_BUCKETS,
  SCHEMA_MAX,
} from "./native-histogram.ts";

/** One bucket with its count; which of its bounds belong to it. */
export interface HistogramBucket {
  readonly lower: number;
  readonly upper: number;
  readonly isLowerInclusive: boolean;
  readonly isUpperInclusive: boolean;
  readonly count: number;
}

/**
 * Upper bound of the positive bucket with this index; `customBounds` only of the custom schema.
 * The bucket of the largest number ends there, the one behind it at +Inf.
 */
export function bucketBound(
  schema: number,
  index: number,
  customBounds: Float64Array = NO_BUCKETS.counts,
): number {
  if (schema === CUSTOM_BOUNDS_SCHEMA) {
    if (index < 0) return Number.NEGATIVE_INFINITY;
    return customBounds[index] ?? Number.POSITIVE_INFINITY;
  }
  const perOctave = 2 ** Math.max(0, schema);
  const octave = schema < 0 ? index * 2 ** -schema : Math.floor(index / perOctave);
  const share = schema < 0 ? 0 : index - octave * perOctave;
  if (octave === LAST_OCTAVE && share === 0) return Number.MAX_VALUE;
  const mantissa = MANTISSAS[(share * MANTISSAS.length) / perOctave] ?? Number.NaN;
  return mantissa * 2 * 2 ** octave;
}

/** 2^1024 would be its bound. */
const LAST_OCTAVE = 1024;

/**
 * Bounds of the finest schema in [0.5, 1), those of the coarser ones among them. They are products
 * of √2, √√2 …, largest first, with √2 one bit short: this gives to the last bit the numbers
 * with which Prometheus counts and shows, where 2^x would differ in every second one.
 */
const MANTISSAS = mantissas();

function mantissas(): Float64Array {
  const bounds = new Float64Array(2 ** SCHEMA_MAX).fill(0.5);
  let root = 2;
  for (let bit = bounds.length / 2; bit >= 1; bit /= 2) {
    root = Math.sqrt(root);
    const factor = bit === bounds.length / 2 ? Math.SQRT2 - Number.EPSILON : root;
    for (let i = 0; i < bounds.length; i++) {
      if (Math.floor(i / bit) % 2 === 1) bounds[i] = (bounds[i] ?? 0) * factor;
    }
  }
  return bounds;
}

/**
 * Buckets with observations in them, from the lowest value to the highest. Where one reaches into
 * the zero bucket it begins at the zero threshold.
 */
export function bucketsOf(histogram: NativeHistogram): HistogramBucket[] {
  const { zeroCount, zeroThreshold, schema, customBounds } = histogram;
  const found: HistogramBucket[] = [];
  eachIndex(histogram.negative, (index, count) => {
    const lower = -bucketBound(schema, index);
    const upper = -bucketBound(schema, index - 1);
    const inclusive = { isLowerInclusive: lower < 0, isUpperInclusive: upper > 0 };
    found.push({ lower, upper: Math.min(upper, -zeroThreshold), ...inclusive, count });
  });
  found.reverse();
  if (zeroCount > 0) {
    const inclusive = { isLowerInclusive: true, isUpperInclusive: true };
    found.push({ lower: -zeroThreshold, upper: zeroThreshold, ...inclusive, count: zeroCount });
  }
  eachIndex(histogram.positive, (index, count) => {
    const lower = bucketBound(schema, index - 1, customBounds);
    const upper = bucketBound(schema, index, customBounds);
    const isCustom = schema === CUSTOM_BOUNDS_SCHEMA;
    const isLowerInclusive = isCustom ? index === 0 : lower < 0;
    const isUpperInclusive = isCustom || upper > 0;
    const clipped = isCustom ? lower : Math.max(lower, zeroThreshold);
    found.push({ lower: clipped, upper, isLowerInclusive, isUpperInclusive, count });
  });
  return found;
}

function eachIndex(
  { spans, counts }: HistogramBuckets,
  see: (index: number, count: number) => void,
): void {
  let index = 0;
  let at = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++, at++) {
      const count = counts[at] ?? 0;
      if (count !== 0) see(index, count);
    }
  }
}
