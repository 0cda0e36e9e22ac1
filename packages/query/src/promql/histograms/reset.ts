import { bucketBound, type HistogramBuckets, type NativeHistogram } from "@hms-ops/model";
import {
  bucketMap,
  commonBounds,
  eachBucket,
  hasCustomBounds,
  indexAmong,
  sameBounds,
  settledThreshold,
} from "./layout.ts";

/**
 * Whether the counter was set to zero between two samples: the hint says so, or the count, the zero
 * bucket or any bucket fell, or the layout became finer. The sum is not looked at: it may fall.
 */
export function detectReset(current: NativeHistogram, previous: NativeHistogram): boolean {
  if (current.resetHint === "reset") return true;
  if (current.resetHint === "not-reset") return false;
  if (current.count < previous.count) return true;
  if (hasCustomBounds(current)) return customReset(current, previous);
  const { schema, zeroThreshold } = current;
  if (schema > previous.schema || zeroThreshold < previous.zeroThreshold) return true;
  let zeroCount = previous.zeroCount;
  if (zeroThreshold > previous.zeroThreshold) {
    const sides = [indexesOf(previous.positive), indexesOf(previous.negative)];
    if (settledThreshold(zeroThreshold, previous.schema, sides) !== zeroThreshold) return true;
    zeroCount += belowThreshold(previous, zeroThreshold);
  }
  if (current.zeroCount < zeroCount) return true;
  return (
    anyFell(current.positive, previous.positive, current, previous) ||
    anyFell(current.negative, previous.negative, current, previous)
  );
}

function indexesOf(buckets: HistogramBuckets): readonly number[] {
  const indexes: number[] = [];
  eachBucket(buckets, (index) => indexes.push(index));
  return indexes;
}

function belowThreshold({ schema, positive, negative }: NativeHistogram, threshold: number) {
  let count = 0;
  for (const side of [positive, negative]) {
    eachBucket(side, (index, one) => {
      if (bucketBound(schema, index - 1) < threshold) count += one;
    });
  }
  return count;
}

function anyFell(
  now: HistogramBuckets,
  before: HistogramBuckets,
  { schema, zeroThreshold }: NativeHistogram,
  previous: NativeHistogram,
): boolean {
  const counts = bucketMap(now, schema, schema);
  for (const [index, count] of bucketMap(before, previous.schema, schema)) {
    const isInZero = zeroThreshold > 0 && bucketBound(schema, index) <= zeroThreshold;
    if (!isInZero && (counts.get(index) ?? 0) < count) return true;
  }
  return false;
}

/** Custom bounds that differ are compared where they agree. */
function customReset(current: NativeHistogram, previous: NativeHistogram): boolean {
  if (!hasCustomBounds(previous)) return true;
  const same = sameBounds(current.customBounds, previous.customBounds);
  const common = same
    ? current.customBounds
    : commonBounds(current.customBounds, previous.customBounds);
  const counts = countsAmong(common, current);
  return countsAmong(common, previous).some((count, i) => counts[i]! < count);
}

function countsAmong(common: Float64Array, { positive, customBounds }: NativeHistogram) {
  const counts = new Float64Array(common.length + 1);
  eachBucket(positive, (index, count) => {
    counts[indexAmong(common, customBounds, index)]! += count;
  });
  return counts;
}
