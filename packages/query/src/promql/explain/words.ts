import { formatDurationMs } from "@hms-ops/model";
import type { AggregationOperator, MatrixSelector, Subquery } from "../syntax/ast.ts";
import { formatDuration } from "../syntax/durations.ts";

/** What a function of a range says of it; `%` is the range. */
export const RANGE_WORDS: Readonly<Record<string, string>> = {
  rate: "the per-second increase of %",
  increase: "the increase of %",
  irate: "the newest per-second increase (of the last two samples) of %",
  delta: "the change of %",
  idelta: "the newest change (of the last two samples) of %",
  deriv: "the per-second slope of the line through %",
  changes: "how often the value changed in %",
  resets: "how often the counter began anew in %",
  sum_over_time: "the sum of all samples of %",
  avg_over_time: "the mean of %",
  min_over_time: "the lowest value of %",
  max_over_time: "the highest value of %",
  count_over_time: "the number of samples of %",
  present_over_time: "1 where there is any sample of %",
  absent_over_time: "1 where there is no sample of %",
  last_over_time: "the newest sample of %",
  first_over_time: "the first sample of %",
  stddev_over_time: "the standard deviation of %",
  stdvar_over_time: "the variance of %",
  mad_over_time: "the median distance from the median of %",
  ts_of_first_over_time: "when the first sample was of %",
  ts_of_last_over_time: "when the newest sample was of %",
  ts_of_min_over_time: "when the lowest value was of %",
  ts_of_max_over_time: "when the highest value was of %",
};

/** What a function of one vector says of it; `%` is the vector. */
export const VECTOR_WORDS: Readonly<Record<string, string>> = {
  abs: "the size without sign of %",
  absent: "1 where there is no %",
  ceil: "% rounded up",
  floor: "% rounded down",
  exp: "e to the power of %",
  ln: "the natural logarithm of %",
  log2: "the binary logarithm of %",
  log10: "the decimal logarithm of %",
  sgn: "the sign of %",
  sqrt: "the square root of %",
  scalar: "the only value of % as a number",
  sort: "%, lowest first",
  sort_desc: "%, highest first",
  timestamp: "the time in seconds of %",
  histogram_count: "the number of observations of %",
  histogram_sum: "the sum of the observations of %",
  histogram_avg: "the mean observation of %",
  histogram_stddev: "the standard deviation of the observations of %",
  histogram_stdvar: "the variance of the observations of %",
  minute: "the minute of the hour of %",
  hour: "the hour of the day (UTC) of %",
  day_of_month: "the day of the month (UTC) of %",
  day_of_week: "the day of the week (UTC, Sunday is 0) of %",
  day_of_year: "the day of the year (UTC) of %",
  days_in_month: "the number of days in the month of %",
  month: "the month (UTC) of %",
  year: "the year (UTC) of %",
};

/** `%` is what is aggregated, `#` the parameter. */
export const AGGREGATION_WORDS: Readonly<Record<AggregationOperator, string>> = {
  sum: "the sum of %",
  avg: "the mean of %",
  min: "the lowest of %",
  max: "the highest of %",
  count: "how many series there are of %",
  group: "1 where there is any of %",
  stddev: "the standard deviation among %",
  stdvar: "the variance among %",
  quantile: "the quantile # among %",
  topk: "the # highest of %",
  bottomk: "the # lowest of %",
  count_values: "how many series have each value (as label #) of %",
  limitk: "any # series of %",
  limit_ratio: "a share of # of the series of %",
};

/** `%` is the left side, `#` the right one. */
export const OPERATOR_WORDS: Readonly<Record<string, string>> = {
  "+": "% plus #",
  "-": "% minus #",
  "*": "% times #",
  "/": "% divided by #",
  "%": "the remainder of % divided by #",
  "^": "% to the power of #",
  atan2: "the angle of % and #",
  "</": "the part of the histogram % below #",
  ">/": "the part of the histogram % above #",
  and: "%, where there is also #",
  or: "%, and where it has none, #",
  unless: "%, where there is no #",
};

export const COMPARISON_WORDS: Readonly<Record<string, string>> = {
  "==": "equal to",
  "!=": "not equal to",
  ">": "above",
  "<": "below",
  ">=": "at least",
  "<=": "at most",
};

/** `5m`, or the arithmetic as it was written. */
export function rangeText({ rangeMs, rangeExpr }: MatrixSelector | Subquery): string {
  return formatDuration(rangeMs, rangeExpr);
}

export function durationText(ms: number): string {
  return formatDurationMs(Math.abs(ms));
}
