import type { QueryValue } from "@hms-ops/model";
import type { BareNumber } from "./calls.ts";

/** One number for an answer: the largest, NaN where there is none. */
export function largestOf(value: QueryValue): BareNumber {
  if (value.kind === "scalar") return { value: value.value, series: 1 };
  if (value.kind === "string") return { value: Number.NaN, series: 0 };
  const numbers =
    value.kind === "vector"
      ? value.elements.map((element) => element.value)
      : value.series.map(({ values }) => values.at(-1) ?? Number.NaN);
  let largest = Number.NaN;
  for (const number of numbers) if (!(number <= largest)) largest = pick(largest, number);
  return { value: largest, series: numbers.length };
}

/** NaN gives way to any number. */
function pick(largest: number, number: number): number {
  return Number.isNaN(number) ? largest : number;
}
