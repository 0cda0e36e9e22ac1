import { expect, it } from "vitest";
import { leBound } from "./le-bound.ts";

it("a bucket's bound is what Go reads as a number", () => {
  const read = (...texts: string[]) => texts.map(leBound);
  expect(read("1", "+.5", "-1.e3", "+Inf", "-infinity", "nAn")).toEqual([
    1,
    0.5,
    -1000,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ]);
  expect(read("1_000", "1_2.3_4e1_0", "0x1p1", "-0x_f.8p-1", "0x.8p+1")).toEqual([
    1000, 123_400_000_000, 2, -7.75, 1,
  ]);
});

it("other texts are none", () => {
  const texts = [
    "",
    " 1",
    "wide",
    "1e400",
    "_1",
    "1_",
    "1__0",
    "1_.5",
    "0x1",
    "0xp1",
    "+nan",
    "1e",
    ".",
  ];
  expect(texts.map(leBound)).toEqual(texts.map(() => undefined));
});
