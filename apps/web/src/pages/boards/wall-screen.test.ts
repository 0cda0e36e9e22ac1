import type { Panel } from "@hms-ops/model";
import type { StatusState } from "@hms-ops/panels";
import { describe, expect, it } from "vitest";
import { wallPages } from "./wall-screen.tsx";

const panels = Array.from(
  { length: 8 },
  (_, i): Panel => ({
    id: i + 1,
    title: `panel ${i + 1}`,
    kind: "stat",
    grid: { x: 0, y: i, w: 6, h: 4 },
    queries: [],
    unit: "count",
  }),
);

function ids(...states: readonly [number, StatusState][]) {
  return wallPages(panels, new Map(states)).map((page) => page.map(({ id }) => id));
}

describe("a wall screen", () => {
  it("shows six at a time, as the board has them", () => {
    expect(ids()).toEqual([
      [1, 2, 3, 4, 5, 6],
      [7, 8],
    ]);
  });

  it("puts critical panels first and gives them two places", () => {
    expect(ids([7, "crit"], [2, "warn"])).toEqual([
      [7, 1, 2, 3, 4],
      [5, 6, 8],
    ]);
  });
});
