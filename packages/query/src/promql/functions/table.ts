import * as math from "./math.ts";
import * as overTime from "./over-time.ts";
import * as rates from "./rate.ts";
import type { RangeFunction } from "./window.ts";

export type ArgumentType = "vector" | "matrix" | "scalar" | "string";

/** One function of the language: its signature, and how it is evaluated. */
export interface FunctionRow {
  readonly args: readonly ArgumentType[];
  /** How many of the last arguments may be left out; Infinity: the last one may repeat. */
  readonly optional: number;
  readonly returns: "vector" | "scalar";
  readonly how: /** Sample windows of each series; scalar arguments arrive as `parameters`. */
    | { readonly kind: "range"; readonly evaluate: RangeFunction; readonly keepsName?: boolean }
    /** Element by element; scalar arguments follow the value. */
    | { readonly kind: "math"; readonly map: math.MathFunction; readonly defaultsToTime?: boolean }
    /** By name, in exec/special.ts. */
    | { readonly kind: "special" };
}

const range = (evaluate: RangeFunction, keepsName = false): FunctionRow => ({
  args: ["matrix"],
  optional: 0,
  returns: "vector",
  how: { kind: "range", evaluate, keepsName },
});
const map = (mapOne: math.MathFunction, scalars = 0, optional = 0): FunctionRow => ({
  args: ["vector", ...new Array<ArgumentType>(scalars).fill("scalar")],
  optional,
  returns: "vector",
  how: { kind: "math", map: mapOne },
});
const date = (mapOne: math.MathFunction): FunctionRow => ({
  args: ["vector"],
  optional: 1,
  returns: "vector",
  how: { kind: "math", map: mapOne, defaultsToTime: true },
});
const special = (
  args: readonly ArgumentType[],
  returns: "vector" | "scalar" = "vector",
  optional = 0,
): FunctionRow => ({ args, optional, returns, how: { kind: "special" } });

export const FUNCTIONS: Readonly<Record<string, FunctionRow>> = {
  rate: range(rates.rate),
  increase: range(rates.increase),
  delta: range(rates.delta),
  irate: range(rates.irate),
  idelta: range(rates.idelta),
  resets: range(rates.resets),
  changes: range(rates.changes),
  deriv: range(rates.deriv),
  predict_linear: { ...range(rates.predictLinear), args: ["matrix", "scalar"] },
  sum_over_time: range(overTime.sumOverTime),
  avg_over_time: range(overTime.avgOverTime),
  min_over_time: range(overTime.minOverTime),
  max_over_time: range(overTime.maxOverTime),
  count_over_time: range(overTime.countOverTime),
  present_over_time: range(overTime.presentOverTime),
  last_over_time: range(overTime.lastOverTime, true),
  first_over_time: range(overTime.firstOverTime, true),
  quantile_over_time: { ...range(overTime.quantileOverTime), args: ["scalar", "matrix"] },
  stddev_over_time: range(overTime.stddevOverTime),
  stdvar_over_time: range(overTime.stdvarOverTime),
  mad_over_time: range(overTime.madOverTime),
  absent_over_time: special(["matrix"]),

  abs: map(Math.abs),
  ceil: map(Math.ceil),
  floor: map(Math.floor),
  exp: map(Math.exp),
  sqrt: map(Math.sqrt),
  ln: map(Math.log),
  log2: map(Math.log2),
  log10: map(Math.log10),
  sgn: map(math.sign),
  sin: map(Math.sin),
  cos: map(Math.cos),
  tan: map(Math.tan),
  asin: map(Math.asin),
  acos: map(Math.acos),
  atan: map(Math.atan),
  sinh: map(Math.sinh),
  cosh: map(Math.cosh),
  tanh: map(Math.tanh),
  asinh: map(Math.asinh),
  acosh: map(Math.acosh),
  atanh: map(Math.atanh),
  deg: map(math.degrees),
  rad: map(math.radians),
  round: map(math.round, 1, 1),
  clamp_min: map(math.max, 1),
  clamp_max: map(math.min, 1),
  clamp: special(["vector", "scalar", "scalar"]),

  minute: date(math.minute),
  hour: date(math.hour),
  day_of_month: date(math.dayOfMonth),
  day_of_week: date(math.dayOfWeek),
  day_of_year: date(math.dayOfYear),
  days_in_month: date(math.daysInMonth),
  month: date(math.month),
  year: date(math.year),

  time: special([], "scalar"),
  pi: special([], "scalar"),
  scalar: special(["vector"], "scalar"),
  vector: special(["scalar"]),
  timestamp: special(["vector"]),
  absent: special(["vector"]),
  sort: special(["vector"]),
  sort_desc: special(["vector"]),
  sort_by_label: special(["vector", "string"], "vector", Number.POSITIVE_INFINITY),
  sort_by_label_desc: special(["vector", "string"], "vector", Number.POSITIVE_INFINITY),
  label_replace: special(["vector", "string", "string", "string", "string"]),
  label_join: special(["vector", "string", "string", "string"], "vector", Number.POSITIVE_INFINITY),
  histogram_quantile: special(["scalar", "vector"]),
  histogram_fraction: special(["scalar", "scalar", "vector"]),
};
