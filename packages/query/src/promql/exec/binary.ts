import type { Labels } from "@hms-ops/model";
import { power } from "../functions/math.ts";
import {
  type Arithmetic,
  type Binary,
  type Comparison,
  isComparison,
  isSetOperator,
  type VectorMatching,
} from "../syntax/ast.ts";
import { duplicateError, groupByMatch, manyMatchesError, resultLabels } from "./matching.ts";
import { withoutName } from "./selectors.ts";
import {
  emptyTable,
  executionError,
  relabelTable,
  TableBuilder,
  type VectorTable,
} from "./table.ts";

/** A side of an operation: one number a step, or a vector a step. */
export type Operand = Float64Array | VectorTable;

type Compute = (left: number, right: number) => number;

type FloatArithmetic = Exclude<Arithmetic, "</" | ">/">;

const ARITHMETIC: Readonly<Record<FloatArithmetic, Compute>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "^": power,
  atan2: Math.atan2,
};
const COMPARE: Readonly<Record<Comparison, (left: number, right: number) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** Evaluates one binary operation at every step. */
export function evaluateBinary(expr: Binary, left: Operand, right: Operand): Operand {
  if (left instanceof Float64Array && right instanceof Float64Array) {
    const compute = computeOf(expr);
    return left.map((value, step) => compute(value, right[step]!));
  }
  if (left instanceof Float64Array) return withScalar(expr, right as VectorTable, left, true);
  if (right instanceof Float64Array) return withScalar(expr, left, right, false);
  if (isSetOperator(expr.operator)) return setOperation(expr, left, right);
  return expr.matching.card === "one-to-many"
    ? matched(expr, right, left, true)
    : matched(expr, left, right, false);
}

/** Comparisons answer 1 or 0. */
function computeOf({ operator }: Binary): Compute {
  if (operator === "</" || operator === ">/") {
    throw executionError(`operator "${operator}" not allowed for Scalar operations`);
  }
  if (!isComparison(operator)) return ARITHMETIC[operator as FloatArithmetic];
  const holds = COMPARE[operator];
  return (left, right) => (holds(left, right) ? 1 : 0);
}

function isFilter({ operator, returnBool }: Binary): boolean {
  return isComparison(operator) && !returnBool;
}

/** Hot: nothing is made per cell. */
function withScalar(
  expr: Binary,
  { series, steps, present, values }: VectorTable,
  scalar: Float64Array,
  scalarLeft: boolean,
): VectorTable {
  const result = emptyTable(series, steps);
  const compute = computeOf(expr);
  const filters = isFilter(expr);
  for (let row = 0; row < series.length; row++) {
    for (let step = 0; step < steps; step++) {
      const cell = row * steps + step;
      if (present[cell] !== 1) continue;
      const value = values[cell]!;
      const other = scalar[step]!;
      const outcome = scalarLeft ? compute(other, value) : compute(value, other);
      if (filters && outcome === 0) continue;
      result.present[cell] = 1;
      result.values[cell] = filters ? value : outcome;
    }
  }
  return filters ? result : relabelTable(result, withoutName);
}

function setOperation(expr: Binary, left: VectorTable, right: VectorTable): VectorTable {
  const { matching, operator } = expr;
  const { steps } = left;
  const leftGroups = groupByMatch(left.series, matching);
  const rightGroups = groupByMatch(right.series, matching);
  const builder = new TableBuilder(steps);
  const wanted = operator === "and";
  for (const [row, labels] of left.series.entries()) {
    const partners = rightGroups.rowsOfKey.get(leftGroups.keyOfRow[row] ?? "") ?? [];
    const target = builder.row(labels);
    for (let step = 0; step < steps; step++) {
      const cell = row * steps + step;
      if (left.present[cell] !== 1) continue;
      if (operator !== "or" && anyPresent(right, partners, step) !== wanted) continue;
      builder.set(target, step, left.values[cell]!);
    }
  }
  if (operator === "or")
    addUnmatched(builder, left, right, leftGroups.rowsOfKey, rightGroups.keyOfRow);
  return builder.build();
}

function addUnmatched(
  builder: TableBuilder,
  left: VectorTable,
  right: VectorTable,
  leftRows: ReadonlyMap<string, readonly number[]>,
  rightKeys: readonly string[],
): void {
  for (const [row, labels] of right.series.entries()) {
    const partners = leftRows.get(rightKeys[row] ?? "") ?? [];
    const target = builder.row(labels);
    for (let step = 0; step < right.steps; step++) {
      const cell = row * right.steps + step;
      if (right.present[cell] !== 1 || anyPresent(left, partners, step)) continue;
      builder.set(target, step, right.values[cell]!);
    }
  }
}

function anyPresent(
  { present, steps }: VectorTable,
  rows: readonly number[],
  step: number,
): boolean {
  for (const row of rows) if (present[row * steps + step] === 1) return true;
  return false;
}

/** The row of a group that is present at a step, −1 for none; two are the query's fault. */
function onlyPresent(
  table: VectorTable,
  rows: readonly number[],
  step: number,
  matching: VectorMatching,
  side: "left" | "right",
): number {
  let found = -1;
  for (const row of rows) {
    if (table.present[row * table.steps + step] !== 1) continue;
    if (found >= 0) throw duplicateError(table.series[found]!, table.series[row]!, matching, side);
    found = row;
  }
  return found;
}

/** One to one and many to one; `swapped` says that the "many" side was written on the right. */
function matched(expr: Binary, many: VectorTable, one: VectorTable, swapped: boolean): VectorTable {
  const { matching } = expr;
  const manyGroups = groupByMatch(many.series, matching);
  const oneGroups = groupByMatch(one.series, matching);
  const builder = new TableBuilder(many.steps);
  const rowOf = pairRows(expr, many.series, one.series, builder);
  const occupied = occupiedSteps(many);
  const side = swapped ? "left" : "right";
  const compute = computeOf(expr);
  const pairing = { expr, many, one, swapped, compute, filters: isFilter(expr), builder, rowOf };
  for (const [key, oneRows] of oneGroups.rowsOfKey) {
    const manyRows = manyGroups.rowsOfKey.get(key) ?? [];
    // A single series can't be its own duplicate.
    if (manyRows.length === 0 && oneRows.length < 2) continue;
    if (manyRows.length === 1 && oneRows.length === 1) {
      matchPair(pairing, manyRows[0]!, oneRows[0]!);
      continue;
    }
    const takenAt: number[] = [];
    for (let step = 0; step < many.steps; step++) {
      // Where the "many" side is empty nothing is matched, and nothing is judged.
      if (occupied[step] === 0) continue;
      const partner = onlyPresent(one, oneRows, step, matching, side);
      if (partner >= 0) matchStep(pairing, manyRows, partner, step, takenAt);
    }
  }
  return builder.build();
}

interface Pairing {
  readonly expr: Binary;
  readonly many: VectorTable;
  readonly one: VectorTable;
  readonly swapped: boolean;
  readonly compute: Compute;
  readonly filters: boolean;
  readonly builder: TableBuilder;
  readonly rowOf: (manyRow: number, oneRow: number) => number;
}

/** The usual group, one series on each side. Hot. */
function matchPair(pairing: Pairing, manyRow: number, oneRow: number): void {
  const { many, one, swapped, compute, filters, builder } = pairing;
  const { steps } = many;
  const target = pairing.rowOf(manyRow, oneRow);
  for (let step = 0; step < steps; step++) {
    const manyCell = manyRow * steps + step;
    const oneCell = oneRow * steps + step;
    if (many.present[manyCell] !== 1 || one.present[oneCell] !== 1) continue;
    const left = swapped ? one.values[oneCell]! : many.values[manyCell]!;
    const right = swapped ? many.values[manyCell]! : one.values[oneCell]!;
    const outcome = compute(left, right);
    if (filters && outcome === 0) continue;
    builder.set(target, step, filters ? left : outcome);
  }
}

/** 1 for each step at which any row is present. */
function occupiedSteps({ series, steps, present }: VectorTable): Uint8Array {
  const occupied = new Uint8Array(steps);
  for (let row = 0; row < series.length; row++) {
    for (let step = 0; step < steps; step++) occupied[step]! |= present[row * steps + step]!;
  }
  return occupied;
}

/**
 * Pairs that a comparison filters out are judged like the others. `takenAt` has, by result row, the
 * step after the last one at which the match group had a pair for it.
 */
function matchStep(
  { expr, many, one, swapped, compute, filters, builder, rowOf }: Pairing,
  manyRows: readonly number[],
  partner: number,
  step: number,
  takenAt: number[],
): void {
  const oneValue = one.values[partner * one.steps + step]!;
  let seen = 0;
  for (const row of manyRows) {
    const cell = row * many.steps + step;
    if (many.present[cell] !== 1) continue;
    if (expr.matching.card === "one-to-one" && seen++ > 0) {
      throw manyMatchesError(
        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
      );
    }
    const target = rowOf(row, partner);
    if (takenAt[target] === step + 1) {
      throw manyMatchesError(
        "multiple matches for labels: grouping labels must ensure unique matches",
      );
    }
    takenAt[target] = step + 1;
    const value = many.values[cell]!;
    const left = swapped ? oneValue : value;
    const outcome = compute(left, swapped ? value : oneValue);
    if (filters && outcome === 0) continue;
    builder.set(target, step, filters ? left : outcome);
  }
}

/** Result rows, made when a pair first meets. */
function pairRows(
  expr: Binary,
  many: readonly Labels[],
  one: readonly Labels[],
  builder: TableBuilder,
): (manyRow: number, oneRow: number) => number {
  const dropsName = !isComparison(expr.operator) || expr.returnBool;
  const rows = new Map<number, number>();
  return (manyRow, oneRow) => {
    const pair = manyRow * one.length + oneRow;
    const known = rows.get(pair);
    if (known !== undefined) return known;
    const row = builder.row(resultLabels(many[manyRow]!, one[oneRow]!, expr.matching, dropsName));
    rows.set(pair, row);
    return row;
  };
}
