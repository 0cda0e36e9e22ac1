import { expect, test } from "vitest";
import { geometricMeanOf, medianOf, rotated } from "./statistics.ts";

test("a median is the middle one, or the mean of the two in the middle", () => {
  expect(medianOf([3, 1, 2])).toBe(2);
  expect(medianOf([4, 1, 3, 2])).toBe(2.5);
  expect(medianOf([])).toBeNaN();
});

test("a geometric mean weighs twice as fast and half as fast alike", () => {
  expect(geometricMeanOf([2, 0.5])).toBeCloseTo(1, 12);
  expect(geometricMeanOf([8, undefined, Number.NaN, 2])).toBeCloseTo(4, 12);
  expect(geometricMeanOf([])).toBeNaN();
});

test("everybody begins in turn", () => {
  expect(rotated(["a", "b", "c"], 0)).toEqual(["a", "b", "c"]);
  expect(rotated(["a", "b", "c"], 4)).toEqual(["b", "c", "a"]);
  expect(rotated([], 3)).toEqual([]);
});
