import { type Random, seededRandom } from "@hms-ops/model";

/** `instant` at the end; `hour` 1 h at 15 s; `six-hours` the whole stream at 60 s. */
export type QueryShape = "instant" | "hour" | "six-hours";

export interface BenchQuery {
  readonly name: string;
  readonly expr: string;
  readonly shape: QueryShape;
  /**
   * How VictoriaMetrics is expected to answer: it neither extrapolates rates nor keeps to the
   * window's left border, so that some answers may differ by design.
   */
  readonly victoria: "alike" | "near" | "other";
}

type Row = readonly [name: string, expr: string, victoria: BenchQuery["victoria"]];

/** Label values of the rows that pick some series come from the seed. */
function rows(random: Random, instances: number) {
  const instance = () => {
    const n = random.below(instances);
    return `10.0.${n >> 8}.${n & 255}:9100`;
  };
  const rate = "rate(http_requests_total[5m])";
  const errors = 'rate(http_requests_total{code=~"5.."}[5m])';
  const buckets = "rate(http_request_duration_seconds_bucket[5m])";
  const idle = 'rate(node_cpu_seconds_total{mode="idle"}[5m])';
  const busy = 'rate(node_cpu_seconds_total{mode!="idle"}[5m])';
  const all = {
    upOne: () => ["up of one", `up{instance="${instance()}"}`, "alike"],
    upAll: () => ["up of all", "up", "alike"],
    one: () => [
      "rates of one instance",
      `rate(http_requests_total{instance="${instance()}"}[5m])`,
      "near",
    ],
    sumRate: () => ["sum of rates", `sum(${rate})`, "near"],
    sumByRate: () => ["sum by (job, code) of rates", `sum by (job, code) (${rate})`, "near"],
    quantileByJob: () => [
      "histogram_quantile by job",
      `histogram_quantile(0.5, sum by (le, job) (${buckets}))`,
      "near",
    ],
    quantileByInstance: () => [
      "histogram_quantile by instance",
      `histogram_quantile(0.5, sum by (le, instance) (${buckets}))`,
      "near",
    ],
    top: () => ["topk of rates", `topk(10, sum by (instance) (${busy}))`, "other"],
    cpuBusy: () => ["1 - avg by (instance) of rates", `1 - avg by (instance) (${idle})`, "near"],
    averages: () => ["avg_over_time[1h]", "avg_over_time(temperature_celsius[1h])", "alike"],
    maxima: () => [
      "max by (job) of max_over_time[30m]",
      "max by (job) (max_over_time(queue_depth[30m]))",
      "alike",
    ],
    quantiles: () => [
      "quantile_over_time[1h], 400 series",
      "quantile_over_time(0.9, service_latency_seconds[1h])",
      "near",
    ],
    regex: () => [
      "regexes on three labels",
      `sum by (method) (http_requests_total{handler=~"/api/.*",code!~"2..",instance=~"10\\\\.0\\\\.0\\\\.[${1 + random.below(3)}-7].*"})`,
      "alike",
    ],
    join: () => [
      "group_left join",
      `sum by (version) (${rate} * on (instance) group_left (version) build_info)`,
      "near",
    ],
    errorRatio: () => [
      "ratio of two sums",
      `sum by (job) (${errors}) / sum by (job) (${rate})`,
      "near",
    ],
    predict: () => ["predict_linear[1h]", "predict_linear(disk_free_bytes[1h], 14400)", "other"],
    subquery: () => [
      "sub-query",
      "max_over_time(sum by (job) (rate(http_requests_total[1m]))[1807s:1m])",
      "other",
    ],
    names: () => [
      "count by name of all",
      'count by (__name__) ({__name__=~".+",region!=""})',
      "alike",
    ],
    countAll: () => ["count of all", 'count({__name__=~".+",region!=""})', "alike"],
  } satisfies Record<string, () => Row>;
  return all;
}

/** Thirty queries: ten instant ones, twelve over an hour, eight over all six. */
export function makeQueries(seed: number, instances: number): readonly BenchQuery[] {
  const q = rows(seededRandom(seed), instances);
  const shaped = (shape: QueryShape, list: readonly Row[]): readonly BenchQuery[] =>
    list.map(([name, expr, victoria]) => ({ name, expr, victoria, shape }));
  return [
    ...shaped("instant", [
      q.upOne(),
      q.upAll(),
      q.sumRate(),
      q.sumByRate(),
      q.quantileByJob(),
      q.top(),
      q.join(),
      q.regex(),
      q.names(),
      q.averages(),
    ] as readonly Row[]),
    ...shaped("hour", [
      q.upOne(),
      q.upAll(),
      q.sumByRate(),
      q.quantileByInstance(),
      q.cpuBusy(),
      q.averages(),
      q.quantiles(),
      q.join(),
      q.errorRatio(),
      q.regex(),
      q.predict(),
      q.subquery(),
    ] as readonly Row[]),
    ...shaped("six-hours", [
      q.one(),
      q.upAll(),
      q.sumByRate(),
      q.quantileByJob(),
      q.top(),
      q.maxima(),
      q.errorRatio(),
      q.countAll(),
    ] as readonly Row[]),
  ];
}
