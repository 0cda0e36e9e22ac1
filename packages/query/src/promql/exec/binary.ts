import type { NativeHistogram } from "@hms-ops/model";
import type { NoteText } from "../histograms/notes.ts";
import { type Binary, isComparison, isSetOperator } from "../syntax/ast.ts";
import { ElementOperation, valueAt } from "./element.ts";
import { fillSides } from "./fill.ts";
import { joinVectors } from "./join.ts";
import type { Renaming } from "./matching.ts";
import { dropName, markName, type Nameless, unmarked } from "./names.ts";
import type { QueryMemory } from "./query-memory.ts";
import { computeOf, isFilter, isTrim, rowOperation } from "./row-operations.ts";
import { setOperation } from "./set-operations.ts";
import { toVector } from "./special.ts";
import {
  emptyTable,
  histogramsPart,
  namesakesPart,
  relabelTable,
  type VectorTable,
} from "./table.ts";

/** A side of an operation: one number a step, or a vector a step. */
export type Operand = Float64Array | VectorTable;

/** What an operation needs of its query. */
export interface BinaryContext {
  readonly nameless: Nameless;
  readonly memory: QueryMemory;
  /** Asked of one moment. */
  readonly isMoment: boolean;
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
  const result = vectorOperation(expr, left, right, elements, context);
  for (const text of elements?.notes ?? []) context.note(text);
  return result;
}

function vectorOperation(
  expr: Binary,
  left: Operand,
  right: Operand,
  elements: ElementOperation | undefined,
  { nameless, memory, isMoment }: BinaryContext,
): VectorTable {
  if (left instanceof Float64Array || right instanceof Float64Array) {
    const scalarLeft = left instanceof Float64Array;
    const [scalar, table] = (scalarLeft ? [left, right] : [right, left]) as [
      Float64Array,
      VectorTable,
    ];
    const result = withScalar(expr, table, scalar, scalarLeft, elements);
    return isFilter(expr) || isTrim(expr) ? result : relabelTable(result, nameless, memory);
  }
  if (isSetOperator(expr.operator)) return setOperation(expr, left, right, memory);
  const [filledLeft, filledRight] = expr.matching.fill
    ? fillSides(left, right, expr.matching, elements, memory)
    : [left, right];
  const swapped = expr.matching.card === "one-to-many";
  const [many, one] = swapped ? [filledRight, filledLeft] : [filledLeft, filledRight];
  return joinVectors({
    expr,
    many,
    one,
    swapped,
    elements,
    rename: renaming(expr, nameless),
    allowsNamesakes: isMoment && nameless === markName,
    memory,
  });
}

const asIs: Nameless = (labels) => labels;

/**
 * What an operation of two vectors does with names: arithmetic drops them in any case, but not one
 * that the "one" side gives; a filter keeps them, also those that were to go; `bool` takes also those
 * that `on` or `group_…` ask for (promql/engine.go, VectorBinop).
 */
function renaming(expr: Binary, nameless: Nameless): Renaming {
  if (expr.returnBool) return { before: asIs, after: nameless };
  const before = isComparison(expr.operator) || isTrim(expr) ? unmarked : dropName;
  return { before, after: asIs };
}

/** Undefined where there are only floats, the fast path. */
function elementsOf(
  expr: Binary,
  left: Operand,
  right: Operand,
  memory: QueryMemory,
): ElementOperation | undefined {
  const hasHistograms = (side: Operand) =>
    !(side instanceof Float64Array) && side.histograms !== undefined;
  if (isTrim(expr)) return new ElementOperation(expr, () => Number.NaN, memory);
  if (!hasHistograms(left) && !hasHistograms(right)) return undefined;
  if (isSetOperator(expr.operator)) return undefined;
  return new ElementOperation(expr, computeOf(expr), memory);
}

/** A filter keeps the values of the vector, on whichever side it stands. */
function withScalar(
  expr: Binary,
  table: VectorTable,
  scalar: Float64Array,
  scalarLeft: boolean,
  elements: ElementOperation | undefined,
): VectorTable {
  if (elements) return elementsWithScalar(expr, table, scalar, scalarLeft, elements);
  const result = emptyTable(table.series, table.steps);
  const operation = rowOperation(expr, scalarLeft ? "right" : "left");
  // One step of many series is one long row.
  const isInstant = table.steps === 1;
  const steps = isInstant ? table.series.length : table.steps;
  const numbers = isInstant ? new Float64Array(steps).fill(scalar[0]!) : scalar;
  const ofScalar = { table: toVector(numbers), from: 0 };
  const [from, to] = [table, result].map((whole) => ({ ...whole, steps }));
  for (let first = 0; first < table.present.length; first += steps) {
    const ofTable = { table: from!, from: first };
    const into = { table: to!, from: first };
    if (scalarLeft) operation(ofScalar, ofTable, into);
    else operation(ofTable, ofScalar, into);
  }
  return { ...result, ...namesakesPart(table) };
}

function elementsWithScalar(
  expr: Binary,
  table: VectorTable,
  scalar: Float64Array,
  scalarLeft: boolean,
  elements: ElementOperation,
): VectorTable {
  const { series, steps, present } = table;
  const result = emptyTable(series, steps);
  const histograms = new Map<number, NativeHistogram>();
  for (let row = 0; row < series.length; row++) {
    for (let step = 0; step < steps; step++) {
      const cell = row * steps + step;
      if (present[cell] !== 1) continue;
      const value = valueAt(table, cell);
      const [left, right] = scalarLeft ? [scalar[step]!, value] : [value, scalar[step]!];
      const outcome = elements.apply(left, right, step, row);
      if (outcome === undefined || outcome === "dropped") continue;
      const kept = isFilter(expr) ? value : outcome;
      result.present[cell] = 1;
      result.values[cell] = typeof kept === "number" ? kept : Number.NaN;
      if (typeof kept !== "number") histograms.set(cell, kept);
    }
  }
  return { ...result, ...histogramsPart(histograms), ...namesakesPart(table) };
}
