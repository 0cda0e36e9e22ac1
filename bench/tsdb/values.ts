import type { Random } from "@hms-ops/model";

/** How a series goes on from one step to the next. */
type Kind =
  | "counter"
  | "bucket"
  | "sum"
  | "count"
  | "cpu"
  | "walk"
  | "tenths"
  | "disk"
  | "float"
  | "pages"
  | "up"
  | "constant";

/** One of the hundred series of an instance; `size` scales its steps. */
export interface SeriesShape {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly kind: Kind;
  readonly size: number;
}

const METHODS = ["GET", "POST", "PUT", "DELETE"];
const CODES = [
  { code: "200", size: 120 },
  { code: "404", size: 4 },
  { code: "500", size: 1 },
];
const HANDLERS = ["/api/orders", "/pages"];
const BOUNDS = "0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 +Inf".split(" ");
const CPU_MODES = [
  { mode: "idle", size: 12 },
  { mode: "user", size: 2 },
  { mode: "system", size: 0.4 },
  { mode: "iowait", size: 0.4 },
  { mode: "irq", size: 0.4 },
];

function shape(
  name: string,
  kind: Kind,
  size = 0,
  labels: Readonly<Record<string, string>> = {},
): SeriesShape {
  return { name, kind, size, labels };
}

function several(count: number, make: (n: string) => SeriesShape): readonly SeriesShape[] {
  return Array.from({ length: count }, (_, i) => make(String(i)));
}

/** What a service and its machine tell: the mixture is described in the reference, §32. */
export const INSTANCE_SHAPES: readonly SeriesShape[] = [
  ...METHODS.flatMap((method) =>
    CODES.flatMap(({ code, size }) =>
      HANDLERS.map((handler) =>
        shape("http_requests_total", "counter", size, { method, code, handler }),
      ),
    ),
  ),
  ...HANDLERS.flatMap((handler) => [
    ...BOUNDS.map((le, i) =>
      shape("http_request_duration_seconds_bucket", "bucket", i < 6 ? 20 : 4, { handler, le }),
    ),
    shape("http_request_duration_seconds_count", "count", 0, { handler }),
    shape("http_request_duration_seconds_sum", "sum", 0, { handler }),
  ]),
  ...several(4, (cpu) => shape("", "cpu", 0, { cpu })).flatMap(({ labels }) =>
    CPU_MODES.map(({ mode, size }) =>
      shape("node_cpu_seconds_total", "cpu", size, { ...labels, mode }),
    ),
  ),
  ...several(2, (n) =>
    shape("network_receive_bytes_total", "counter", 250_000, { device: `eth${n}` }),
  ),
  ...several(2, (n) =>
    shape("network_transmit_bytes_total", "counter", 90_000, { device: `eth${n}` }),
  ),
  ...several(8, (n) => shape("queue_depth", "walk", 5, { queue: `q${n}` })),
  shape("go_goroutines", "walk", 5),
  ...several(4, (sensor) => shape("temperature_celsius", "tenths", 5, { sensor })),
  ...several(4, (n) => shape("disk_free_bytes", "disk", 65_536, { device: `sd${n}` })),
  ...["0.5", "0.9", "0.99", "0.999"].map((quantile) =>
    shape("service_latency_seconds", "float", 1, { quantile }),
  ),
  shape("process_resident_memory_bytes", "pages", 4_096),
  shape("up", "up"),
  shape("build_info", "constant"),
];

export const SERIES_PER_INSTANCE = INSTANCE_SHAPES.length;

/** The latest value of each series of one instance. */
export class InstanceValues {
  readonly values = new Float64Array(SERIES_PER_INSTANCE);
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
    for (const [i, { kind }] of INSTANCE_SHAPES.entries()) {
      if (kind === "disk") this.values[i] = 4e11 + random.below(1e8) * 4_096;
      if (kind === "tenths") this.values[i] = 20 + random.below(200) / 10;
      if (kind === "walk") this.values[i] = random.below(100);
      if (kind === "pages") this.values[i] = (20_000 + random.below(50_000)) * 4_096;
    }
  }

  /** Hot: once for each hundred samples. */
  step(): void {
    const { values } = this;
    let below = 0;
    let observed = 0;
    for (let i = 0; i < SERIES_PER_INSTANCE; i++) {
      const row = INSTANCE_SHAPES[i];
      if (row === undefined) return;
      const before = values[i] ?? 0;
      if (row.kind === "bucket") {
        below += this.#random.below(row.size);
        values[i] = before + below;
        observed = below;
      } else if (row.kind === "count") {
        values[i] = before + observed;
        below = 0;
      } else if (row.kind === "sum") {
        values[i] = before + observed * (0.04 + 0.03 * this.#random.next());
      } else {
        values[i] = this.#next(row, before);
      }
    }
  }

  #next({ kind, size }: SeriesShape, before: number): number {
    const random = this.#random;
    switch (kind) {
      case "counter":
        return before + Math.floor(size * (0.5 + random.next()));
      case "cpu":
        return Math.round((before + size * (0.8 + 0.4 * random.next())) * 100) / 100;
      case "walk":
        return Math.max(0, before + random.below(2 * size + 1) - size);
      case "tenths":
        return Math.round(before * 10 + random.below(2 * size + 1) - size) / 10;
      case "disk":
        return random.below(5) === 0 ? before - random.below(size) * 4_096 : before;
      case "float":
        return size * random.next();
      case "pages":
        return Math.max(size, before + (random.below(201) - 100) * size);
      case "up":
        return random.below(500) === 0 ? 0 : 1;
      default:
        return 1;
    }
  }
}
