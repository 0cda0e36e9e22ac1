import type { RangeFunction } from "./window.ts";

/**
 * Holt's linear method with two factors, both between 0 and 1: how much the newest value counts
 * for the level (parameter 0), and how much the newest change for the trend (parameter 1).
 */
export const doubleExponentialSmoothing: RangeFunction = ({ values, from, to, parameters }) => {
  if (to - from < 2) return undefined;
  const [levelFactor = Number.NaN, trendFactor = Number.NaN] = parameters;
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
