import * as linear from "./linear.ts";
import * as math from "./math.ts";
import * as overTime from "./over-time.ts";
import * as rates from "./rate.ts";
import * as running from "./running-sums.ts";
import * as sliding from "./sliding.ts";
import { doubleExponentialSmoothing } from "./smoothing.ts";
import { slidingQuantile } from "./sorted-window.ts";
import * as times from "./times-over-time.ts";
import type { RangeFunction } from "./window.ts";

export type ArgumentType = "vector" | "matrix" | "scalar" | "string";

/** One function of the language: its signature, and how it is evaluated. */
export interface FunctionRow {
  readonly args: readonly ArgumentType[];
  /** How many of the last arguments may be left out; Infinity: the last one may repeat. */
  readonly optional: number;
  readonly returns: "vector" | "scalar";
  /** Refused unless `promql-experimental-functions` is on. */
  readonly experimental?: boolean;
  readonly how: /** Sample windows of each series; scalar arguments arrive as `parameters`. */
    | {
        readonly kind: "range";
        readonly evaluate: RangeFunction;
        /** The same answers where windows overlap, without looking at their samples again. */
        readonly slide?: (() => RangeFunction) | undefined;
        readonly keepsName?: boolean;
        /** Of a window in ms: what the extrapolated change of a counter is divided by. */
        readonly riseDivisor?: (rangeMs: number) => number;
      }
    /** Element by element; scalar arguments follow the value. */
    | { readonly kind: "math"; readonly map: math.MathFunction; readonly defaultsToTime?: boolean }
    /** By name, in exec/special.ts. */
    | { readonly kind: "special" };
}

const range = (evaluate: RangeFunction, slide?: () => RangeFunction): FunctionRow => ({
  args: ["matrix"],
  optional: 0,
  returns: "vector",
  how: { kind: "range", evaluate, slide },
});
const change = (
  evaluate: RangeFunction,
  slide: () => RangeFunction,
  riseDivisor: (rangeMs: number) => number,
): FunctionRow => ({
  args: ["matrix"],
  optional: 0,
  returns: "vector",
  how: { kind: "range", evaluate, slide, riseDivisor },
});
const named = (evaluate: RangeFunction): FunctionRow => ({
  args: ["matrix"],
  optional: 0,
  returns: "vector",
  how: { kind: "range", evaluate, keepsName: true },
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

const experimental = (row: FunctionRow): FunctionRow => ({ ...row, experimental: true });

export const FUNCTIONS: Readonly<Record<string, FunctionRow>> = {
  rate: change(rates.rate, rates.slidingRate, (rangeMs) => rangeMs / 1000),
  increase: change(rates.increase, rates.slidingIncrease, () => 1),
  delta: range(rates.delta),
  irate: range(rates.irate),
  idelta: range(rates.idelta),
  resets: range(rates.resets, rates.slidingResets),
  changes: range(rates.changes, rates.slidingChanges),
  deriv: range(linear.deriv, linear.slidingDeriv),
  predict_linear: {
    ...range(linear.predictLinear, linear.slidingPredictLinear),
    args: ["matrix", "scalar"],
  },
  sum_over_time: range(
    overTime.sumOverTime,
    running.slidingSum(overTime.sumOverTime, (sum) => sum),
  ),
  avg_over_time: range(
    overTime.avgOverTime,
    running.slidingSum(overTime.avgOverTime, (sum, count) => sum / count),
  ),
  min_over_time: range(overTime.minOverTime, sliding.slidingMinimum),
  max_over_time: range(overTime.maxOverTime, sliding.slidingMaximum),
  count_over_time: range(overTime.countOverTime),
  present_over_time: range(overTime.presentOverTime),
  last_over_time: named(overTime.lastOverTime),
  first_over_time: named(overTime.firstOverTime),
  quantile_over_time: {
    ...range(overTime.quantileOverTime, slidingQuantile),
    args: ["scalar", "matrix"],
  },
  stddev_over_time: range(overTime.stddevOverTime, running.slidingStddev),
  stdvar_over_time: range(overTime.stdvarOverTime, running.slidingStdvar),
  mad_over_time: experimental(range(overTime.madOverTime)),
  ts_of_first_over_time: experimental(range(times.tsOfFirstOverTime)),
  ts_of_last_over_time: experimental(range(times.tsOfLastOverTime)),
  ts_of_min_over_time: experimental(range(times.tsOfMinOverTime)),
  ts_of_max_over_time: experimental(range(times.tsOfMaxOverTime)),
  double_exponential_smoothing: {
    ...experimental(range(doubleExponentialSmoothing)),
    args: ["matrix", "scalar", "scalar"],
  },
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
  start: experimental(special([], "scalar")),
  end: experimental(special([], "scalar")),
  range: experimental(special([], "scalar")),
  step: experimental(special([], "scalar")),
  min_of: experimental(special(["scalar", "scalar"], "scalar")),
  max_of: experimental(special(["scalar", "scalar"], "scalar")),
  scalar: special(["vector"], "scalar"),
  vector: special(["scalar"]),
  timestamp: special(["vector"]),
  start_timestamp: experimental(special(["vector"])),
  info: experimental(special(["vector", "vector"], "vector", 1)),
  absent: special(["vector"]),
  sort: special(["vector"]),
  sort_desc: special(["vector"]),
  sort_by_label: experimental(special(["vector", "string"], "vector", Number.POSITIVE_INFINITY)),
  sort_by_label_desc: experimental(
    special(["vector", "string"], "vector", Number.POSITIVE_INFINITY),
  ),
  label_replace: special(["vector", "string", "string", "string", "string"]),
  label_join: special(["vector", "string", "string", "string"], "vector", Number.POSITIVE_INFINITY),
  histogram_count: special(["vector"]),
  histogram_sum: special(["vector"]),
  histogram_avg: special(["vector"]),
  histogram_stddev: special(["vector"]),
  histogram_stdvar: special(["vector"]),
  histogram_quantile: special(["scalar", "vector"]),
  histogram_quantiles: experimental({
    ...special(["vector", "string", ...new Array<ArgumentType>(10).fill("scalar")]),
    optional: 9,
  }),
  histogram_fraction: special(["scalar", "scalar", "vector"]),
};
