import type { Random } from "@hms-ops/model";
import { MORE_MAKERS } from "./query-makers.ts";

/** What the generator may name: series of e2e/support/query-data.ts. */
const GAUGES = ["load", "temperature", "sparse"];
const COUNTERS = ["requests_total", "errors_total", "resetting_total"];
const LABELS = ["instance", "job", "zone"];
const RANGES = ["1m", "90s", "5m", "17m"];
const RANGE_FUNCTIONS = [
  "sum_over_time",
  "avg_over_time",
  "min_over_time",
  "max_over_time",
  "count_over_time",
  "last_over_time",
  "present_over_time",
  "stddev_over_time",
  "stdvar_over_time",
  "changes",
  "resets",
  "delta",
  "idelta",
  "deriv",
];
const COUNTER_FUNCTIONS = ["rate", "increase", "irate", "resets", "changes"];
const MATH = ["abs", "ceil", "floor", "exp", "sqrt", "ln", "log2", "log10", "sgn", "round", "atan"];
const AGGREGATIONS = ["sum", "avg", "min", "max", "count", "group"];
const COMPARISONS = ["==", "!=", ">", "<", ">=", "<="];
const ARITHMETIC = ["+", "-", "*", "/", "%", "^", "atan2"];
const PLAIN_ARITHMETIC = ARITHMETIC.filter((operator) => operator !== "atan2");
/** Where the last bit of an operand moves only the last bits of the result. */
const SMOOTH = ["+", "-", "*", "/"];
const DATES = ["minute", "hour", "day_of_week", "day_of_month", "day_of_year", "month", "year"];

type Make = (random: Random, depth: number) => string;

/**
 * A random expression that is well typed and means the same in Prometheus 2.42 (the peer) and 3
 * (our rule). Left out because the versions differ: `atan2` of vectors (2.42 keeps the name),
 * `stddev` and `stdvar` of what may not be finite (2.42 answers 0 for a lone NaN), `@` under
 * `predict_linear` (2.42 moves the window), unary minus where the name told series apart that never
 * meet (2.42 refuses, 3 merges), sub-queries whose window begins on a step (2.42 counts
 * that sample), means of values that cancel each other out (a comparison shows the last bit of their
 * sum). `count_values` is given whole numbers alone: its label shows every bit.
 */
export function generateQuery(random: Random): string {
  return random.below(12) === 0 ? scalar(random, 2) : vector(random, 3);
}

function vector(random: Random, depth: number): string {
  if (depth === 0) return selector(random);
  return random.below(3) === 0
    ? random.pick(MORE_MAKERS)(random, depth - 1, vector)
    : random.pick(MAKERS)(random, depth - 1);
}

const MAKERS: readonly Make[] = [
  (random) => selector(random),
  (random) => `${random.pick(COUNTER_FUNCTIONS)}(${rangeOf(random, COUNTERS)})`,
  (random) => `${random.pick(RANGE_FUNCTIONS)}(${rangeOf(random, [...GAUGES, ...COUNTERS])})`,
  (random) =>
    `quantile_over_time(${random.pick(["0", "0.3", "0.95", "1"])}, ${rangeOf(random, GAUGES)})`,
  (random) =>
    `predict_linear(${random.pick(GAUGES)}${matchers(random)}[${random.pick(RANGES)}], ${random.pick(["60", "3600"])})`,
  (random) => `absent_over_time(${rangeOf(random, ["sparse", "nothing"])})`,
  (random, depth) =>
    `${random.pick(["sum", "avg", "max"])}_over_time((${vector(random, depth)})[310s:1m])`,
  (random, depth) => `${random.pick(AGGREGATIONS)}${clause(random)}(${vector(random, depth)})`,
  (random, depth) =>
    `quantile${clause(random)}(${random.pick(["0.1", "0.5", "0.9"])}, ${vector(random, depth)})`,
  (random) =>
    `${random.pick(["topk", "bottomk"])}${clause(random)}(2, ${random.pick(GAUGES.slice(0, 2))})`,
  (random) => `count_values${clause(random)}("v", round(${selector(random)}))`,
  (random, depth) => `${random.pick(MATH)}(${vector(random, depth)})`,
  (random, depth) =>
    `clamp(${vector(random, depth)}, ${random.pick(["-1", "0"])}, ${random.pick(["1", "50"])})`,
  (random, depth) => `${random.pick(["clamp_min", "clamp_max"])}(${vector(random, depth)}, 10)`,
  (random, depth) => `${vector(random, depth)} ${random.pick(COMPARISONS)} ${scalar(random, 1)}`,
  (random, depth) =>
    `(${vector(random, depth)}) ${random.pick(COMPARISONS)} bool ${scalar(random, 1)}`,
  (random, depth) => `(${vector(random, depth)}) ${random.pick(SMOOTH)} ${scalar(random, 1)}`,
  (random, depth) => `${scalar(random, 1)} ${random.pick(SMOOTH)} (${vector(random, depth)})`,
  (random, depth) => `(${vector(random, depth)}) ^ ${random.pick(["0", "2", "-1", "NaN", "Inf"])}`,
  (random, depth) => `${random.pick(["0", "1", "-1", "2.5", "NaN"])} ^ (${vector(random, depth)})`,
  (random) =>
    `${random.pick(GAUGES)} ${random.pick([...PLAIN_ARITHMETIC, ...COMPARISONS])} ignoring (job) ${random.pick(GAUGES)}`,
  (random) =>
    `requests_total ${random.pick(["+", "-", "*", "/", "%"])} on (instance, job, zone) errors_total`,
  (random) => `load ${random.pick(["*", "+", ">"])} on (job) group_left (version) build_info`,
  (random) => `build_info * on (job) group_right () ${random.pick(GAUGES)}`,
  (random, depth) =>
    `(${vector(random, depth)}) ${random.pick(["and", "or", "unless"])} ${random.pick(["", "on (instance) ", "ignoring (zone) "])}(${vector(random, depth)})`,
  (random, depth) => `-((${vector(random, depth)}) * 1)`,
  (random) => `absent(${random.pick(["nothing", "load", 'load{zone="none"}', "sparse"])})`,
  (random, depth) => `vector(${scalar(random, depth)})`,
  (random) => `timestamp(${selector(random)})`,
  (random) => `${random.pick(DATES)}(${random.pick(["", "load * 86400"])})`,
  (random) => `label_replace(${selector(random)}, "host", "$1", "instance", "host-(.*)")`,
  (random) => `label_join(${selector(random)}, "all", "/", "job", "zone")`,
  (random) =>
    `histogram_quantile(${random.pick(["0.5", "0.9", "0.99"])}, rate(latency_bucket[${random.pick(RANGES)}]))`,
  (random) =>
    `histogram_quantile(0.9, sum by (le${random.pick(["", ", job"])}) (rate(latency_bucket[5m])))`,
  (random) => random.pick(CORNERS),
  (random) =>
    `${random.pick(["rate", "increase", "delta", "deriv", "changes", "resets", "min_over_time"])}(${random.pick(COUNTERS)}${matchers(random)}[${random.pick(["310s:1m", "610s:30s", "255s:20s"])}]${random.pick(["", " offset 90s", " offset -1m"])})`,
  (random) =>
    `${random.pick(["stddev", "stdvar"])}${clause(random)}(${random.pick(COUNTERS)}${matchers(random)})`,
  (random) => `histogram_quantile(${random.pick(["-1", "2", "NaN", "0", "1"])}, latency_bucket)`,
  (random) =>
    `${random.pick(GAUGES)} ${random.pick(COMPARISONS)} bool ignoring (job) ${random.pick(GAUGES)}`,
  (random) => `${random.pick(["sort", "sort_desc"])}(${random.pick(GAUGES)})`,
  (random) =>
    `${random.pick(["topk", "bottomk"])}${clause(random)}(${random.pick(["0", "1", "3.9", "-1", "minute() % 3", "scalar(count(load)) - 1"].map((k) => (k.startsWith("minute") ? `scalar(${k})` : k)))}, temperature)`,
];

/** Where names collide, matches are not unique, labels vanish, parameters are out of bounds. */
const CORNERS: readonly string[] = [
  '{__name__=~"load|temperature"}',
  'sum by (__name__) ({__name__=~"load|requests_total"})',
  'rate({__name__=~"requests_total|errors_total"}[5m])',
  '-{__name__=~"load|temperature"}',
  'sum(rate({__name__=~".+_total"}[5m]))',
  "load + on (job) temperature",
  "load * on (job) build_info",
  "load * on (job) group_right () build_info",
  "build_info * on (job) group_left () load",
  "nothing + on (job) load",
  "load + on (job) nothing",
  "load + on () vector(1)",
  "load * on () group_left () vector(2)",
  "load * on (job) group_left (nope) build_info",
  "load - ignoring (instance) temperature",
  'label_replace(load, "instance", "same", "", "")',
  'label_replace(sum by (job) (load), "job", "", "", "")',
  'label_replace(load, "__name__", "renamed", "", "")',
  'label_replace(load, "job", "x$9y", "instance", "(h)ost-(1).*|.*")',
  'label_join(load, "job", "-")',
  "load and on () vector(1)",
  "load unless on () vector(1)",
  "load and on (nope) temperature",
  "vector(1) or load",
  "sum(nothing) or vector(0)",
  "absent(sum(nothing))",
  'absent(nothing{a="b", c=~"d", e="", f="1", f!="2"})',
  'absent_over_time(nothing{a="b", a=~"b"}[5m])',
  "quantile(1.5, load)",
  "quantile(NaN, load)",
  "quantile_over_time(-1, load[5m])",
  "topk(NaN, load)",
  "clamp(load, 5, 1)",
  "round(load, 0.25)",
  "round(temperature, -3)",
  "load @ 1700000000",
  "timestamp(timestamp(load))",
  "timestamp((load))",
  "scalar(load)",
  "days_in_month()",
  "hour(vector(-1))",
  "load > bool 1 == bool 1",
  "2 ^ 3 ^ 2 - -1 ^ 2",
  "-2 ^ 2 * load",
  "sum without () (load)",
  "sum by (nope) (load)",
  'count_values without (instance) ("job", round(load) * 0)',
  'count_values("", load)',
  'label_replace(load, "", "x", "job", ".*")',
  'label_replace(load, "a", "$1", "job", "(")',
  "min(sparse) + max(sparse)",
  "sum_over_time(vector(1)[310s:1m])",
  "max_over_time(rate(requests_total[1m])[310s:30s] @ end())",
  "avg_over_time(load[310s:1m] @ start() offset -90s)",
  "deriv(load[1m]) * 0 + timestamp(load)",
  "predict_linear(requests_total[5m] offset 3m, 60)",
  "load[5m] + 1",
  "rate(load)",
  "1 == 2",
  "nope(load)",
  "sin(load) + cos(load) * tan(load)",
  "sinh(load) - cosh(load) / tanh(load)",
  "asin(load / 10) + acos(load / 10)",
  "asinh(load) + acosh(load) + atanh(load / 10)",
  "deg(temperature) + rad(temperature) * pi()",
];

function scalar(random: Random, depth: number): string {
  const plain = ["0", "1", "2.5", "-3", "100", "1e-3", "time()", "Inf", "NaN"];
  if (depth === 0 || random.below(3) > 0) return random.pick(plain);
  return random.pick([
    `scalar(${random.pick(['load{instance="host-1"}', "sum(load)", "load"])})`,
    combined(random, random.pick(plain), scalar(random, depth - 1)),
    `(${random.pick(plain)} ${random.pick(COMPARISONS)} bool ${scalar(random, depth - 1)})`,
    `-${random.pick(plain.slice(0, 3))}`,
  ]);
}

/** A remainder, a power or an angle shows the last bit of a sum, which the versions add up differently. */
function combined(random: Random, left: string, right: string): string {
  return `(${left} ${random.pick(right.includes("sum") ? SMOOTH : ARITHMETIC)} ${right})`;
}

function selector(random: Random): string {
  return random.pick([...GAUGES, ...COUNTERS]) + matchers(random) + shift(random);
}

function rangeOf(random: Random, names: readonly string[]): string {
  return `${random.pick(names)}${matchers(random)}[${random.pick(RANGES)}]${shift(random)}`;
}

function matchers(random: Random): string {
  return random.pick([
    "",
    "",
    '{instance="host-1"}',
    '{instance!="host-2"}',
    '{zone=~"a|b"}',
    '{zone!~"a.*"}',
    '{zone=""}',
    '{instance=~"host-[12]",job="ach"}',
  ]);
}

function shift(random: Random): string {
  return random.pick(["", "", "", " offset 3m", " offset -2m", " @ end()", " @ start() offset 1m"]);
}

function clause(random: Random): string {
  const label = random.pick(LABELS);
  return random.pick([" ", ` by (${label}) `, ` without (${label}) `, " by (job, zone) "]);
}
