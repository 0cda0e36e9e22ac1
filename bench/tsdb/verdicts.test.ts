import { expect, test } from "vitest";
import { differenceOf, readAnswer } from "./answers.ts";
import { BARS, judge } from "./verdicts.ts";

test("a bar holds beside both peers, beside one of them, or not", () => {
  const peers = { prometheus: 0.78, victoria: 2.9 };
  const verdict = (ours: number | undefined) => judge(BARS.wall10k, ours, peers).mustHolds;
  expect(verdict(1.7)).toBe("held");
  expect(judge(BARS.wall10k, 1.7, { ...peers, victoria: 5.8 }).mustHolds).toBe("part");
  expect(verdict(1.5)).toBe("NOT HELD");
  expect(verdict(undefined)).toBe("not measured");
});

test("less is better where less is better", () => {
  const peers = { prometheus: 3.5, victoria: 1.25 };
  expect(judge(BARS.disk, 1.2, peers).mustHolds).toBe("held");
  expect(judge(BARS.disk, 1.4, peers).mustHolds).toBe("NOT HELD");
});

function vector(...values: readonly string[]): string {
  const result = values.map((value, i) => ({ metric: { instance: `${i}` }, value: [1, value] }));
  return JSON.stringify({ status: "success", data: { resultType: "vector", result } });
}

test("answers that differ are told apart, roundings are not", () => {
  const right = readAnswer(vector("1", "NaN", "+Inf"));
  const difference = (...values: readonly string[]) =>
    differenceOf(right, readAnswer(vector(...values)), 1e-9);
  expect(difference("1.0000000000001", "NaN", "+Inf")).toBe("");
  expect(difference("1", "NaN")).toContain("2 series instead of 3");
  expect(difference("1.1", "NaN", "+Inf")).toContain("1.1 instead of 1");
});
