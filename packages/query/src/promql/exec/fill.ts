import type { Labels } from "@hms-ops/model";
import type { VectorMatching } from "../syntax/ast.ts";
import { type ElementOperation, type ElementValue, valueAt } from "./element.ts";
import { groupByMatch, type MatchSide, matchLabels } from "./matching.ts";
import type { QueryMemory } from "./query-memory.ts";
import { histogramsPart, type VectorTable } from "./table.ts";

/**
 * Both sides of an operation with `fill`, `fill_left` or `fill_right`: where one side has elements
 * of a match group and the other has none, that one gets an element with the match labels and the
 * value that was given. The "many" side (or the left one) also where nothing comes of its elements,
 * because they are of another kind than their partner (promql/engine.go, VectorBinop). Prometheus
 * turns the sides round for `group_right`, but not the values: `fill_left` is there the value of the
 * right side, which is the "many" one.
 */
export function fillSides(
  left: VectorTable,
  right: VectorTable,
  matching: VectorMatching,
  elements: ElementOperation | undefined,
  memory: QueryMemory,
): readonly [VectorTable, VectorTable] {
  const isRightMany = matching.card === "one-to-many";
  const fill = matching.fill ?? {};
  const [leftValue, rightValue] = isRightMany ? [fill.right, fill.left] : [fill.left, fill.right];
  const ofLeft =
    elements && ((own: ElementValue, other: ElementValue) => elements.answers(own, other));
  const ofRight =
    elements && ((own: ElementValue, other: ElementValue) => elements.answers(other, own));
  const leftSide = { value: leftValue, answers: isRightMany ? undefined : ofLeft };
  const rightSide = { value: rightValue, answers: isRightMany ? ofRight : undefined };
  return [
    filled(left, right, matching, leftSide, memory),
    filled(right, left, matching, rightSide, memory),
  ];
}

interface Filling {
  readonly value: number | undefined;
  /** Whether something comes of an element and its partner; absent: always. */
  readonly answers: ((own: ElementValue, other: ElementValue) => boolean) | undefined;
}

function filled(
  table: VectorTable,
  other: VectorTable,
  matching: VectorMatching,
  { value, answers }: Filling,
  memory: QueryMemory,
): VectorTable {
  if (value === undefined) return table;
  const [otherSide, ownSide] = groupByMatch(other.series, table.series, matching, memory);
  const { steps } = table;
  const added: Labels[] = [];
  const presence: Uint8Array[] = [];
  for (let group = 0; group + 1 < otherSide.starts.length; group++) {
    const first = otherSide.starts[group]!;
    if (first === otherSide.starts[group + 1]) continue;
    memory.keepBytes(steps);
    const present = occupied(other, otherSide, group);
    const taken = occupied(table, ownSide, group);
    if (answers)
      leaveRefused(
        taken,
        { table, side: ownSide },
        { table: other, side: otherSide },
        group,
        answers,
      );
    for (let step = 0; step < steps; step++) if (taken[step] === 1) present[step] = 0;
    if (!present.includes(1)) continue;
    const labels = matchLabels(other.series[otherSide.rows[first]!]!, matching);
    memory.keepLabels(labels);
    added.push(labels);
    presence.push(present);
  }
  return withRows(table, added, presence, value);
}

interface GroupedTable {
  readonly table: VectorTable;
  readonly side: MatchSide;
}

/** Clears steps at which nothing comes of any element of a group with its partner. */
function leaveRefused(
  taken: Uint8Array,
  own: GroupedTable,
  other: GroupedTable,
  group: number,
  answers: (own: ElementValue, other: ElementValue) => boolean,
): void {
  const { steps } = own.table;
  for (let step = 0; step < steps; step++) {
    const partners = elementsAt(other, group, step);
    if (taken[step] !== 1 || partners.length === 0) continue;
    const isAnswered = elementsAt(own, group, step).some((one) => answers(one, partners[0]!));
    if (!isAnswered) taken[step] = 0;
  }
}

function elementsAt({ table, side }: GroupedTable, group: number, step: number): ElementValue[] {
  const found: ElementValue[] = [];
  for (let i = side.starts[group]!; i < side.starts[group + 1]!; i++) {
    const cell = side.rows[i]! * table.steps + step;
    if (table.present[cell] === 1) found.push(valueAt(table, cell));
  }
  return found;
}

/** 1 for each step at which a series of the group is present. */
function occupied(
  { present, steps }: VectorTable,
  { rows, starts }: MatchSide,
  group: number,
): Uint8Array {
  const result = new Uint8Array(steps);
  for (let i = starts[group]!; i < starts[group + 1]!; i++) {
    const from = rows[i]! * steps;
    for (let step = 0; step < steps; step++) result[step]! |= present[from + step]!;
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
