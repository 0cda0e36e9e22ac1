import { type Random, seededRandom } from "@hms-ops/model";

/**
 * What a service written with the Go client and its machine tell: a third counters, a third gauges,
 * a third histograms, with the help texts, the label names and the spellings of numbers that such
 * exporters have.
 */
type Kind = "requests" | "seconds" | "bytes" | "level" | "ratio" | "constant";

interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly kind: Kind;
  /** Of the series that are no histograms. */
  readonly share: number;
  readonly labels: (i: number) => string;
}

const BOUNDS = "0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 +Inf".split(" ");
const SERIES_PER_HISTOGRAM = BOUNDS.length + 2;
const HISTOGRAM_SHARE = 0.35;
const METHODS = ["GET", "POST", "PUT", "DELETE"];
const CODES = ["200", "201", "400", "404", "500"];
const CPU_MODES = ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"];
const HISTOGRAM = "http_request_duration_seconds";

const pick = (from: readonly string[], i: number) => from[i % from.length] ?? "";
const handler = (i: number) => `/api/v1/resource-${i}/{id}`;

const FAMILIES: readonly Family[] = [
  {
    name: "http_requests_total",
    type: "counter",
    help: "Requests answered, by handler, method and status code.",
    kind: "requests",
    share: 0.3,
    labels: (i) =>
      `code="${pick(CODES, i)}",handler="${handler(Math.floor(i / 20))}",method="${pick(METHODS, Math.floor(i / 5))}"`,
  },
  {
    name: "node_cpu_seconds_total",
    type: "counter",
    help: "Seconds the CPUs spent in each mode.",
    kind: "seconds",
    share: 0.15,
    labels: (i) => `cpu="${Math.floor(i / 8)}",mode="${pick(CPU_MODES, i)}"`,
  },
  {
    name: "node_network_receive_bytes_total",
    type: "counter",
    help: "Network device statistic receive_bytes.",
    kind: "bytes",
    share: 0.1,
    labels: (i) => `device="veth${i}"`,
  },
  {
    name: "container_memory_working_set_bytes",
    type: "gauge",
    help: "Current working set of the container in bytes.",
    kind: "level",
    share: 0.15,
    labels: (i) =>
      `container="app",namespace="agency-${i % 7}",pod="permits-${i.toString(16).padStart(6, "0")}-x7k2p"`,
  },
  {
    name: "queue_load_ratio",
    type: "gauge",
    help: "How full a queue is; 1 = full.",
    kind: "ratio",
    share: 0.1,
    labels: (i) => `queue="forms-${i}"`,
  },
  {
    name: "feature_enabled",
    type: "gauge",
    help: "Whether a feature is switched on.",
    kind: "constant",
    share: 0.2,
    labels: (i) => `feature="feature-${i}",stage="production"`,
  },
];

/** The families' names as they are stored. */
export const STORED_NAMES: readonly string[] = [
  ...FAMILIES.map(({ name }) => name),
  ...["_bucket", "_sum", "_count"].map((suffix) => HISTOGRAM + suffix),
];

export interface PagesRequest {
  readonly seed: number;
  /** Sample lines of one page. */
  readonly series: number;
  readonly pages: number;
}

/** One exporter's answers, one scrape after the other. */
export function exporterPages({ seed, series, pages }: PagesRequest): readonly string[] {
  const random = seededRandom(seed);
  const histograms = Math.floor((series * HISTOGRAM_SHARE) / SERIES_PER_HISTOGRAM);
  const plain = plainFamilies(series - histograms * SERIES_PER_HISTOGRAM, random);
  const timed = Array.from({ length: histograms }, (_, i) => new Histogram(i, random));
  return Array.from({ length: pages }, () => {
    const lines: string[] = [];
    for (const { family, series: members } of plain) {
      lines.push(...heading(family.name, family.help, family.type));
      for (const member of members) lines.push(member.next());
    }
    lines.push(...heading(HISTOGRAM, "Time to answer a request.", "histogram"));
    for (const histogram of timed) histogram.next(lines);
    return `${lines.join("\n")}\n`;
  });
}

function plainFamilies(count: number, random: Random) {
  let left = count;
  return FAMILIES.map((family, i) => {
    const isLast = i === FAMILIES.length - 1;
    const size = isLast ? left : Math.round(count * family.share);
    left -= size;
    const series = Array.from(
      { length: size },
      (_, at) => new PlainSeries(`${family.name}{${family.labels(at)}}`, family.kind, random),
    );
    return { family, series };
  });
}

function heading(name: string, help: string, type: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

/** A page's line, again and again with its next value. */
class PlainSeries {
  readonly #text: string;
  readonly #kind: Kind;
  readonly #random: Random;
  /** How busy it is: many series hardly move. */
  readonly #pace: number;
  #value: number;

  constructor(text: string, kind: Kind, random: Random) {
    this.#text = text;
    this.#kind = kind;
    this.#random = random;
    this.#pace = random.next() ** 3;
    this.#value = kind === "constant" ? random.below(2) : random.below(100_000);
  }

  next(): string {
    this.#value = this.#changed(this.#random.next());
    return `${this.#text} ${goText(this.#value)}`;
  }

  #changed(draw: number): number {
    switch (this.#kind) {
      case "requests":
        return this.#value + Math.floor(draw * 40 * this.#pace);
      case "seconds":
        return Math.round((this.#value + draw * this.#pace) * 100) / 100;
      case "bytes":
        return this.#value + Math.floor(draw * 100_000 * this.#pace);
      case "level":
        return Math.max(0, this.#value + Math.floor((draw - 0.5) * 64) * 4096) || 4_096 * 1_000;
      case "ratio":
        return draw < this.#pace ? draw : this.#value;
      case "constant":
        return this.#value;
    }
  }
}

class Histogram {
  readonly #random: Random;
  readonly #pace: number;
  readonly #labels: string;
  readonly #counts = new Array<number>(BOUNDS.length).fill(0);
  #sum = 0;

  constructor(at: number, random: Random) {
    this.#random = random;
    this.#pace = random.next() ** 2;
    this.#labels = `handler="${handler(at >> 2)}",method="${pick(METHODS, at)}"`;
  }

  next(lines: string[]): void {
    const requests = Math.floor(this.#random.next() * 20 * this.#pace);
    for (let i = 0; i < requests; i++) this.#observe(this.#random.next() ** 4 * 3);
    for (const [i, bound] of BOUNDS.entries()) {
      lines.push(`${HISTOGRAM}_bucket{${this.#labels},le="${bound}"} ${goText(this.#counts[i])}`);
    }
    lines.push(`${HISTOGRAM}_sum{${this.#labels}} ${goText(this.#sum)}`);
    lines.push(`${HISTOGRAM}_count{${this.#labels}} ${goText(this.#counts.at(-1))}`);
  }

  #observe(seconds: number): void {
    this.#sum += seconds;
    for (const [i, bound] of BOUNDS.entries()) {
      if (bound === "+Inf" || seconds <= Number(bound))
        this.#counts[i] = (this.#counts[i] ?? 0) + 1;
    }
  }
}

/** As Go's shortest `g` has it: an exponent of two digits below 1e-4 and from 1e6 up. */
export function goText(value = 0): string {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-4 && size < 1e6)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}
