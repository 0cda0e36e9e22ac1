import { type Labels, type QueryBudget, type Snapshot, UNLIMITED_BUDGET } from "@hms-ops/model";
import { expect, it } from "vitest";
import { groupSeries } from "./series-groups.ts";

/** So many labels that a few hundred sets are more than a query tells its budget at once. */
const WIDTH = 600;

function wideLabels(k: number): Labels {
  const common = Array.from({ length: WIDTH }, (_, i) => [`l${1_000 + i}`, "x"]).flat();
  return ["a", String(k), ...common];
}

function snapshotOf(epoch: object, numbers: readonly number[]): Snapshot {
  const numbering = {
    numbers: Uint32Array.from(numbers),
    epoch,
    labelsOf: (index: number) => wideLabels(numbers[index]!),
  };
  return { series: [], numbering, read: async function* () {}, close: () => {} };
}

it("names groups rightly after a query that ended at its budget while it learnt them", () => {
  const epoch = {};
  const grouping = { names: new Set(["b"]), without: true };
  const all = Array.from({ length: 400 }, (_, k) => k);
  const small: QueryBudget = {
    ...UNLIMITED_BUDGET,
    spend: (_, bytes) => {
      if (bytes >= 1024 * 1024) throw new Error("too much");
    },
  };
  expect(() => groupSeries(snapshotOf(epoch, all), grouping, small)).toThrow("too much");
  const asked = all.toReversed();
  const { places, labels } = groupSeries(snapshotOf(epoch, asked), grouping, UNLIMITED_BUDGET);
  expect(Array.from(places, (place) => labels[place]?.[1])).toEqual(asked.map(String));
});
