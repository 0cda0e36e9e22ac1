import type { Labels, NativeHistogram } from "@hms-ops/model";
import type { Binary } from "../syntax/ast.ts";
import { groupByMatch, type MatchSide } from "./matching.ts";
import { isMarked, unmarked } from "./names.ts";
import type { QueryMemory } from "./query-memory.ts";
import {
  emptyTable,
  hasAny,
  histogramsPart,
  namesakesPart,
  TableBuilder,
  type VectorTable,
} from "./table.ts";

/** `and`, `or`, `unless`. */
export function setOperation(
  { matching, operator }: Binary,
  left: VectorTable,
  right: VectorTable,
  memory: QueryMemory,
): VectorTable {
  const [leftSide, rightSide] = groupByMatch(left.series, right.series, matching, memory);
  if (operator === "or") {
    const taken = new GroupPresence(left, leftSide, memory);
    return joined(left, where(right, rightSide, taken, false, memory), memory);
  }
  const partners = new GroupPresence(right, rightSide, memory);
  return where(left, leftSide, partners, operator === "and", memory);
}

/** At which steps any series of a match group is there. */
class GroupPresence {
  readonly #table: VectorTable;
  readonly #side: MatchSide;
  readonly #memory: QueryMemory;
  /** Of groups with several series. */
  readonly #known = new Map<number, Uint8Array>();

  constructor(table: VectorTable, side: MatchSide, memory: QueryMemory) {
    this.#table = table;
    this.#side = side;
    this.#memory = memory;
  }

  /** 1 for each such step; undefined where the group has no series. */
  of(group: number): Uint8Array | undefined {
    const { rows, starts } = this.#side;
    const from = starts[group]!;
    const count = starts[group + 1]! - from;
    if (count === 0) return undefined;
    if (count === 1) return presenceOf(this.#table, rows[from]!);
    const known = this.#known.get(group);
    if (known) return known;
    const { steps } = this.#table;
    this.#memory.keepBytes(steps);
    const any = new Uint8Array(steps);
    for (let i = from; i < from + count; i++) {
      this.#memory.visit();
      const present = presenceOf(this.#table, rows[i]!);
      for (let step = 0; step < steps; step++) any[step]! |= present[step]!;
    }
    this.#known.set(group, any);
    return any;
  }
}

function presenceOf({ present, steps }: VectorTable, row: number): Uint8Array {
  return present.subarray(row * steps, (row + 1) * steps);
}

/** The table at the steps at which its groups have partners (`wanted`), or have none. */
function where(
  table: VectorTable,
  side: MatchSide,
  partners: GroupPresence,
  wanted: boolean,
  memory: QueryMemory,
): VectorTable {
  const { steps } = table;
  memory.keepBytes(table.present.length);
  const present = table.present.slice();
  for (let row = 0; row < table.series.length; row++) {
    memory.visit();
    const there = partners.of(side.groupOfRow[row]!);
    if (!there && wanted) present.fill(0, row * steps, (row + 1) * steps);
    if (!there) continue;
    const gone = wanted ? 0 : 1;
    for (let step = 0; step < steps; step++) {
      if (there[step] === gone) present[row * steps + step] = 0;
    }
  }
  const histograms = new Map<number, NativeHistogram>();
  for (const [cell, one] of table.histograms ?? [])
    if (present[cell] === 1) histograms.set(cell, one);
  return {
    series: table.series,
    steps,
    values: table.values,
    present,
    ...histogramsPart(histograms),
    ...namesakesPart(table),
  };
}

/**
 * Both tables' series; alike ones, which are never there at the same step, become one. Whether its
 * name is to go was settled by the one that came first.
 */
function joined(left: VectorTable, right: VectorTable, memory: QueryMemory): VectorTable {
  if (left.hasNamesakes || right.hasNamesakes) return sideBySide(left, right);
  const builder = new TableBuilder(left.steps, memory);
  const origins: Origin[] = [];
  const hasMarks = left.series.some(isMarked) || right.series.some(isMarked);
  for (const table of [left, right]) {
    for (const [row, labels] of table.series.entries()) {
      // What is not there takes no place in the answer's order.
      if (!hasAny(table, row)) continue;
      const target = builder.row(unmarked(labels));
      if (hasMarks) {
        const origin = { step: presenceOf(table, row).indexOf(1), labels };
        if (isEarlier(origin, origins[target])) origins[target] = origin;
      }
      for (let step = 0; step < table.steps; step++) {
        const cell = row * table.steps + step;
        if (table.present[cell] === 1) builder.copy(target, step, table, cell);
      }
    }
  }
  const result = builder.build();
  return hasMarks ? { ...result, series: origins.map(({ labels }) => labels) } : result;
}

/** Of one moment, where alike series may stand until the end. */
function sideBySide(left: VectorTable, right: VectorTable): VectorTable {
  const series = [...left.series, ...right.series];
  const result = emptyTable(series, left.steps);
  const histograms = new Map<number, NativeHistogram>(left.histograms ?? []);
  const first = left.present.length;
  for (const [table, from] of [
    [left, 0],
    [right, first],
  ] as const) {
    result.values.set(table.values, from);
    result.present.set(table.present, from);
  }
  for (const [cell, one] of right.histograms ?? []) histograms.set(first + cell, one);
  return { ...result, ...histogramsPart(histograms), hasNamesakes: true };
}

/** Where a series of the result comes from. */
interface Origin {
  readonly step: number;
  readonly labels: Labels;
}

function isEarlier({ step }: Origin, known: Origin | undefined): boolean {
  return known === undefined || step < known.step;
}
