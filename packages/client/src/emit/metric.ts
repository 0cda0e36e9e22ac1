import type { Clock } from "@hms-ops/model";
import type { LabelValues, MetricKind } from "./family.ts";
import type { Registry } from "./registry.ts";

/** Something that happened, on its way to whoever exposes it. */
export interface MetricEvent {
  readonly name: string;
  readonly kind: MetricKind;
  readonly value: number;
  readonly labels: LabelValues | undefined;
}

export interface EventSink {
  /** Returns at once and never throws. */
  push(event: MetricEvent): void;
}

/**
 * One-liners that need no object: `metric.increment("refund_pdf_total")`. Events are kept in the
 * process and, where nothing here serves /metrics, handed to the nearest agent or hub.
 */
export class MetricDoor {
  readonly #registry: Registry;
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #sink: EventSink;

  constructor(registry: Registry, clock: Pick<Clock, "monotonicMs">, sink: EventSink) {
    this.#registry = registry;
    this.#clock = clock;
    this.#sink = sink;
  }

  /**
   * Wraps a function so that each call is recorded in milliseconds, failing calls too. What it
   * returns or throws passes through; a promise is timed until it settles.
   *
   * ```ts
   * const pay = metric.timer("payment_latency_ms")(async (order: Order) => charge(order));
   * ```
   */
  timer(
    name: string,
    labels?: LabelValues,
  ): <This, Args extends unknown[], Result>(
    work: (this: This, ...args: Args) => Result,
  ) => (this: This, ...args: Args) => Result {
    const started = () => this.#clock.monotonicMs();
    const ended = (startMs: number) =>
      this.#record({ name, kind: "timer", value: this.#clock.monotonicMs() - startMs, labels });
    return (work) =>
      function timed(...args) {
        const startMs = started();
        let result: ReturnType<typeof work>;
        try {
          result = work.apply(this, args);
        } catch (error) {
          ended(startMs);
          throw error;
        }
        if (result instanceof Promise) return settled(result, () => ended(startMs));
        ended(startMs);
        return result;
      };
  }

  /** Adds to a counter. */
  increment(name: string, by = 1, labels?: LabelValues): void {
    this.#record({ name, kind: "counter", value: by, labels });
  }

  /**
   * Records one event: the last value as the gauge `name`, beside it `name_count`, `name_sum` and
   * the distribution `name_events`. A name in `_total` is a counter and is added to; one that is
   * a gauge or histogram already is set or observed.
   */
  push(name: string, value: number, labels?: LabelValues): void {
    const known = this.#registry.kindOf(name);
    const kind = known ?? (name.endsWith("_total") ? "counter" : "timer");
    this.#record({ name, kind, value, labels });
  }

  #record(event: MetricEvent): void {
    const { name, kind, value, labels } = event;
    if (this.#registry.record(name, kind, value, labels).ok) this.#sink.push(event);
  }
}

/** The same outcome, told apart; a derived promise, so that an unhandled rejection stays one. */
function settled<Result extends Promise<unknown>>(result: Result, end: () => void): Result {
  const derived = result.then(
    (value) => {
      end();
      return value;
    },
    (error: unknown) => {
      end();
      throw error;
    },
  );
  return derived as Result;
}
