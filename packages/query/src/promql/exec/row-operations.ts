import { power } from "../functions/math.ts";
import { type Arithmetic, type Binary, type Comparison, isComparison } from "../syntax/ast.ts";
import { executionError, type VectorTable } from "./table.ts";

/** Comparisons answer 1 or 0. */
export type Compute = (left: number, right: number) => number;

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
const COMPARE: Readonly<Record<Comparison, Compute>> = {
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
  "<": (a, b) => Number(a < b),
  "<=": (a, b) => Number(a <= b),
  ">": (a, b) => Number(a > b),
  ">=": (a, b) => Number(a >= b),
};

export function isTrim({ operator }: Binary): boolean {
  return operator === "</" || operator === ">/";
}

export function isFilter({ operator, returnBool }: Binary): boolean {
  return isComparison(operator) && !returnBool;
}

export function computeOf(expr: Binary): Compute {
  const { operator } = expr;
  if (isTrim(expr)) {
    throw executionError(`operator "${operator}" not allowed for Scalar operations`);
  }
  return isComparison(operator) ? COMPARE[operator] : ARITHMETIC[operator as FloatArithmetic];
}

/** A row of a table, by its first cell. */
export interface Row {
  readonly table: VectorTable;
  readonly from: number;
}

/** Fills a row of a table of the same steps, whatever is present. */
export type RowOperation = (left: Row, right: Row, into: Row) => void;

/** The most common ones without a call a cell. */
const OPERATIONS: Readonly<Partial<Record<Binary["operator"], RowOperation>>> = {
  "+": (left, right, { table, from }) => {
    const [a, b] = [left.table.values, right.table.values];
    for (let i = 0; i < table.steps; i++) {
      table.values[from + i] = a[left.from + i]! + b[right.from + i]!;
    }
  },
  "-": (left, right, { table, from }) => {
    const [a, b] = [left.table.values, right.table.values];
    for (let i = 0; i < table.steps; i++) {
      table.values[from + i] = a[left.from + i]! - b[right.from + i]!;
    }
  },
  "*": (left, right, { table, from }) => {
    const [a, b] = [left.table.values, right.table.values];
    for (let i = 0; i < table.steps; i++) {
      table.values[from + i] = a[left.from + i]! * b[right.from + i]!;
    }
  },
  "/": (left, right, { table, from }) => {
    const [a, b] = [left.table.values, right.table.values];
    for (let i = 0; i < table.steps; i++) {
      table.values[from + i] = a[left.from + i]! / b[right.from + i]!;
    }
  },
};

/** Of floats. A filter keeps the value of one side where it holds. */
export function rowOperation(expr: Binary, kept: "left" | "right" = "left"): RowOperation {
  const known = OPERATIONS[expr.operator];
  if (known) return withPresence(known);
  const compute = computeOf(expr);
  if (isFilter(expr)) return filterRow(compute, kept);
  return withPresence((left, right, { table, from }) => {
    for (let i = 0; i < table.steps; i++) {
      const a = left.table.values[left.from + i]!;
      table.values[from + i] = compute(a, right.table.values[right.from + i]!);
    }
  });
}

function withPresence(operation: RowOperation): RowOperation {
  return (left, right, into) => {
    operation(left, right, into);
    const { steps, present } = into.table;
    for (let i = 0; i < steps; i++) {
      present[into.from + i] =
        left.table.present[left.from + i]! & right.table.present[right.from + i]!;
    }
  };
}

function filterRow(holds: Compute, kept: "left" | "right"): RowOperation {
  return (left, right, { table, from }) => {
    for (let i = 0; i < table.steps; i++) {
      const a = left.table.values[left.from + i]!;
      const b = right.table.values[right.from + i]!;
      const both = left.table.present[left.from + i]! & right.table.present[right.from + i]!;
      table.values[from + i] = kept === "left" ? a : b;
      table.present[from + i] = both & holds(a, b);
    }
  };
}
