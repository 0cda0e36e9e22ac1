import {
  CUSTOM_BOUNDS_SCHEMA,
  type HistogramBuckets,
  type NativeHistogram,
} from "./native-histogram.ts";

/** One bucket with its count; which of its bounds belong to it. */
export interface HistogramBucket {
  readonly lower: number;
  readonly upper: number;
  readonly isLowerInclusive: boolean;
  readonly isUpperInclusive: boolean;
  readonly count: number;
}

/** Upper bound of the positive bucket with this index; `customBounds` only of the custom schema. */
export function bucketBound(
  schema: number,
  index: number,
  customBounds: Float64Array = new Float64Array(0),
): number {
  if (schema === CUSTOM_BOUNDS_SCHEMA) {
    if (index < 0) return Number.NEGATIVE_INFINITY;
    return customBounds[index] ?? Number.POSITIVE_INFINITY;
  }
  if (schema <= 0) return finite(2 ** (index * 2 ** -schema));
  const perOctave = 2 ** schema;
  const whole = Math.floor(index / perOctave);
  const share = index - whole * perOctave;
  // 2^1023 · 2 · share stays in range where 2^1024 would not.
  return finite(2 ** (whole - 1) * (2 * 2 ** (share / perOctave)));
}

/** Buckets with observations in them, from the lowest value to the highest. */
export function bucketsOf(histogram: NativeHistogram): HistogramBucket[] {
  const { zeroCount, zeroThreshold } = histogram;
  const found: HistogramBucket[] = [];
  eachIndex(histogram.negative, (index, count) => {
    const lower = -bucketBound(histogram.schema, index);
    const upper = -bucketBound(histogram.schema, index - 1);
    const inclusive = { isLowerInclusive: lower < 0, isUpperInclusive: upper > 0 };
    found.push({ lower, upper, ...inclusive, count });
  });
  found.reverse();
  if (zeroCount !== 0) {
    const inclusive = { isLowerInclusive: true, isUpperInclusive: true };
    found.push({ lower: -zeroThreshold, upper: zeroThreshold, ...inclusive, count: zeroCount });
  }
  eachIndex(histogram.positive, (index, count) => {
    const { schema, customBounds } = histogram;
    const lower = bucketBound(schema, index - 1, customBounds);
    const upper = bucketBound(schema, index, customBounds);
    const isLowerInclusive = schema === CUSTOM_BOUNDS_SCHEMA && index === 0;
    found.push({ lower, upper, isLowerInclusive, isUpperInclusive: true, count });
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

function finite(bound: number): number {
  return bound === Number.POSITIVE_INFINITY ? Number.MAX_VALUE : bound;
}
