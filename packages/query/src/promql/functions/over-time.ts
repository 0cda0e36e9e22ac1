import { quantileOfSorted, sortNumbers } from "./quantile.ts";
import { compensation } from "./rate.ts";
import type { RangeFunction, Window } from "./window.ts";

export const sumOverTime: RangeFunction = (window) => compensatedSum(window);

export const avgOverTime: RangeFunction = (window) => {
  const count = window.to - window.from;
  const sum = compensatedSum(window);
  if (Number.isFinite(sum)) return sum / count;
  return incrementalMean(window);
};

export const countOverTime: RangeFunction = ({ from, to }) => to - from;
export const presentOverTime: RangeFunction = () => 1;
export const lastOverTime: RangeFunction = ({ values, to }) => values[to - 1]!;
export const firstOverTime: RangeFunction = ({ values, from }) => values[from]!;

export const minOverTime: RangeFunction = ({ values, from, to }) => {
  let least = values[from]!;
  for (let i = from + 1; i < to; i++)
    if (values[i]! < least || Number.isNaN(least)) least = values[i]!;
  return least;
};

export const maxOverTime: RangeFunction = ({ values, from, to }) => {
  let most = values[from]!;
  for (let i = from + 1; i < to; i++)
    if (values[i]! > most || Number.isNaN(most)) most = values[i]!;
  return most;
};

export const quantileOverTime: RangeFunction = ({ values, from, to, parameters }) =>
  quantileOfSorted(sortNumbers(values.slice(from, to)), parameters[0] ?? Number.NaN);

export const stdvarOverTime: RangeFunction = (window) => variance(window);
export const stddevOverTime: RangeFunction = (window) => Math.sqrt(variance(window));

export const madOverTime: RangeFunction = ({ values, from, to }) => {
  const inside = values.slice(from, to);
  const median = quantileOfSorted(sortNumbers(inside), 0.5);
  return quantileOfSorted(sortNumbers(inside.map((value) => Math.abs(value - median))), 0.5);
};

/** Neumaier's sum; once it is infinite the compensation no longer counts. */
function compensatedSum({ values, from, to }: Window): number {
  let sum = 0;
  let lost = 0;
  for (let i = from; i < to; i++) {
    lost += compensation(sum, values[i]!);
    sum += values[i]!;
  }
  return Number.isFinite(sum) ? sum + lost : sum;
}

/** For sums that overflow though the mean does not. */
function incrementalMean({ values, from, to }: Pick<Window, "values" | "from" | "to">): number {
  let mean = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const count = i - from + 1;
    if (!Number.isFinite(mean)) {
      if (mean === value || Number.isNaN(mean)) continue;
      if (Number.isFinite(value)) continue;
    }
    mean += value / count - mean / count;
  }
  return mean;
}

/** Population variance, running update (Welford) with compensated mean and sum. */
function variance({ values, from, to }: Window): number {
  let mean = 0;
  let meanLost = 0;
  let sum = 0;
  let sumLost = 0;
  for (let i = from; i < to; i++) {
    const count = i - from + 1;
    const distance = values[i]! - (mean + meanLost);
    const step = distance / count;
    meanLost += compensation(mean, step);
    mean += step;
    const square = distance * (values[i]! - (mean + meanLost));
    sumLost += compensation(sum, square);
    sum += square;
  }
  return (sum + sumLost) / (to - from);
}
