import { bucketBound, CUSTOM_BOUNDS_SCHEMA, type NativeHistogram } from "@hms-ops/model";
import { packBuckets } from "../layout.ts";

/** How a histogram is to count. */
export interface Layout {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly customBounds: Float64Array;
}

/** Counts observations one by one, the slow and plain way: what tests compare with. */
export function histogramOf(values: readonly number[], layout: Layout): NativeHistogram {
  const positive = new Map<number, number>();
  const negative = new Map<number, number>();
  let zeroCount = 0;
  const isCustom = layout.schema === CUSTOM_BOUNDS_SCHEMA;
  for (const value of values) {
    if (!isCustom && Math.abs(value) <= layout.zeroThreshold) zeroCount++;
    else {
      const side = isCustom || value > 0 ? positive : negative;
      const index = indexOf(isCustom ? value : Math.abs(value), layout);
      side.set(index, (side.get(index) ?? 0) + 1);
    }
  }
  return {
    ...layout,
    isInteger: false,
    resetHint: "unknown",
    zeroCount,
    count: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    positive: packBuckets(positive),
    negative: packBuckets(negative),
  };
}

function indexOf(value: number, { schema, customBounds }: Layout): number {
  if (schema === CUSTOM_BOUNDS_SCHEMA) {
    let index = 0;
    while (index < customBounds.length && customBounds[index]! < value) index++;
    return index;
  }
  let index = Math.floor(Math.log2(value) * 2 ** schema) - 2;
  while (bucketBound(schema, index) < value) index++;
  return index;
}
