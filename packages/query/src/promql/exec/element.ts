import type { NativeHistogram } from "@hms-ops/model";
import {
  added,
  divided,
  identicalHistograms,
  scaled,
  subtracted,
} from "../histograms/arithmetic.ts";
import { type NoteText, noteText } from "../histograms/notes.ts";
import { trimmed } from "../histograms/trim.ts";
import { type Binary, isComparison } from "../syntax/ast.ts";
import type { QueryMemory } from "./query-memory.ts";
import type { VectorTable } from "./table.ts";

/** A value of an instant vector. */
export type ElementValue = number | NativeHistogram;

/** Undefined: the operation gives nothing for these, and the note says why. */
interface Outcome {
  readonly value: ElementValue | undefined;
  readonly note?: NoteText;
}

export function valueAt({ values, histograms }: VectorTable, cell: number): ElementValue {
  return histograms?.get(cell) ?? values[cell]!;
}

/**
 * One binary operation on elements of which some are histograms. Of the notes of one step the last
 * element's is kept, as Prometheus does.
 */
export class ElementOperation {
  readonly #expr: Binary;
  readonly #compute: (left: number, right: number) => number;
  readonly #memory: QueryMemory;
  readonly #notes = new Map<number, { readonly order: number; readonly text: NoteText }>();

  /** `compute`: of two floats; comparisons answer 1 or 0. */
  constructor(expr: Binary, compute: (left: number, right: number) => number, memory: QueryMemory) {
    this.#expr = expr;
    this.#compute = compute;
    this.#memory = memory;
  }

  get notes(): readonly NoteText[] {
    return [...this.#notes.values()].map(({ text }) => text);
  }

  /**
   * Undefined: nothing. `order` says which elements of a step come later. A comparison that does
   * not hold gives "dropped", unless `bool` asks for 0.
   */
  apply(
    left: ElementValue,
    right: ElementValue,
    step: number,
    order: number,
  ): ElementValue | "dropped" | undefined {
    const { value, note } = this.#outcome(left, right);
    if (note && order >= (this.#notes.get(step)?.order ?? 0)) {
      this.#notes.set(step, { order, text: note });
    }
    if (typeof value === "object") this.#memory.keepHistogram(value);
    if (value === undefined || !isComparison(this.#expr.operator)) return value;
    if (this.#expr.returnBool) return value;
    return value === 0 ? "dropped" : left;
  }

  /** Whether there is an answer for these; notes nothing. */
  answers(left: ElementValue, right: ElementValue): boolean {
    return this.#outcome(left, right).value !== undefined;
  }

  #outcome(left: ElementValue, right: ElementValue): Outcome {
    const { operator } = this.#expr;
    if (typeof left === "number" && typeof right === "number") {
      const isTrim = operator === "</" || operator === ">/";
      return isTrim ? this.#refused("float", "float") : { value: this.#compute(left, right) };
    }
    if (typeof left === "number") {
      if (operator === "*") return { value: scaled(right as NativeHistogram, left) };
      return this.#refused("float", "histogram");
    }
    if (typeof right === "number") {
      if (operator === "*") return { value: scaled(left, right) };
      if (operator === "/") return { value: divided(left, right) };
      if (operator === "</") return { value: trimmed(left, right, "below") };
      if (operator === ">/") return { value: trimmed(left, right, "above") };
      return this.#refused("histogram", "float");
    }
    if (operator === "+") return this.#combined(added(left, right), "addition");
    if (operator === "-") return this.#combined(subtracted(left, right), "subtraction");
    if (operator === "==") return { value: identicalHistograms(left, right) ? 1 : 0 };
    if (operator === "!=") return { value: identicalHistograms(left, right) ? 0 : 1 };
    return this.#refused("histogram", "histogram");
  }

  #combined(outcome: ReturnType<typeof added>, what: "addition" | "subtraction"): Outcome {
    if (outcome === undefined) {
      const message = `incompatible bucket layout encountered for binary operator ${this.#expr.operator}`;
      return { value: undefined, note: { level: "warning", message } };
    }
    // Where the hints contradict each other Prometheus gives no result.
    if (outcome.hintsCollide) {
      return { value: undefined, note: noteText(`collision-in-${what}`, "") };
    }
    const value = outcome.histogram;
    return outcome.boundsReconciled
      ? { value, note: noteText(`reconciled-in-${what}`, "") }
      : { value };
  }

  #refused(left: string, right: string): Outcome {
    const { operator } = this.#expr;
    const message = `incompatible sample types encountered for binary operator "${operator}": ${left} ${operator} ${right}`;
    return { value: undefined, note: { level: "info", message } };
  }
}
