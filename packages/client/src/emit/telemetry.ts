import { MAX_SERIES } from "../limits.ts";
import { Counter, defaultRegistry, Gauge, Histogram } from "./metrics.ts";
import type { Registry } from "./registry.ts";

export interface TelemetryOptions {
  /** Stands on every series as the label `service`. */
  readonly service: string;
  readonly registry?: Registry;
}

/**
 * The metrics of one service. `requests_total` and `errors_total` are there at 0 at once.
 *
 * ```ts
 * const telemetry = new Telemetry({ service: "hms-ach" });
 * telemetry.counter("requests_total").inc();
 * telemetry.gauge("queue_depth").set(12);
 * ```
 */
export class Telemetry {
  readonly service: string;
  readonly registry: Registry;
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();

  constructor(options: TelemetryOptions) {
    this.service = options.service;
    this.registry = options.registry ?? defaultRegistry;
    this.counter("requests_total", "Requests taken in.");
    this.counter("errors_total", "Requests that failed.");
  }

  counter(name: string, help?: string): Counter {
    return kept(this.#counters, name, () => new Counter(name, help, this.#place()));
  }

  gauge(name: string, help?: string): Gauge {
    return kept(this.#gauges, name, () => new Gauge(name, help, this.#place()));
  }

  histogram(name: string, help?: string, buckets?: readonly number[]): Histogram {
    const place = buckets ? { ...this.#place(), buckets } : this.#place();
    return kept(this.#histograms, name, () => new Histogram(name, help, place));
  }

  #place() {
    return { registry: this.registry, labels: { service: this.service } };
  }
}

function kept<Kind>(known: Map<string, Kind>, name: string, make: () => Kind): Kind {
  const found = known.get(name);
  if (found) return found;
  const made = make();
  if (known.size < MAX_SERIES) known.set(name, made);
  return made;
}
