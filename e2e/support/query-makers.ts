import type { Random } from "@hms-ops/model";

type Inner = (random: Random, depth: number) => string;
type Make = (random: Random, depth: number, vector: Inner) => string;

const TRIGONOMETRY = ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"];
const HYPERBOLIC = ["asinh", "acosh", "atanh", "deg", "rad"];
const LABELS = ["instance", "job", "zone", "nope"];
const REGEXES = ["host-(.*)", "(.*)", "h(o)st-([0-9]+)", "", "(?i)HOST-.*", "a|b", "[^-]+-(\\\\d)"];
const REPLACEMENTS = ["$1", "x", "$" + "{1}-y", "$2$1", "$$", "", "$name"];

/** More of the grammar; `vector` makes an expression to put inside. */
export const MORE_MAKERS: readonly Make[] = [
  (random) => `${random.pick(TRIGONOMETRY)}(load / 20)`,
  (random) => `${random.pick(HYPERBOLIC)}(${random.pick(["load", "temperature", "wild"])} / 5)`,
  (random) => `label_replace(${place(random)}, ${replacement(random)})`,
  (random) => {
    const sources = Array.from({ length: random.below(4) }, () => quoted(random.pick(LABELS)));
    const target = quoted(random.pick(["all", "job", "zone", "__name__"]));
    return `label_join(${place(random)}, ${[target, '"-"', ...sources].join(", ")})`;
  },
  (random) => `${random.pick(["sum", "min", "max", "count"])}${clause(random)}(wild)`,
  (random) =>
    `${random.pick(["min", "max", "sum", "last"])}_over_time(wild[${random.pick(["4m", "310s:1m", "1010s:2m"])}])`,
  (random) =>
    `wild ${random.pick(["==", "!=", ">", "<", ">=", "<="])} ${random.pick(["0", "Inf", "-Inf", "NaN", "1"])}`,
  (random) =>
    `wild ${random.pick(["+", "-", "*", "/", "%", "^"])} ${random.pick(["0", "-1", "Inf", "2"])}`,
  (random) => `${random.pick(["abs", "ceil", "floor", "sgn", "exp", "ln", "sqrt"])}(wild)`,
  (random) => `clamp(wild, ${random.pick(["-1", "0", "-Inf"])}, ${random.pick(["1", "Inf"])})`,
  (random) => `quantile${clause(random)}(${random.pick(["0", "0.25", "1", "-1", "2"])}, wild)`,
  (random) => `${random.pick(["topk", "bottomk"])}(${random.pick(["1", "2", "100"])}, load)`,
  (random) => `histogram_quantile(${random.pick(["0", "0.5", "0.99", "1"])}, odd_bucket)`,
  (random) =>
    `histogram_quantile(0.5, sum${random.pick([" by (le)", " without (kind)", ""])} (odd_bucket))`,
  (random) => `count_values${clause(random)}("v", wild)`,
  (random) =>
    `${random.pick(["max", "min", "sum", "count", "avg", "last", "present"])}_over_time(${random.pick(["rate(requests_total[2m])", "load", "sum by (job) (load)"])}[${random.pick(["310s:1m", "250s:20s", "1010s:2m"])}]${random.pick(["", " offset 85s", " @ end()", " @ start() offset -35s", " offset -95s"])})`,
  (random) =>
    `max_over_time(avg_over_time(sum by (job) (rate(requests_total[2m]))[310s:1m])[610s:2m])`.replace(
      "max",
      random.pick(["max", "min"]),
    ),
  (random, depth, vector) =>
    `(${vector(random, depth)}) ${random.pick(["and", "or", "unless"])} ${random.pick(["", "on (job) ", "on () ", "ignoring (instance, zone) "])}(${vector(random, depth)}) ${random.pick(["and", "or", "unless"])} (${vector(random, depth)})`,
  (random) =>
    `sum by (job, instance) (requests_total) ${random.pick(["/", "-", ">", "<="])} on (job) group_left ${random.pick(["", "() "])}sum by (job) (errors_total)`,
  (random) =>
    `sum by (job) (errors_total) ${random.pick(["/", "*", ">", "== bool"])} ignoring (instance) group_right () sum by (job, instance) (requests_total)`,
  (random) => `load ${random.pick(["> bool", "== bool", "!= bool"])} on (instance) temperature`,
  (random) =>
    `${random.pick(["load", "requests_total"])} ${random.pick(["*", "+"])} on (job) group_left (${random.pick(["version", "version, nope", "job_name"])}) build_info`,
  (random) =>
    `absent(load{job=${quoted(random.pick(["ach", "none"]))}, zone${random.pick(["=", "!=", "=~"])}"b"})`,
  (random) =>
    `absent_over_time(load{job="none", zone="${random.pick(["a", ""])}"}[${random.pick(["1m", "5m"])}])`,
  (random) => `{__name__=~"load|temp.*", instance="host-${random.pick(["1", "2"])}"}`,
  (random) =>
    `count by (__name__) ({__name__=~"[er].+_total", zone${random.pick(["=", "!="])}"a"})`,
  (random) =>
    `scalar(${random.pick(["load", "max(load)", "nothing"])}) ${random.pick(["+", "*", "/"])} load`,
  (random) =>
    `vector(scalar(sum(load))) ${random.pick(["+", "=="])} on () group_left () load`.replace(
      "on () group_left ()",
      random.pick(["on ()", "ignoring (instance, job, zone)"]),
    ),
  (random) =>
    `${random.pick(["hour", "minute", "month", "year", "days_in_month", "day_of_year"])}(vector(time() ${random.pick(["-", "+"])} ${random.pick(["86400", "1e7", "3600 * 24 * 365"])}))`,
  (random) =>
    `predict_linear(${random.pick(["load", "temperature"])}[${random.pick(["5m", "17m"])}], ${random.pick(["0", "-600", "1e4"])})`,
  (random) =>
    `deriv(${random.pick(["load", "temperature", "requests_total"])}[${random.pick(["2m", "17m"])}] offset ${random.pick(["1m", "-1m"])})`,
  (random) =>
    `quantile_over_time(${random.pick(["0.1", "0.5", "scalar(sum(vector(0.9)))"])}, ${random.pick(["load", "wild", "sparse"])}[7m])`,
  (random) =>
    `- ${random.pick(["load", "sum(load)", "1", "(load > 5)"])} ${random.pick(["^ 2", "* 2", "- -1"])}`,
  (random) =>
    `timestamp(${random.pick(["load", "sparse offset 2m", "(load)", "sum(load)", "load > 5"])})`,
  (random) => `changes(wild[6m]) + resets(wild[6m])`.replace("+", random.pick(["+", "*"])),
  (random) =>
    `irate(resetting_total[${random.pick(["40s", "1m", "9m"])}]) ${random.pick([">", "<"])} 0.1`,
];

function place(random: Random): string {
  return random.pick([
    "load",
    "sum by (job, instance) (load)",
    "rate(requests_total[2m])",
    "sparse",
  ]);
}

function quoted(text: string): string {
  return `"${text}"`;
}

function replacement(random: Random): string {
  const target = random.pick(["host", "job", "zone", "instance"]);
  const source = random.pick(["instance", "job", "zone", "nope", "host"]);
  return [target, random.pick(REPLACEMENTS), source, random.pick(REGEXES)].map(quoted).join(", ");
}

function clause(random: Random): string {
  const label = random.pick(LABELS);
  return random.pick([
    "",
    ` by (${label})`,
    ` without (${label})`,
    " by (job, zone,)",
    " by ()",
    " without ()",
  ]);
}
