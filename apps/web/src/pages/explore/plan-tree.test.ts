import { describe, expect, it } from "vitest";
import { planLines } from "./plan-tree.ts";
import type { ExplainStep } from "./use-explanation.ts";

function step(number: number, takes: readonly number[], totalMs?: number): ExplainStep {
  const cost = totalMs === undefined ? null : { totalMs, seriesCount: 1, samplesRead: 10 };
  return { number, takes, does: `step ${number}`, expr: "x", cost };
}

describe("the plan as a tree", () => {
  it("begins with the result; what is used again is told once", () => {
    const lines = planLines([step(1, []), step(2, [1]), step(3, [1]), step(4, [2, 3])]);
    const shown = lines.map(
      ({ depth, step: { number }, repeated }) => `${depth}:${number}${repeated ? " again" : ""}`,
    );
    expect(shown).toEqual(["0:4", "1:2", "2:1", "1:3", "2:1 again"]);
  });

  it("tells the time of each step without what it takes", () => {
    const lines = planLines([step(1, [], 4), step(2, [1], 5), step(3, [2], 4.5)]);
    expect(lines.map(({ ownMs, share }) => [ownMs, share])).toEqual([
      [0, 0],
      [1, 0.25],
      [4, 1],
    ]);
  });

  it("takes what a step takes where the step itself was not run", () => {
    const lines = planLines([step(1, [], 4), step(2, [1]), step(3, [2], 10)]);
    expect(lines.map(({ ownMs }) => ownMs)).toEqual([6, null, 4]);
  });

  it("of nothing is nothing", () => {
    expect(planLines([])).toEqual([]);
  });
});
