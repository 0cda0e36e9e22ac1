import { seededRandom } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import type { FoldOperator } from "../plan/scans.ts";
import { type GroupTotals, groupTotals, totalsMemory } from "./group-totals.ts";
import { Line } from "./lines.ts";

const OPERATORS: readonly FoldOperator[] = [
  "sum",
  "avg",
  "min",
  "max",
  "count",
  "group",
  "stddev",
  "stdvar",
];
/** Squares of the large ones are beyond what a number can be. */
const VALUES = [1e200, -1e200, Number.NaN, Number.POSITIVE_INFINITY, -0, 0, 1, 3.5];

const fresh = (operator: FoldOperator) => groupTotals(operator, 1, totalsMemory(operator, 1));

function add(totals: GroupTotals, value: number): void {
  const line = new Line(1);
  line.values[0] = value;
  line.present[0] = 1;
  totals.add(0, line);
}

function resultOf(totals: GroupTotals): number {
  const values = new Float64Array(1);
  totals.finish(0, values, new Uint8Array(1), 0);
  return values[0]!;
}

/** What some parts come to, joined, and all of it at once. */
function both(operator: FoldOperator, parts: readonly (readonly number[])[]) {
  const whole = fresh(operator);
  const joined = fresh(operator);
  for (const part of parts) {
    const own = fresh(operator);
    for (const value of part) {
      add(own, value);
      add(whole, value);
    }
    joined.absorb(0, own, 0);
  }
  return { joined: resultOf(joined), whole: resultOf(whole) };
}

describe("totals of parts, joined", () => {
  it.each(OPERATORS)("of one part are that part's own: %s (seed 31)", (operator) => {
    const random = seededRandom(31);
    for (let round = 0; round < 500; round++) {
      const part = Array.from({ length: 1 + random.below(4) }, () => random.pick(VALUES));
      const { joined, whole } = both(operator, [[], part, []]);
      expect(joined, `${operator} of ${part}`).toEqual(whole);
    }
  });

  it.each(OPERATORS)(
    "of several are no number where the whole is none: %s (seed 32)",
    (operator) => {
      const random = seededRandom(32);
      for (let round = 0; round < 2_000; round++) {
        const parts = Array.from({ length: 3 }, () =>
          Array.from({ length: random.below(3) }, () => random.pick(VALUES)),
        );
        const { joined, whole } = both(operator, parts);
        expect(Number.isNaN(joined), `${operator} of ${JSON.stringify(parts)}`).toBe(
          Number.isNaN(whole),
        );
      }
    },
  );
});
