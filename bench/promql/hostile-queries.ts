import { queryAddress } from "./asking.ts";

type Must = "error" | "answer" | "either";

/** One request that nobody should make. */
export interface HostileQuery {
  readonly name: string;
  /** Path and parameters. */
  readonly path: string;
  /** What must come: `error` where there can be no answer. */
  readonly must: Must;
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

/** `wide` has a series per value of `id` (user-…) and ten values of `shard`. */
export function hostileQueries(times: HostileTimes): readonly HostileQuery[] {
  const asking = new Asking(times);
  return [
    // First: it answers what is there now, and the wide series are so for five minutes only.
    ...listings(asking),
    ...regexes(asking),
    ...selections(asking),
    ...ranges(asking),
    ...joins(asking),
    ...syntax(asking),
    ...labels(asking),
    ...aggregations(asking),
  ];
}

class Asking {
  readonly #times: HostileTimes;

  constructor(times: HostileTimes) {
    this.#times = times;
  }

  instant(name: string, must: Must, expr: string): HostileQuery {
    const { atS } = this.#times;
    return this.#query(name, must, expr, { startS: atS, endS: atS, stepS: 0 });
  }

  /** An hour. */
  range(name: string, must: Must, expr: string, stepS: number): HostileQuery {
    const { atS } = this.#times;
    return this.#query(name, must, expr, { startS: atS - HOUR_S, endS: atS, stepS });
  }

  other(name: string, path: string): HostileQuery {
    return { name, must: "either", path };
  }

  #query(name: string, must: Must, expr: string, times: Parameters<typeof queryAddress>[2]) {
    const deadline = `&timeout=${this.#times.deadlineS}s`;
    return { name, must, path: queryAddress(HERE, expr, times) + deadline };
  }
}

function listings(ask: Asking): readonly HostileQuery[] {
  const everything = `match[]=${encodeURIComponent(ALL)}`;
  return [
    ask.other("federation of everything", `/federate?${everything}`),
    ask.other("series of everything", `/api/v1/series?${everything}`),
    ask.other("a million label values", "/api/v1/label/id/values"),
  ];
}

function regexes(ask: Asking): readonly HostileQuery[] {
  const choices = Array.from({ length: 3_000 }, (_, i) => `user-${i}-x`).join("|");
  const wide = (pattern: string) => `count(wide{id=~"${pattern}"})`;
  return [
    ask.instant("regex: nested stars", "either", wide("((.*)*.*)*-9+x")),
    ask.instant("regex: overlapping choices", "either", wide("((u|us|use|user|.)+)+-7z")),
    ask.instant("regex: tower of counts", "error", wide("((a{1000}){1000}){1000}")),
    ask.instant("regex: 1,000 optional characters", "either", wide("(.?){500}(.?){500}x")),
    ask.instant("regex: 3,000 choices", "answer", wide(choices)),
    ask.instant("regex: 3,000 choices and more", "answer", wide(`(${choices}).*`)),
    ask.instant("regex: groups, 3,000 deep", "error", wide(repeated(3_000, "(?:", "a", ")"))),
    ask.instant("regex: 70,000 classes", "error", wide("[a-z]{1000}".repeat(70))),
    ask.instant(
      "regex: negated over everything",
      "either",
      `count({__name__=~".+",id!~".*(1.*2|2.*1).*"})`,
    ),
  ];
}

function selections(ask: Asking): readonly HostileQuery[] {
  return [
    ask.instant("count of everything", "either", `count(${ALL})`),
    ask.instant("everything", "either", ALL),
    ask.instant("everything, an hour raw", "either", `${ALL}[1h]`),
    ask.range("everything at 15 s", "either", ALL, 15),
    ask.range("everything by id at 15 s", "either", `count by (id) (${ALL})`, 15),
    ask.range("a million quantiles at 15 s", "either", "quantile_over_time(0.5, wide[1h])", 15),
  ];
}

function tower(floors: number, range: string): string {
  return repeated(floors, "max_over_time(", `rate(${REQUESTS}[5m])`, `[${range}])`);
}

function ranges(ask: Asking): readonly HostileQuery[] {
  const path = "/api/v1/query_range?query=up";
  return [
    ask.instant("sub-query tower, three of an hour at 1 s", "either", tower(3, "1h:1s")),
    ask.instant("sub-query tower, forty floors", "either", tower(40, "5m:1m")),
    ask.instant("sub-query of a century at 1 ms", "error", "sum_over_time(vector(1)[100y:1ms])"),
    ask.range("sub-query of a day at 1 s", "either", "sum_over_time(vector(1)[1d:1s])", 1),
    ask.range("36,001 points", "error", "up", 0.1),
    ask.range("10,001 points of 2,400 series", "either", `rate(${REQUESTS}[5m])`, 0.36),
    ask.range("windows of a century", "either", `sum(rate(${REQUESTS}[100y]))`, 0.36),
    ask.range("absent for a century", "either", "absent_over_time(wide[100y])", 0.36),
    ask.instant("a window longer than time", "error", `rate(${REQUESTS}[99999999999999999999y])`),
    ask.range("an offset of ages", "either", "up offset 290y", 15),
    ask.instant("at the end of time", "either", "up @ 9e12"),
    ask.instant("at the end of numbers", "error", "up @ 1e308"),
    ask.other("a step of nothing", `${path}&start=0&end=1e9&step=1e-9`),
    ask.other("a step of ages", `${path}&start=-9e11&end=9e11&step=9e11`),
  ];
}

function joins(ask: Asking): readonly HostileQuery[] {
  const ten = "sum by (shard) (wide)";
  const copies = replaced("copy", "1", "", "");
  return [
    ask.instant("many to many", "error", "wide * on (shard) wide"),
    ask.instant("many to ten", "error", "wide * on (shard) group_left () wide"),
    ask.instant("a million to ten", "either", `count(wide * on (shard) group_left () ${ten})`),
    ask.instant("a million beside a million", "either", "count(wide + on (id) wide)"),
    ask.instant("a million and their copies", "either", `count(wide or ${copies})`),
    ask.instant("a million without themselves", "either", "count(wide unless on (id) wide)"),
    ask.instant("a million and their info", "either", 'info(wide, {__name__="wide"})'),
  ];
}

function syntax(ask: Asking): readonly HostileQuery[] {
  const operands = Array.from({ length: 4_000 }, () => "up").join(" + ");
  return [
    ask.instant("brackets, 20,000 deep", "error", repeated(20_000, "(", "up", ")")),
    ask.instant("sums, 2,000 deep", "error", repeated(2_000, "sum(", "up", ")")),
    ask.instant("minus signs, 20,000", "error", `${"-".repeat(20_000)}up`),
    ask.instant("4,000 operands", "error", operands),
    ask.instant("durations, 20,000 deep", "error", `up[${repeated(20_000, "(", "1", ")")}]`),
  ];
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

function labels(ask: Asking): readonly HostileQuery[] {
  const counted = (template: string, pattern: string) =>
    `count(${replaced("x", template, "id", pattern)})`;
  const references = Array.from({ length: 99 }, (_, i) => `$${i + 1}`).join("");
  const sources = ', "id"'.repeat(4_000);
  return [
    ask.instant("label_replace, eightfold, 4 times", "either", eightfold(4)),
    ask.instant("label_replace, eightfold, 14 times", "error", eightfold(14)),
    ask.instant("label_replace by a bomb", "either", counted("$1$2", "((.*)*)*-(.*)*z?")),
    ask.instant("label_replace, 99 groups", "either", counted(references, "(.?)".repeat(99))),
    ask.instant("label_replace, 4,000 copies", "error", counted("$1".repeat(4_000), "(.*)")),
    ask.instant("label_join of 4,000", "error", `label_join(wide, "x", "-"${sources})`),
    ask.instant("a million by label", "either", 'sort_by_label(wide, "shard", "id")'),
  ];
}

function aggregations(ask: Asking): readonly HostileQuery[] {
  const buckets = replaced("le", "$1", "id", ".*-(.*)");
  const junk = replaced("le", "$1", "id", "(.*)");
  return [
    ask.instant("a million distinct values", "either", 'count_values("value", wide)'),
    ask.instant("a million groups", "either", "count(sum by (id, shard) (wide))"),
    ask.instant("a million, negated forty times", "either", repeated(40, "-(", "wide", ")")),
    ask.instant("topk of a million", "either", "topk(1000000, wide)"),
    ask.instant("a quantile of a million NaN", "either", "quantile(NaN, wide - wide / 0)"),
    ask.instant("a million buckets", "either", `histogram_quantile(0.9, ${buckets})`),
    ask.instant("a million buckets of junk", "either", `histogram_quantile(0.9, ${junk})`),
  ];
}

/** The million series, each with a label made of another one. */
function replaced(label: string, template: string, source: string, pattern: string): string {
  return `label_replace(wide, "${label}", "${template}", "${source}", "${pattern}")`;
}

function repeated(times: number, open: string, inner: string, close: string): string {
  return open.repeat(times) + inner + close.repeat(times);
}
