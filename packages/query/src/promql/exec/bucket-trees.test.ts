import type { BucketBatch } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { SumTree } from "./bucket-trees.ts";

/** Buckets of one series, each of two samples of the same value. */
function treeOf(...values: readonly number[]): SumTree {
  const column = (of: (value: number) => number) => Float64Array.from(values, of);
  const batch = {
    counts: column(() => 2),
    sums: column((value) => 2 * value),
    lows: column(() => 0),
    errors: column(() => 0),
    minimums: column((value) => value),
    maximums: column((value) => value),
  };
  const tree = new SumTree();
  tree.load(batch as unknown as BucketBatch, 0, values.length);
  return tree;
}

describe("sums of buckets", () => {
  it("are left to the samples where they overflow, whose mean is finite", () => {
    const tree = treeOf(5e307, 5e307, 1, Number.POSITIVE_INFINITY);
    expect(tree.sum(0, 1)).toBe(1e308);
    expect(tree.sum(0, 2)).toBeUndefined();
    expect(tree.mean(0, 2)).toBeUndefined();
    expect(tree.sum(2, 4)).toBeUndefined();
    expect(tree.mean(2, 3)).toBe(1);
  });

  it("are NaN where a sample is", () => {
    expect(treeOf(1, Number.NaN).sum(0, 2)).toBeNaN();
  });
});
