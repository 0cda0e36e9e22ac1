import { OpsError } from "@hms-ops/model";
import { QUERY_ERRORS } from "../../errors.ts";
import type { RangeFunction } from "./window.ts";

/**
 * Holt's linear method with two factors, both between 0 and 1: how much the newest value counts
 * for the level (parameter 0), and how much the newest change for the trend (parameter 1). Other
 * factors throw.
 */
export const doubleExponentialSmoothing: RangeFunction = ({ values, from, to, parameters }) => {
  const [levelFactor = 0, trendFactor = 0] = parameters;
  refuseFactor("smoothing", "sf", levelFactor);
  refuseFactor("trend", "tf", trendFactor);
  if (to - from < 2) return undefined;
  let before = 0;
  let level = values[from]!;
  let trend = values[from + 1]! - level;
  for (let row = from + 1; row < to; row++) {
    if (row > from + 1) trend = trendFactor * (level - before) + (1 - trendFactor) * trend;
    before = level;
    level = levelFactor * values[row]! + (1 - levelFactor) * (level + trend);
  }
  return level;
};

/** NaN passes, as in Prometheus, and so does the result. */
export function isRefusedFactor(factor: number): boolean {
  return factor <= 0 || factor >= 1;
}

function refuseFactor(what: string, letter: string, factor: number): void {
  if (!isRefusedFactor(factor)) return;
  const got = Number.isFinite(factor) ? fixed(factor) : factor > 0 ? "+Inf" : "-Inf";
  const reason = `invalid ${what} factor. Expected: 0 < ${letter} < 1, got: ${got}`;
  throw new OpsError(QUERY_ERRORS.execution, { reason });
}

/** Go's `%f`; JavaScript goes over to exponents, and shows no sign of zero. */
function fixed(number: number): string {
  if (Object.is(number, -0)) return "-0.000000";
  return Math.abs(number) < 1e21 ? number.toFixed(6) : `${BigInt(number)}.000000`;
}
