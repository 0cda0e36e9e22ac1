import { type Random, seededRandom } from "@hms-ops/model";
import type { DashboardQuery, QuerySpan } from "./dashboard-query.ts";

/** How many of each span are drawn. */
const DRAWN: readonly QuerySpan[] = [
  ...Array.from({ length: 5 }, (): QuerySpan => "instant"),
  ...Array.from({ length: 6 }, (): QuerySpan => "1h"),
  ...Array.from({ length: 4 }, (): QuerySpan => "6h"),
];

interface MetricShape {
  readonly name: string;
  readonly labels: readonly string[];
  /** Matchers that some series of every fleet meet. */
  readonly matchers: readonly string[];
}

const COUNTERS: readonly MetricShape[] = [
  {
    name: "http_requests_total",
    labels: ["code", "handler", "method"],
    matchers: ['code="200"', 'code!~"2.."', 'method=~"GET|PUT"', 'handler="/pages"'],
  },
  {
    name: "node_cpu_seconds_total",
    labels: ["cpu", "mode"],
    matchers: ['mode="user"', 'mode!="idle"', 'mode=~"user|system"', 'cpu="2"'],
  },
  { name: "network_transmit_bytes_total", labels: ["device"], matchers: ['device="eth1"'] },
  { name: "http_request_duration_seconds_count", labels: ["handler"], matchers: ['handler!=""'] },
];
const GAUGES: readonly MetricShape[] = [
  { name: "queue_depth", labels: ["queue"], matchers: ['queue=~"q[0-3]"', 'queue="q5"'] },
  { name: "temperature_celsius", labels: ["sensor"], matchers: ['sensor="0"', 'sensor!~"[12]"'] },
  { name: "disk_free_bytes", labels: ["device"], matchers: ['device="sd1"', 'device=~"sd[0-2]"'] },
  { name: "process_resident_memory_bytes", labels: [], matchers: ['env="production"'] },
  { name: "go_goroutines", labels: [], matchers: ['env!="staging"'] },
  { name: "service_latency_seconds", labels: ["quantile"], matchers: ['quantile=~"0.9.*"'] },
];
/** The smallest fleet has ten instances: each of these has some. */
const PLACES = [
  'job="service-0"',
  'job=~"service-[12]"',
  'region="region-1"',
  'instance="10.0.0.5:9100"',
  'instance=~"10.0.0.[0-4]:9100"',
  'env="production"',
];
const GROUPS = ["job", "instance", "region", "env"];
const WINDOWS = ["1m", "2m", "5m", "10m", "30m", "1h"];
const FOLDS = ["sum", "avg", "max", "min", "count", "stddev"];
const OVER_TIME = ["avg", "max", "min", "sum", "count", "last", "stddev"];
const QUANTILES = ["0.5", "0.9", "0.95", "0.99"];

/** Draws the parts of one query. */
class Drawer {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  expression(): string {
    const kinds = [
      () => this.#folded(this.#rate()),
      () => this.#folded(this.#rate()),
      () => this.#folded(this.#selector(this.#pick(GAUGES))),
      () => this.#folded(this.#overTime()),
      () => this.#quantileOfBuckets(),
      () => this.#ratio(),
      () => `${this.#pick(["topk", "bottomk"])}(${1 + this.#random.below(9)}, ${this.#rate()})`,
      () => this.#overTime(),
      () => `quantile_over_time(${this.#pick(QUANTILES)}, ${this.#window(this.#pick(GAUGES))})`,
      () => `deriv(${this.#window(this.#pick(GAUGES), ["30m", "1h"])})`,
    ];
    return this.#pick(kinds)();
  }

  #pick<T>(items: readonly T[]): T {
    return this.#random.pick(items);
  }

  #rate(): string {
    const name = this.#pick(["rate", "rate", "increase", "irate"]);
    return `${name}(${this.#window(this.#pick(COUNTERS))})`;
  }

  #overTime(): string {
    return `${this.#pick(OVER_TIME)}_over_time(${this.#window(this.#pick(GAUGES))})`;
  }

  #window(metric: MetricShape, windows = WINDOWS): string {
    return `${this.#selector(metric)}[${this.#pick(windows)}]`;
  }

  #selector(metric: MetricShape): string {
    const matchers = [
      ...(this.#random.below(2) === 0 ? [this.#pick(metric.matchers)] : []),
      ...(this.#random.below(2) === 0 ? [this.#pick(PLACES)] : []),
    ];
    return matchers.length === 0 ? metric.name : `${metric.name}{${matchers.join(",")}}`;
  }

  #folded(inner: string): string {
    const metric = [...COUNTERS, ...GAUGES].find(({ name }) => inner.includes(name));
    const labels = [...GROUPS, ...(metric?.labels ?? [])];
    const some = labels.filter(() => this.#random.below(labels.length) < 2);
    const fold = this.#pick(FOLDS);
    if (some.length === 0) return `${fold}(${inner})`;
    const word = this.#random.below(4) === 0 ? "without" : "by";
    return `${fold} ${word} (${some.join(", ")}) (${inner})`;
  }

  #quantileOfBuckets(): string {
    const matchers = this.#random.below(2) === 0 ? `{${this.#pick(PLACES)}}` : "";
    const window = this.#pick(WINDOWS);
    const group = this.#pick([...GROUPS, "handler"]);
    const buckets = `rate(http_request_duration_seconds_bucket${matchers}[${window}])`;
    return `histogram_quantile(${this.#pick(QUANTILES)}, sum by (${group}, le) (${buckets}))`;
  }

  #ratio(): string {
    const metric = this.#pick(COUNTERS);
    const window = this.#pick(WINDOWS);
    const group = this.#pick(GROUPS);
    const part = `${metric.name}{${this.#pick(metric.matchers)}}[${window}]`;
    return `sum by (${group}) (rate(${part})) / sum by (${group}) (rate(${metric.name}[${window}]))`;
  }
}

/** Fifteen queries that nobody has tuned for: 5 at an instant, 6 over 1 h, 4 over 6 h. */
export function drawQueries(seed: number): readonly DashboardQuery[] {
  const drawer = new Drawer(seededRandom(seed));
  const drawn = new Set<string>();
  return DRAWN.map((span) => {
    let expr = drawer.expression();
    while (drawn.has(expr)) expr = drawer.expression();
    drawn.add(expr);
    return {
      name: expr,
      expr,
      span,
      breadth: expr.includes("instance=") ? "one" : "fleet",
      isDrawn: true,
      mayBeEmpty: false,
    };
  });
}
