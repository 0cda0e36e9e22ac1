import type { Call } from "../syntax/ast.ts";
import { executionError, type VectorTable } from "./table.ts";

/** Refuses factors of smoothing that cannot be, where they were asked for an answer. */
export function checkResults(
  { name }: Call,
  parameters: readonly Float64Array[],
  { present, steps }: VectorTable,
): void {
  if (name !== "double_exponential_smoothing") return;
  for (const [cell, isPresent] of present.entries()) {
    if (isPresent !== 1) continue;
    for (const [i, [what, letter]] of FACTORS.entries()) {
      const factor = parameters[i]?.[cell % steps] ?? Number.NaN;
      if (factor > 0 && factor < 1) continue;
      const got = Number.isFinite(factor) ? factor.toFixed(6) : goInfinity(factor);
      throw executionError(`invalid ${what} factor. Expected: 0 < ${letter} < 1, got: ${got}`);
    }
  }
}

const FACTORS = [
  ["smoothing", "sf"],
  ["trend", "tf"],
] as const;

function goInfinity(value: number): string {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
