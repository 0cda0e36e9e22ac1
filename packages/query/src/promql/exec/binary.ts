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
import { duplicateError, groupByMatch, resultLabels } from "./matching.ts";
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

const ARITHMETIC: Readonly<Record<Arithmetic, Compute>> = {
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
    return left.map((value, step) => scalarResult(expr, value, right[step]!));
  }
  if (left instanceof Float64Array) return withScalar(expr, right as VectorTable, left, true);
  if (right instanceof Float64Array) return withScalar(expr, left, right, false);
  if (isSetOperator(expr.operator)) return setOperation(expr, left, right);
  return expr.matching.card === "one-to-many"
    ? matched(expr, right, left, true)
    : matched(expr, left, right, false);
}

function scalarResult({ operator }: Binary, left: number, right: number): number {
  if (isComparison(operator)) return COMPARE[operator](left, right) ? 1 : 0;
  return ARITHMETIC[operator as Arithmetic](left, right);
}

function withScalar(
  expr: Binary,
  table: VectorTable,
  scalar: Float64Array,
  scalarLeft: boolean,
): VectorTable {
  const { operator, returnBool } = expr;
  const result = emptyTable(table.series, table.steps);
  const filters = isComparison(operator) && !returnBool;
  for (let cell = 0; cell < table.present.length; cell++) {
    if (table.present[cell] !== 1) continue;
    const value = table.values[cell]!;
    const other = scalar[cell % table.steps]!;
    const outcome = scalarLeft
      ? scalarResult(expr, other, value)
      : scalarResult(expr, value, other);
    if (filters && outcome === 0) continue;
    result.present[cell] = 1;
    result.values[cell] = filters ? value : outcome;
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
  for (const [key, manyRows] of manyGroups.rowsOfKey) {
    const oneRows = oneGroups.rowsOfKey.get(key);
    if (oneRows === undefined) continue;
    for (let step = 0; step < many.steps; step++) {
      const partner = onlyPresent(one, oneRows, step, matching, swapped ? "left" : "right");
      if (partner < 0) continue;
      matchStep(expr, { many, one, manyRows, partner, step, swapped }, builder, rowOf);
    }
  }
  for (const [key, oneRows] of oneGroups.rowsOfKey) {
    if (manyGroups.rowsOfKey.has(key) || oneRows.length < 2) continue;
    for (let step = 0; step < one.steps; step++) {
      onlyPresent(one, oneRows, step, matching, swapped ? "left" : "right");
    }
  }
  return builder.build();
}

interface MatchStep {
  readonly many: VectorTable;
  readonly one: VectorTable;
  readonly manyRows: readonly number[];
  readonly partner: number;
  readonly step: number;
  readonly swapped: boolean;
}

function matchStep(
  expr: Binary,
  { many, one, manyRows, partner, step, swapped }: MatchStep,
  builder: TableBuilder,
  rowOf: (manyRow: number, oneRow: number) => number,
): void {
  const filters = isComparison(expr.operator) && !expr.returnBool;
  const oneValue = one.values[partner * one.steps + step]!;
  let seen = 0;
  for (const row of manyRows) {
    const cell = row * many.steps + step;
    if (many.present[cell] !== 1) continue;
    if (expr.matching.card === "one-to-one" && seen++ > 0) {
      throw executionError(
        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
      );
    }
    const value = many.values[cell]!;
    const [left, right] = swapped ? [oneValue, value] : [value, oneValue];
    const outcome = scalarResult(expr, left, right);
    if (filters && outcome === 0) continue;
    const target = rowOf(row, partner);
    if (builder.has(target, step)) {
      throw executionError(
        "multiple matches for labels: grouping labels must ensure unique matches",
      );
    }
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
