import type { Labels } from "@hms-ops/model";
import type { VectorMatching } from "../syntax/ast.ts";
import { groupByMatch, matchLabels } from "./matching.ts";
import { histogramsPart, type VectorTable } from "./table.ts";

/**
 * Both sides of an operation with `fill`, `fill_left` or `fill_right`: where one side has elements
 * of a match group and the other has none, that one gets an element with the match labels and the
 * value that was given.
 */
export function fillSides(
  left: VectorTable,
  right: VectorTable,
  matching: VectorMatching,
): readonly [VectorTable, VectorTable] {
  const { left: leftValue, right: rightValue } = matching.fill ?? {};
  return [
    leftValue === undefined ? left : filled(left, right, matching, leftValue),
    rightValue === undefined ? right : filled(right, left, matching, rightValue),
  ];
}

function filled(
  table: VectorTable,
  other: VectorTable,
  matching: VectorMatching,
  value: number,
): VectorTable {
  const own = groupByMatch(table.series, matching).rowsOfKey;
  const { steps } = table;
  const added: Labels[] = [];
  const presence: Uint8Array[] = [];
  for (const [key, rows] of groupByMatch(other.series, matching).rowsOfKey) {
    const present = occupied(other, rows);
    const taken = occupied(table, own.get(key) ?? []);
    for (let step = 0; step < steps; step++) if (taken[step] === 1) present[step] = 0;
    if (!present.includes(1)) continue;
    added.push(matchLabels(other.series[rows[0]!]!, matching));
    presence.push(present);
  }
  return withRows(table, added, presence, value);
}

/** 1 for each step at which one of the rows is present. */
function occupied({ present, steps }: VectorTable, rows: readonly number[]): Uint8Array {
  const result = new Uint8Array(steps);
  for (const row of rows) {
    for (let step = 0; step < steps; step++) result[step]! |= present[row * steps + step]!;
  }
  return result;
}

function withRows(
  table: VectorTable,
  added: readonly Labels[],
  presence: readonly Uint8Array[],
  value: number,
): VectorTable {
  const { steps, series } = table;
  const cells = (series.length + added.length) * steps;
  const values = new Float64Array(cells).fill(value, series.length * steps);
  values.set(table.values.subarray(0, series.length * steps));
  const present = new Uint8Array(cells);
  present.set(table.present.subarray(0, series.length * steps));
  for (const [i, steps01] of presence.entries()) present.set(steps01, (series.length + i) * steps);
  return {
    series: [...series, ...added],
    steps,
    values,
    present,
    ...histogramsPart(table.histograms ?? new Map()),
  };
}
