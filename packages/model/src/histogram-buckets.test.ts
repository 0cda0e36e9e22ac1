import { expect, it } from "vitest";
import {
  bucketBound,
  bucketsOf,
  CUSTOM_BOUNDS_SCHEMA,
  type NativeHistogram,
  NO_BUCKETS,
} from "./index.ts";

const EMPTY: NativeHistogram = {
  isInteger: false,
  resetHint: "unknown",
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: 0,
  positive: NO_BUCKETS,
  negative: NO_BUCKETS,
  customBounds: new Float64Array(0),
};

it("bounds are the powers that the schema says, to an ulp", () => {
  for (let schema = -4; schema <= 8; schema++) {
    for (let index = -300; index <= 300; index++) {
      const exact = 2 ** (index * 2 ** -schema);
      const bound = bucketBound(schema, index);
      if (exact === Number.POSITIVE_INFINITY)
        expect(bound).toBeGreaterThanOrEqual(Number.MAX_VALUE);
      else expect(Math.abs(bound - exact)).toBeLessThanOrEqual(exact * 5e-16);
    }
  }
});

it("bounds are the same number in every schema that has them", () => {
  for (let schema = -4; schema < 8; schema++) {
    for (let index = -20; index <= 20; index++) {
      expect(bucketBound(schema + 1, index * 2)).toBe(bucketBound(schema, index));
    }
  }
});

it("the bounds that Prometheus shows differ from a power in the last digit", () => {
  expect(bucketBound(1, 1)).toBe(Math.SQRT2 - Number.EPSILON);
  expect(bucketBound(2, 3)).toBe(1.6817928305074288);
});

it("the largest number ends the last bucket but one", () => {
  expect(bucketBound(0, 1024)).toBe(Number.MAX_VALUE);
  expect(bucketBound(0, 1025)).toBe(Number.POSITIVE_INFINITY);
  expect(bucketBound(-4, 64)).toBe(Number.MAX_VALUE);
  expect(bucketBound(8, 1024 * 256)).toBe(Number.MAX_VALUE);
  expect(bucketBound(8, 1024 * 256 - 1)).toBeLessThan(Number.MAX_VALUE);
  expect(bucketBound(0, -1074)).toBe(Number.MIN_VALUE);
});

it("buckets are cut where the zero bucket ends", () => {
  const one = { spans: [{ offset: 0, length: 1 }], counts: Float64Array.of(3) };
  const histogram = { ...EMPTY, zeroThreshold: 0.75, zeroCount: 2, positive: one, negative: one };
  const bounds = bucketsOf(histogram).map(({ lower, upper }) => [lower, upper]);
  expect(bounds).toEqual([
    [-1, -0.75],
    [-0.75, 0.75],
    [0.75, 1],
  ]);
});

it("custom bounds reach from −Inf to +Inf", () => {
  const positive = { spans: [{ offset: 0, length: 3 }], counts: Float64Array.of(1, 2, 3) };
  const customBounds = Float64Array.of(-1, 5);
  const buckets = bucketsOf({ ...EMPTY, schema: CUSTOM_BOUNDS_SCHEMA, positive, customBounds });
  expect(buckets.map(({ lower, upper }) => [lower, upper])).toEqual([
    [Number.NEGATIVE_INFINITY, -1],
    [-1, 5],
    [5, Number.POSITIVE_INFINITY],
  ]);
  expect(buckets.map(({ isLowerInclusive }) => isLowerInclusive)).toEqual([true, false, false]);
});
