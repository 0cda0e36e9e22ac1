import { type Random, seededRandom } from "@hms-ops/model";
import { expect, it } from "vitest";
import { sortAsGo } from "./sort-as-go.ts";

const isLess = (a: number, b: number) => a < b;

it("sorts whatever length and pattern (seed 5)", () => {
  const random = seededRandom(5);
  for (let round = 0; round < 400; round++) {
    const values = patterned(random);
    expect(sortAsGo([...values], isLess)).toEqual(values.toSorted((a, b) => a - b));
  }
});

/** Rising, falling, in saws, in steps, all alike, or without order; some places are spoiled. */
function patterned(random: Random): number[] {
  const length = random.below(300);
  const kind = random.below(6);
  const values = Array.from({ length }, (_, at) => {
    const value = [at, length - at, at % 7, Math.floor(at / 5), 1, random.below(length)];
    return value[kind] ?? at;
  });
  for (let spoiled = length > 0 ? random.below(6) : 0; spoiled > 0; spoiled--) {
    values[random.below(length)] = random.below(length);
  }
  return values;
}

/* Which of equals comes first was seen of Prometheus 3.5.3. */
it("leaves equals where Go leaves them", () => {
  const rows = Array.from({ length: 60 }, (_, row) => row);
  const byRest = sortAsGo([...rows], (a, b) => (a * 7) % 4 < (b * 7) % 4);
  expect(byRest).toEqual([
    52, 48, 56, 32, 4, 24, 28, 8, 16, 36, 0, 20, 12, 40, 44, 7, 15, 43, 47, 19, 11, 39, 51, 23, 55,
    35, 3, 27, 59, 31, 30, 6, 26, 58, 34, 2, 22, 54, 38, 50, 18, 10, 42, 46, 14, 45, 17, 13, 41, 49,
    21, 9, 29, 53, 37, 5, 25, 57, 33, 1,
  ]);
});

it("ends where the order contradicts itself", () => {
  const values = Array.from({ length: 500 }, (_, i) => i);
  expect(sortAsGo([...values], () => true).toSorted((a, b) => a - b)).toEqual(values);
  expect(sortAsGo([...values], () => false)).toEqual(values);
});
