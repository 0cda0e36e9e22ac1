import { queryAddress } from "./asking.ts";

/** One request that nobody should make. */
export interface HostileQuery {
  readonly name: string;
  /** Path and parameters. */
  readonly path: string;
  /** What must come: `error` where there can be no answer. */
  readonly must: "error" | "answer" | "either";
}

export interface HostileTimes {
  /** A time at which the wide series and the fleet answer. */
  readonly atS: number;
  readonly deadlineS: number;
}

const ALL = '{__name__=~".+"}';
const REQUESTS = "http_requests_total";
const HOUR_S = 3_600;
const HERE = { address: "" };

function repeated(times: number, open: string, inner: string, close: string): string {
  return open.repeat(times) + inner + close.repeat(times);
}

/** Each multiplies the length of the label's value by eight. */
function eightfold(times: number): string {
  return repeated(
    times,
    "label_replace(",
    'up{instance="10.0.0.3:9100"}',
    ', "instance", "$1$1$1$1$1$1$1$1", "instance", "(.*)")',
  );
}

function tower(floors: number, range: string): string {
  return repeated(floors, "max_over_time(", `rate(${REQUESTS}[5m])`, `[${range}])`);
}

/** `wide` has a series per value of `id` (user-…) and ten values of `shard`. */
export function hostileQueries({ atS, deadlineS }: HostileTimes): readonly HostileQuery[] {
  const deadline = `&timeout=${deadlineS}s`;
  const instant = (name: string, must: HostileQuery["must"], expr: string): HostileQuery => ({
    name,
    must,
    path: queryAddress(HERE, expr, { startS: atS, endS: atS, stepS: 0 }) + deadline,
  });
  const range = (
    name: string,
    must: HostileQuery["must"],
    expr: string,
    stepS: number,
  ): HostileQuery => ({
    name,
    must,
    path: queryAddress(HERE, expr, { startS: atS - HOUR_S, endS: atS, stepS }) + deadline,
  });
  const other = (name: string, path: string): HostileQuery => ({ name, must: "either", path });
  const alternatives = Array.from({ length: 3_000 }, (_, i) => `user-${i}-x`).join("|");
  const operands = Array.from({ length: 4_000 }, () => "up").join(" + ");
  return [
    // First: it answers what is there now, and the wide series are so for five minutes only.
    other("federation of everything", `/federate?match[]=${encodeURIComponent(ALL)}`),
    other("series of everything", `/api/v1/series?match[]=${encodeURIComponent(ALL)}`),
    other("a million label values", "/api/v1/label/id/values"),
    instant("regex: nested stars", "either", 'count(wide{id=~"((.*)*.*)*-9+x"})'),
    instant("regex: overlapping choices", "either", 'count(wide{id=~"((u|us|use|user|.)+)+-7z"})'),
    instant("regex: tower of counts", "error", 'count(wide{id=~"((a{1000}){1000}){1000}"})'),
    instant("regex: 1,000 optional characters", "either", 'count(wide{id=~"(.?){500}(.?){500}x"})'),
    instant("regex: 3,000 choices", "either", `count(wide{id=~"${alternatives}"})`),
    instant(
      "regex: negated over everything",
      "either",
      `count({__name__=~".+",id!~".*(1.*2|2.*1).*"})`,
    ),
    instant("count of everything", "either", `count(${ALL})`),
    instant("everything", "either", ALL),
    instant("everything, an hour raw", "either", `${ALL}[1h]`),
    range("everything at 15 s", "either", ALL, 15),
    range("everything by id at 15 s", "either", `count by (id) (${ALL})`, 15),
    range("a million quantiles at 15 s", "either", "quantile_over_time(0.5, wide[1h])", 15),
    instant("sub-query tower, three of an hour at 1 s", "either", tower(3, "1h:1s")),
    instant("sub-query tower, forty floors", "either", tower(40, "5m:1m")),
    instant("sub-query of a century at 1 ms", "error", "sum_over_time(vector(1)[100y:1ms])"),
    range("sub-query of a day at 1 s, each step", "either", "sum_over_time(vector(1)[1d:1s])", 1),
    range("36,001 points", "error", "up", 0.1),
    range("10,001 points of 2,400 series", "either", `rate(${REQUESTS}[5m])`, 0.36),
    range("windows of a century", "either", `sum(rate(${REQUESTS}[100y]))`, 0.36),
    instant("many to many", "error", "wide * on (shard) wide"),
    instant("many to ten", "error", "wide * on (shard) group_left () wide"),
    instant("a million beside a million", "either", "count(wide + on (id) wide)"),
    instant(
      "a million and their copies",
      "either",
      'count(wide or label_replace(wide, "copy", "1", "", ""))',
    ),
    instant("brackets, 20,000 deep", "error", repeated(20_000, "(", "up", ")")),
    instant("sums, 2,000 deep", "error", repeated(2_000, "sum(", "up", ")")),
    instant("minus signs, 20,000", "either", `${"-".repeat(20_000)}up`),
    instant("4,000 operands", "either", operands),
    instant("label_replace, eightfold, 4 times", "either", eightfold(4)),
    instant("label_replace, eightfold, 14 times", "error", eightfold(14)),
    instant(
      "label_replace by a bomb",
      "either",
      'count(label_replace(wide, "x", "$1$2", "id", "((.*)*)*-(.*)*z?"))',
    ),
    instant("a million distinct values", "either", 'count_values("value", wide)'),
    instant("topk of a million", "either", "topk(1000000, wide)"),
    instant("a window longer than time", "error", `rate(${REQUESTS}[99999999999999999999y])`),
  ];
}
