import { bucketBound, type HistogramBuckets, type NativeHistogram } from "@hms-ops/model";
import {
  coarserBuckets,
  commonBounds,
  eachBucket,
  fullIndexes,
  hasCustomBounds,
  indexAmong,
  indexedBuckets,
  sameBounds,
  settledThreshold,
} from "./layout.ts";

/**
 * Whether the counter was set to zero between two samples: the hint says so, or the count, the zero
 * bucket or any bucket fell, or the layout became finer. The sum is not looked at: it may fall.
 */
export function detectReset(current: NativeHistogram, previous: NativeHistogram): boolean {
  const known = KNOWN.get(current);
  if (known?.previous === previous) return known.isReset;
  const isReset = compared(current, previous);
  KNOWN.set(current, { previous, isReset });
  return isReset;
}

/** Overlapping windows ask for the same neighbours again and again. */
const KNOWN = new WeakMap<NativeHistogram, { previous: NativeHistogram; isReset: boolean }>();

function compared(current: NativeHistogram, previous: NativeHistogram): boolean {
  if (current.resetHint === "reset") return true;
  if (current.resetHint === "not-reset") return false;
  if (current.count < previous.count) return true;
  if (hasCustomBounds(current)) return customReset(current, previous);
  const { schema, zeroThreshold } = current;
  if (schema > previous.schema || zeroThreshold < previous.zeroThreshold) return true;
  let zeroCount = previous.zeroCount;
  if (zeroThreshold > previous.zeroThreshold) {
    const sides = [previous.positive, previous.negative].map(fullIndexes);
    if (settledThreshold(zeroThreshold, previous.schema, sides) !== zeroThreshold) return true;
    zeroCount += belowThreshold(previous, zeroThreshold);
  }
  if (current.zeroCount < zeroCount) return true;
  return (
    anyFell(current.positive, previous.positive, current, previous) ||
    anyFell(current.negative, previous.negative, current, previous)
  );
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
  const current = indexedBuckets(now);
  const old = coarserBuckets(indexedBuckets(before), previous.schema, schema);
  let at = 0;
  for (let i = 0; i < old.indexes.length; i++) {
    const index = old.indexes[i]!;
    while (at < current.indexes.length && current.indexes[at]! < index) at++;
    const before = old.counts[i]!;
    const fell = current.indexes[at] === index ? current.counts[at]! < before : before !== 0;
    if (!fell) continue;
    if (zeroThreshold === 0 || bucketBound(schema, index) > zeroThreshold) return true;
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
