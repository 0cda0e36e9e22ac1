import { type Labels, NO_LABELS } from "@hms-ops/model";
import { type Family, type LabelValues, type MetricKind, usableLabels } from "./family.ts";
import { type MetricOptions, Registry } from "./registry.ts";

/** What `new Counter` and its like fill, and every /metrics of the process serves by default. */
export const defaultRegistry = new Registry();

export interface MetricPlace {
  readonly registry?: Registry;
  /** On every series. */
  readonly labels?: LabelValues;
}

/** What the three kinds have in common. Recording never throws. */
class Metric {
  readonly #registry: Registry;
  readonly #family: Family | undefined;
  readonly #base: Labels;

  constructor(name: string, kind: MetricKind, options: MetricOptions, place: MetricPlace) {
    this.#registry = place.registry ?? defaultRegistry;
    this.#family = this.#registry.family(name, kind, options);
    this.#base = usableLabels(NO_LABELS, place.labels);
    // A counter is there before it counts: a rate needs the 0 that it rose from.
    if (this.#family && kind === "counter") this.#registry.touch(this.#family, this.#base);
  }

  protected record(value: number, labels: LabelValues | undefined): void {
    if (this.#family) {
      this.#registry.recordIn(this.#family, value, usableLabels(this.#base, labels));
    } else {
      this.#registry.countDropped("refused");
    }
  }
}

/**
 * A number that only rises. Starts at 0; the name by custom ends in `_total`.
 *
 * ```ts
 * const claims = new Counter("claims_total", "Claims taken in.");
 * claims.inc();
 * claims.inc(3, { state: "IA" });
 * ```
 */
export class Counter extends Metric {
  constructor(name: string, help?: string, place: MetricPlace = {}) {
    super(name, "counter", { help }, place);
  }

  inc(by = 1, labels?: LabelValues): void {
    this.record(by, labels);
  }
}

/** A number that goes up and down: `new Gauge("queue_depth").set(12)`. */
export class Gauge extends Metric {
  constructor(name: string, help?: string, place: MetricPlace = {}) {
    super(name, "gauge", { help }, place);
  }

  set(value: number, labels?: LabelValues): void {
    this.record(value, labels);
  }
}

export interface HistogramPlace extends MetricPlace {
  /** Rising upper bounds; absent = fine ones that fit anything from nanoseconds to years. */
  readonly buckets?: readonly number[];
}

/** How values are spread: `new Histogram("latency_ms").observe(41)`, then query `latency_ms_p95`. */
export class Histogram extends Metric {
  constructor(name: string, help?: string, place: HistogramPlace = {}) {
    super(name, "histogram", { help, buckets: place.buckets }, place);
  }

  observe(value: number, labels?: LabelValues): void {
    this.record(value, labels);
  }
}
