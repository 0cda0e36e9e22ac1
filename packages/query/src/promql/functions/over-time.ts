import { quantileOf } from "./quantile.ts";
import { compensatedSum, compensation, mean } from "./sums.ts";
import type { RangeFunction, Window } from "./window.ts";

export const sumOverTime: RangeFunction = ({ values, from, to }) =>
  compensatedSum(values, from, to);
export const avgOverTime: RangeFunction = ({ values, from, to }) => mean(values, from, to);
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
  quantileOf(values.slice(from, to), parameters[0] ?? Number.NaN);

export const stdvarOverTime: RangeFunction = (window) => variance(window);
export const stddevOverTime: RangeFunction = (window) => Math.sqrt(variance(window));

export const madOverTime: RangeFunction = ({ values, from, to }) => {
  const inside = values.slice(from, to);
  if (inside.some(Number.isNaN)) return Number.NaN;
  const median = quantileOf(inside, 0.5);
  return quantileOf(
    inside.map((value) => Math.abs(value - median)),
    0.5,
  );
};

/** Population variance, running update (Welford) with compensated mean and sum. */
function variance({ values, from, to }: Window): number {
  let average = 0;
  let averageLost = 0;
  let sum = 0;
  let sumLost = 0;
  for (let i = from; i < to; i++) {
    const count = i - from + 1;
    const distance = values[i]! - (average + averageLost);
    const step = distance / count;
    averageLost += compensation(average, step);
    average += step;
    const square = distance * (values[i]! - (average + averageLost));
    sumLost += compensation(sum, square);
    sum += square;
  }
  return (sum + sumLost) / (to - from);
}
