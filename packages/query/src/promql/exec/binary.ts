import type { Labels } from "@hms-ops/model";
import { power } from "../functions/math.ts";
import type { NoteText } from "../histograms/notes.ts";
import {
  type Arithmetic,
  type Binary,
  type Comparison,
  isComparison,
  isSetOperator,
  type VectorMatching,
} from "../syntax/ast.ts";
import { ElementOperation, setElement, valueAt } from "./element.ts";
import { fillSides } from "./fill.ts";
import type { HistogramMemory } from "./histogram-memory.ts";
import { duplicateError, groupByMatch, manyMatchesError, resultLabels } from "./matching.ts";
import { dropName, type Nameless, unmarked } from "./names.ts";
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

/** What an operation needs of its query. */
export interface BinaryContext {
  readonly nameless: Nameless;
  readonly memory: HistogramMemory;
  /** Of elements that there is no answer for. */
  note(text: NoteText): void;
}

/** Evaluates one binary operation at every step. */
export function evaluateBinary(
  expr: Binary,
  left: Operand,
  right: Operand,
  context: BinaryContext,
): Operand {
  if (left instanceof Float64Array && right instanceof Float64Array) {
    const compute = computeOf(expr);
    return left.map((value, step) => compute(value, right[step]!));
  }
  const elements = elementsOf(expr, left, right, context.memory);
  const result = vectorOperation(expr, left, right, elements, context.nameless);
  for (const text of elements?.notes ?? []) context.note(text);
  return result;
}

function vectorOperation(
  expr: Binary,
  left: Operand,
  right: Operand,
  elements: ElementOperation | undefined,
  nameless: Nameless,
): VectorTable {
  if (left instanceof Float64Array || right instanceof Float64Array) {
    const scalarLeft = left instanceof Float64Array;
    const [scalar, table] = (scalarLeft ? [left, right] : [right, left]) as [
      Float64Array,
      VectorTable,
    ];
    const result = withScalar(expr, table, scalar, scalarLeft, elements);
    return isFilter(expr) || isTrim(expr) ? result : relabelTable(result, nameless);
  }
  if (isSetOperator(expr.operator)) return setOperation(expr, left, right);
  const [filledLeft, filledRight] = expr.matching.fill
    ? fillSides(left, right, expr.matching)
    : [left, right];
  const rename = renaming(expr, nameless);
  return expr.matching.card === "one-to-many"
    ? matched(expr, filledRight, filledLeft, true, elements, rename)
    : matched(expr, filledLeft, filledRight, false, elements, rename);
}

/**
 * What an operation of two vectors does with names: arithmetic drops them in any case, and a filter
 * keeps them, also those that were to go (promql/engine.go, VectorBinop).
 */
function renaming(expr: Binary, nameless: Nameless): Nameless {
  if (expr.returnBool) return nameless;
  return isComparison(expr.operator) || isTrim(expr) ? unmarked : dropName;
}

/** Undefined where there are only floats, the fast path. */
function elementsOf(
  expr: Binary,
  left: Operand,
  right: Operand,
  memory: HistogramMemory,
): ElementOperation | undefined {
  const hasHistograms = (side: Operand) =>
    !(side instanceof Float64Array) && side.histograms !== undefined;
  if (isTrim(expr)) return new ElementOperation(expr, () => Number.NaN, memory);
  if (!hasHistograms(left) && !hasHistograms(right)) return undefined;
  if (isSetOperator(expr.operator)) return undefined;
  return new ElementOperation(expr, computeOf(expr), memory);
}

function isTrim({ operator }: Binary): boolean {
  return operator === "</" || operator === ">/";
}

/** Comparisons answer 1 or 0. */
function computeOf(expr: Binary): Compute {
  const { operator } = expr;
  if (isTrim(expr)) {
    throw executionError(`operator "${operator}" not allowed for Scalar operations`);
  }
  if (!isComparison(operator)) return ARITHMETIC[operator as FloatArithmetic];
  const holds = COMPARE[operator];
  return (left, right) => (holds(left, right) ? 1 : 0);
}

function isFilter({ operator, returnBool }: Binary): boolean {
  return isComparison(operator) && !returnBool;
}

/** Hot: nothing is made per cell of floats. */
function withScalar(
  expr: Binary,
  table: VectorTable,
  scalar: Float64Array,
  scalarLeft: boolean,
  elements: ElementOperation | undefined,
): VectorTable {
  if (elements) return elementsWithScalar(expr, table, scalar, scalarLeft, elements);
  const { series, steps, present, values } = table;
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
  return result;
}

function elementsWithScalar(
  expr: Binary,
  table: VectorTable,
  scalar: Float64Array,
  scalarLeft: boolean,
  elements: ElementOperation,
): VectorTable {
  const { series, steps, present } = table;
  const builder = new TableBuilder(steps);
  for (const [row, labels] of series.entries()) {
    const target = builder.row(labels);
    for (let step = 0; step < steps; step++) {
      const cell = row * steps + step;
      if (present[cell] !== 1) continue;
      const value = valueAt(table, cell);
      const [left, right] = scalarLeft ? [scalar[step]!, value] : [value, scalar[step]!];
      const outcome = elements.apply(left, right, step, row);
      if (outcome === undefined || outcome === "dropped") continue;
      setElement(builder, target, step, isFilter(expr) ? value : outcome);
    }
  }
  return builder.build();
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
      builder.copy(target, step, left, cell);
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
      builder.copy(target, step, right, cell);
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
function matched(
  expr: Binary,
  many: VectorTable,
  one: VectorTable,
  swapped: boolean,
  elements: ElementOperation | undefined,
  rename: Nameless,
): VectorTable {
  const { matching } = expr;
  const manyGroups = groupByMatch(many.series, matching);
  const oneGroups = groupByMatch(one.series, matching);
  const builder = new TableBuilder(many.steps);
  const rowOf = pairRows(matching, many.series, one.series, builder, rename);
  const occupied = occupiedSteps(many);
  const side = swapped ? "left" : "right";
  const compute = elements ? () => Number.NaN : computeOf(expr);
  const sides = { expr, many, one, swapped };
  const pairing = { ...sides, compute, filters: isFilter(expr), elements, builder, rowOf };
  for (const [key, oneRows] of oneGroups.rowsOfKey) {
    const manyRows = manyGroups.rowsOfKey.get(key) ?? [];
    // A single series can't be its own duplicate.
    if (manyRows.length === 0 && oneRows.length < 2) continue;
    if (oneRows.length === 1 && canPairRows(pairing, manyRows, oneRows[0]!)) {
      const matchOne = elements ? matchElements : matchPair;
      for (const row of manyRows) matchOne(pairing, row, oneRows[0]!);
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
  readonly elements: ElementOperation | undefined;
  readonly builder: TableBuilder;
  readonly rowOf: (manyRow: number, oneRow: number) => number;
}

/** Whether no two pairs of the group can be the same result: then each goes by itself. */
function canPairRows(
  { expr, rowOf }: Pairing,
  manyRows: readonly number[],
  oneRow: number,
): boolean {
  if (manyRows.length < 2) return true;
  if (expr.matching.card === "one-to-one") return false;
  return new Set(manyRows.map((row) => rowOf(row, oneRow))).size === manyRows.length;
}

/** One series on each side. Hot. */
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

/** The same where there are histograms. */
function matchElements(pairing: Pairing, manyRow: number, oneRow: number): void {
  const { many, one, builder } = pairing;
  const target = pairing.rowOf(manyRow, oneRow);
  for (let step = 0; step < many.steps; step++) {
    if (many.present[manyRow * many.steps + step] !== 1) continue;
    if (one.present[oneRow * one.steps + step] !== 1) continue;
    const element = elementOfPair(pairing, manyRow, oneRow, step);
    if (element !== undefined && element !== "dropped") setElement(builder, target, step, element);
  }
}

/** Where there are histograms; undefined = not judged at all. */
function elementOfPair(
  { many, one, swapped, elements }: Pairing,
  manyRow: number,
  oneRow: number,
  step: number,
) {
  const ofMany = valueAt(many, manyRow * many.steps + step);
  const ofOne = valueAt(one, oneRow * one.steps + step);
  const [left, right] = swapped ? [ofOne, ofMany] : [ofMany, ofOne];
  return elements?.apply(left, right, step, manyRow);
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
  pairing: Pairing,
  manyRows: readonly number[],
  partner: number,
  step: number,
  takenAt: number[],
): void {
  const { expr, many, one, swapped, compute, filters, builder, rowOf } = pairing;
  const oneValue = one.values[partner * one.steps + step]!;
  let seen = 0;
  for (const row of manyRows) {
    const cell = row * many.steps + step;
    if (many.present[cell] !== 1) continue;
    const element = pairing.elements && elementOfPair(pairing, row, partner, step);
    if (pairing.elements && element === undefined) continue;
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
    if (element !== undefined) {
      if (element !== "dropped") setElement(builder, target, step, element);
      continue;
    }
    const value = many.values[cell]!;
    const left = swapped ? oneValue : value;
    const outcome = compute(left, swapped ? value : oneValue);
    if (filters && outcome === 0) continue;
    builder.set(target, step, filters ? left : outcome);
  }
}

/** Result rows, made when a pair first meets. */
function pairRows(
  matching: VectorMatching,
  many: readonly Labels[],
  one: readonly Labels[],
  builder: TableBuilder,
  rename: Nameless,
): (manyRow: number, oneRow: number) => number {
  const rows = new Map<number, number>();
  return (manyRow, oneRow) => {
    const pair = manyRow * one.length + oneRow;
    const known = rows.get(pair);
    if (known !== undefined) return known;
    const row = builder.row(resultLabels(many[manyRow]!, one[oneRow]!, matching, rename));
    rows.set(pair, row);
    return row;
  };
}
