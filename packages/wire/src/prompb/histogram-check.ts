import {
  type BucketSpan,
  CUSTOM_BOUNDS_SCHEMA,
  type HistogramBuckets,
  type NativeHistogram,
  SCHEMA_MAX,
  SCHEMA_MIN,
} from "@hms-ops/model";
import { spansOf } from "../bucket-spans.ts";

/** Finer than what is stored, but allowed on the wire: brought down to SCHEMA_MAX. */
const WIRE_SCHEMA_MAX = 52;
/** Bucket numbers of real histograms stay far below; larger ones would not be exact. */
const BUCKET_INDEX_MAX = 2 ** 31;

export type CheckedHistogram =
  | { readonly histogram: NativeHistogram }
  | { readonly problem: string };

/**
 * Judges a histogram from outside by Prometheus' rules (its native histogram specification); of
 * float histograms the buckets may add up to more than the count, as rounding does that, and count
 * and zero count may be negative, as differences are.
 */
export function checkHistogram(histogram: NativeHistogram): CheckedHistogram {
  const { schema } = histogram;
  const isExponential = schema >= SCHEMA_MIN && schema <= WIRE_SCHEMA_MAX;
  const problem =
    schema === CUSTOM_BOUNDS_SCHEMA
      ? customProblem(histogram)
      : isExponential
        ? exponentialProblem(histogram)
        : `its schema ${schema} is not known`;
  const found = problem ?? countsProblem(histogram);
  if (found !== undefined) return { problem: found };
  return { histogram: isExponential && schema > SCHEMA_MAX ? reduced(histogram) : histogram };
}

function exponentialProblem({
  positive,
  negative,
  customBounds,
  zeroThreshold,
}: NativeHistogram): string | undefined {
  if (customBounds.length > 0) return "it has custom bounds, which its schema does not know";
  if (!(zeroThreshold >= 0)) return "its zero threshold is negative or no number";
  return spansProblem(positive) ?? spansProblem(negative);
}

function customProblem(histogram: NativeHistogram): string | undefined {
  const { positive, negative, customBounds, zeroCount, zeroThreshold } = histogram;
  if (zeroCount !== 0 || zeroThreshold !== 0) return "it has custom bounds and a zero bucket";
  if (negative.spans.length > 0 || negative.counts.length > 0) {
    return "it has custom bounds and negative buckets";
  }
  // The first one may be -Inf (since Prometheus 3.8).
  const rise = customBounds.every((bound, i) => !(bound <= (customBounds[i - 1] ?? Number.NaN)));
  if (!rise || customBounds.some(Number.isNaN)) return "its custom bounds do not rise";
  if (customBounds.at(-1) === Number.POSITIVE_INFINITY) return "its last custom bound is infinite";
  const [first] = positive.spans;
  if (first && first.offset < 0) return "a span begins before its first bucket";
  const beyond = spansEnd(positive.spans) > customBounds.length + 1;
  return spansProblem(positive) ?? (beyond ? "it has fewer custom bounds than buckets" : undefined);
}

function spansProblem({ spans, counts }: HistogramBuckets): string | undefined {
  let buckets = 0;
  for (const [i, { offset, length }] of spans.entries()) {
    if (i > 0 && offset < 0) return "its spans overlap";
    buckets += length;
  }
  if (buckets !== counts.length) {
    return `its spans cover ${buckets} buckets, but it has ${counts.length}`;
  }
  const [first] = spans;
  const isFar = spansEnd(spans) > BUCKET_INDEX_MAX || (first?.offset ?? 0) < -BUCKET_INDEX_MAX;
  return isFar ? "its buckets lie too far out" : undefined;
}

function spansEnd(spans: readonly BucketSpan[]): number {
  return spans.reduce((end, { offset, length }) => end + offset + length, 0);
}

function countsProblem(histogram: NativeHistogram): string | undefined {
  const { positive, negative, count, zeroCount, sum, isInteger } = histogram;
  let inBuckets = zeroCount;
  for (const { counts } of [positive, negative]) {
    for (const one of counts) {
      if (one < 0) return "a bucket has a negative count";
      inBuckets += one;
    }
  }
  if (!isInteger) return undefined;
  const isWhole = Number.isSafeInteger(count) && Number.isSafeInteger(inBuckets);
  if (!isWhole) return "a count is larger than 2^53";
  // Observations that are no number lie in no bucket, and make the sum none.
  if (Number.isNaN(sum) ? inBuckets <= count : inBuckets === count) return undefined;
  return `its buckets hold ${inBuckets} observations, its count is ${count}`;
}

/** The same observations in the buckets of SCHEMA_MAX, each of which holds several finer ones. */
function reduced(histogram: NativeHistogram): NativeHistogram {
  const shift = 2 ** (histogram.schema - SCHEMA_MAX);
  return {
    ...histogram,
    schema: SCHEMA_MAX,
    positive: merged(histogram.positive, shift),
    negative: merged(histogram.negative, shift),
  };
}

function merged({ spans, counts }: HistogramBuckets, factor: number): HistogramBuckets {
  const indexes: number[] = [];
  const sums: number[] = [];
  let index = 0;
  let at = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++) {
      // A bucket is named by its upper bound, which it includes. Adding 0 makes 0 of -0.
      const coarse = Math.ceil(index / factor) + 0;
      if (indexes.at(-1) === coarse) sums[sums.length - 1]! += counts[at]!;
      else {
        indexes.push(coarse);
        sums.push(counts[at]!);
      }
      at++;
    }
  }
  return { spans: spansOf(indexes), counts: Float64Array.from(sums) };
}
