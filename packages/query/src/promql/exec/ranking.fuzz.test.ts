import {
  type Labels,
  labelsOf,
  labelValue,
  type QueryValue,
  type Random,
  SampleBatchBuilder,
  type Snapshot,
  seededRandom,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { prepareQuery, runQuery } from "../../index.ts";

/** By series and step; undefined = no sample. */
type Cells = readonly (readonly (number | undefined)[])[];

const STEP_MS = 60_000;

/** Series `m{i="0",g="a"}` …, a sample exactly at each step. */
function storeOf(cells: Cells) {
  const builder = new SampleBatchBuilder("fuzz");
  const offsets = new Uint32Array(cells.length + 1);
  for (const [row, values] of cells.entries()) {
    for (const [step, value] of values.entries()) {
      if (value !== undefined) builder.add(row, step * STEP_MS, value);
    }
    offsets[row + 1] = offsets[row]! + values.filter((value) => value !== undefined).length;
  }
  const { timesMs, values, stale } = builder.build();
  const snapshot: Snapshot = {
    series: cells.map((_, row) => labelsOf({ __name__: "m", i: String(row), g: groupOf(row) })),
    async *read() {
      yield { first: 0, count: cells.length, offsets, timesMs, values, stale };
    },
    close: () => {},
  };
  return { snapshot: async () => snapshot };
}

const groupOf = (row: number) => (row % 3 === 0 ? "a" : "b");

async function ask(text: string, cells: Cells, steps: number): Promise<QueryValue> {
  const { query } = prepareQuery(text);
  const { value } = await runQuery(query!, storeOf(cells), {
    grid: { startMs: 0, stepMs: STEP_MS, count: steps },
    instant: steps === 1,
    lookbackMs: STEP_MS,
    defaultStepMs: STEP_MS,
    budget: UNLIMITED_BUDGET,
  });
  return value;
}

interface Chosen {
  readonly row: number;
  readonly value: number;
}

/** What an answer has at a step, in its order. */
function chosenAt(value: QueryValue, step: number): readonly Chosen[] {
  const rowOf = (labels: Labels) => Number(labelValue(labels, "i"));
  if (value.kind === "vector") {
    return value.elements.map((one) => ({ row: rowOf(one.labels), value: one.value }));
  }
  if (value.kind !== "matrix") return [];
  return value.series.flatMap(({ labels, timesMs, values }) => {
    const at = timesMs.indexOf(step * STEP_MS);
    return at < 0 ? [] : [{ row: rowOf(labels), value: values[at]! }];
  });
}

/** Best first, NaN last. */
function ranked(values: readonly number[], isTop: boolean): readonly number[] {
  const real = values.filter((value) => !Number.isNaN(value));
  real.sort((a, b) => (a === b ? 0 : (isTop ? a > b : a < b) ? -1 : 1));
  return [...real, ...values.filter(Number.isNaN)];
}

function drawCells(random: Random, series: number, steps: number): Cells {
  const most = random.pick([3, 1_000]);
  const draw = () => {
    const kind = random.below(20);
    if (kind === 0) return undefined;
    if (kind === 1) return Number.NaN;
    return kind === 2 ? random.pick([Infinity, -Infinity, -0]) : random.below(most);
  };
  return Array.from({ length: series }, () => Array.from({ length: steps }, draw));
}

describe("topk and bottomk", () => {
  it("keep the best values of each group at each step (seed 8)", async () => {
    const random = seededRandom(8);
    for (let round = 0; round < 400; round++) {
      const steps = random.pick([1, 1, 7]);
      const cells = drawCells(random, random.below(40), steps);
      const isTop = random.below(2) === 0;
      const isGrouped = random.below(2) === 0;
      const k = random.pick([0, 1, 2, 3, 5, 100]);
      const text = `${isTop ? "topk" : "bottomk"}${isGrouped ? " by (g)" : ""}(${k}, m)`;
      const answer = await ask(text, cells, steps);
      for (let step = 0; step < steps; step++) {
        const chosen = chosenAt(answer, step);
        for (const { row, value } of chosen) expect(value).toBe(cells[row]?.[step]);
        for (const group of isGrouped ? ["a", "b"] : ["all"]) {
          const isIn = (row: number) => !isGrouped || groupOf(row) === group;
          const all = cells.flatMap((values, row) => (isIn(row) ? [values[step]] : []));
          const present = all.filter((value) => value !== undefined);
          const kept = chosen.filter(({ row }) => isIn(row)).map(({ value }) => value);
          const wanted = ranked(present, isTop).slice(0, k);
          // −0 and 0 are equals.
          const found = steps === 1 ? kept : ranked(kept, isTop);
          expect(found.map((value) => value + 0)).toEqual(wanted.map((value) => value + 0));
        }
      }
    }
  });

  it("let the worst give way that has waited longest, as Prometheus 3 does", async () => {
    const rows = async (text: string, ...values: readonly number[]) => {
      const cells = values.map((value) => [value]);
      return chosenAt(await ask(text, cells, 1), 0).map(({ row }) => row);
    };
    expect(await rows("topk(1, m)", 1, 1, 1)).toEqual([0]);
    expect(await rows("topk(2, m)", 1, 1, 2)).toEqual([2, 1]);
    expect(await rows("bottomk(2, m)", 3, 3, 3)).toEqual([0, 1]);
  });
});
