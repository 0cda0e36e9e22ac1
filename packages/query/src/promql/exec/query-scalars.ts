import { max, min } from "../functions/math.ts";
import type { EvaluationTime } from "./grid.ts";

/** Scalars that the query itself decides, the same at every step; undefined: no such function. */
export function queryScalar(name: string, time: EvaluationTime): Float64Array | undefined {
  const value = secondsOf(name, time);
  return value === undefined ? undefined : new Float64Array(time.grid.count).fill(value);
}

function secondsOf(name: string, time: EvaluationTime): number | undefined {
  const { queryStartMs, queryEndMs, queryStepMs } = time;
  switch (name) {
    case "pi":
      return Math.PI;
    case "start":
      return queryStartMs / 1000;
    case "end":
      return queryEndMs / 1000;
    case "range":
      return (queryEndMs - queryStartMs) / 1000;
    case "step":
      return queryEndMs === queryStartMs ? 0 : queryStepMs / 1000;
    default:
      return undefined;
  }
}

/** `min_of` and `max_of`. */
export function pickedScalar(
  name: "min_of" | "max_of",
  left: Float64Array,
  right: Float64Array,
): Float64Array {
  const pick = name === "min_of" ? min : max;
  return left.map((value, step) => pick(value, right[step]!));
}
