import {
  type DeleteRequest,
  formatLabels,
  type Labels,
  labelsOf,
  matcher,
  type NativeHistogram,
  NO_BUCKETS,
  type Random,
  type SampleBatch,
} from "@hms-ops/model";
import { BatchWriter } from "@hms-ops/model/testing";
import type { Tsdb } from "@hms-ops/stores/tsdb";
import type { LedgerRow, Value } from "./ledger.ts";

export const DAY_MS = 86_400_000;
export const START_MS = 1_700_000_000_000;

export interface PlannedBatch {
  readonly number: number;
  readonly id: string | undefined;
  readonly rows: readonly (LedgerRow & { readonly labels: Labels })[];
}

export interface PlannedDeletion {
  readonly request: DeleteRequest;
  isCovered(series: string, timeMs: number): boolean;
}

interface Habit {
  readonly labels: Labels;
  readonly text: string;
  readonly value: (random: Random) => Value;
  nextMs: number;
}

const VALUES: readonly ((random: Random) => Value)[] = [
  (random) => random.below(3),
  (random) => random.next(),
  (random) => random.below(100_000) / 1_000,
  (random) => random.pick([0, -0, Number.NaN, Number.POSITIVE_INFINITY, -1.5, "stale"]),
  histogramOf,
  (random) => (random.below(2) ? histogramOf(random) : random.below(9)),
];

function histogramOf(random: Random): NativeHistogram {
  const counts = Float64Array.from({ length: 3 }, () => random.below(50));
  return {
    isInteger: true,
    resetHint: random.pick(["unknown", "gauge"]),
    schema: random.below(4),
    zeroThreshold: 0.001,
    zeroCount: random.below(4),
    count: 200,
    sum: random.next() * 100,
    positive: { spans: [{ offset: random.below(9), length: 3 }], counts },
    negative: NO_BUCKETS,
    customBounds: new Float64Array(0),
  };
}

/** Makes up what senders and people do to a store. */
export class Workload {
  readonly #random: Random;
  readonly #now: () => number;
  readonly #habits: Habit[] = [];
  readonly #sent: PlannedBatch[] = [];
  #batches = 0;

  constructor(random: Random, now: () => number) {
    this.#random = random;
    this.#now = now;
    for (let i = 0; i < 8; i++) this.#addHabit();
  }

  /** Has one row of its own, in the series `sent`, which no deletion covers. */
  batch(): PlannedBatch {
    const random = this.#random;
    if (this.#sent.length > 0 && random.below(12) === 0)
      return this.#again(random.pick(this.#sent));
    if (random.below(15) === 0) this.#addHabit();
    const number = ++this.#batches;
    const rows = [sentRow(number, this.#now())];
    for (let parts = random.below(4); parts > 0; parts--) {
      const habit = random.pick(this.#habits);
      for (let count = 1 + random.below(random.pick([1, 4, 60])); count > 0; count--) {
        rows.push(rowOf(habit.labels, this.#timeOf(habit), habit.value(random)));
      }
    }
    const id = random.below(3) === 0 ? `batch-${number}` : undefined;
    const planned = { number, id, rows };
    this.#sent.push(planned);
    return planned;
  }

  /** With an id it is the same batch; without one another batch that brings the same. */
  #again(batch: PlannedBatch): PlannedBatch {
    if (batch.id !== undefined) return batch;
    const number = ++this.#batches;
    return { ...batch, number, rows: [sentRow(number, this.#now()), ...batch.rows.slice(1)] };
  }

  deletion(): PlannedDeletion {
    const random = this.#random;
    const { text, nextMs } = random.pick(this.#habits);
    const metric = text.startsWith("a") ? "a" : "b";
    const fromMs = nextMs - random.pick([60_000, 3_600_000, 3 * DAY_MS]);
    const toMs = fromMs + random.pick([0, 200_000, 7_200_000, 9 * DAY_MS]);
    const sets = [[matcher("__name__", "=", metric)]];
    return {
      request: { matcherSets: sets, range: { fromMs, toMs } },
      isCovered: (series, timeMs) =>
        series.startsWith(`${metric}{`) && timeMs >= fromMs && timeMs <= toMs,
    };
  }

  #addHabit(): void {
    const random = this.#random;
    const i = String(this.#habits.length);
    const labels = labelsOf({ __name__: random.pick(["a", "b"]), i });
    const value = random.pick(VALUES);
    const nextMs = START_MS - random.pick([0, 0, 0, DAY_MS, 40 * DAY_MS]);
    this.#habits.push({ labels, text: formatLabels(labels), value, nextMs });
  }

  #timeOf(habit: Habit): number {
    const random = this.#random;
    // A sender that was away for long goes on with what is new.
    if (random.below(40) === 0) habit.nextMs = Math.max(habit.nextMs, this.#now());
    switch (random.below(15)) {
      // Mostly a time that has a value already: the first to arrive counts.
      case 3:
        return habit.nextMs - 15_000 * random.below(60);
      case 0:
        return habit.nextMs - random.below(2_000_000);
      case 1:
        return habit.nextMs - random.below(3 * DAY_MS);
      case 2:
        habit.nextMs += random.below(DAY_MS / 4);
        return habit.nextMs;
      default:
        habit.nextMs += 15_000;
        return habit.nextMs;
    }
  }
}

export function buildBatch(store: Pick<Tsdb, "resolver">, planned: PlannedBatch): SampleBatch {
  const { builder, ...writer } = withSeries(new BatchWriter(store, "sim"));
  for (const { labels, timeMs, value } of planned.rows) {
    const id = writer.idOf(labels);
    if (typeof value === "object") builder.addHistogram({ id, timeMs, histogram: value });
    else if (value === "stale") builder.addStale(id, timeMs);
    else builder.add(id, timeMs, value);
  }
  return builder.build(planned.id === undefined ? {} : { batchId: planned.id });
}

/** The order in which a store takes a batch's rows: floats first. */
export function inStoreOrder(rows: readonly LedgerRow[]): readonly LedgerRow[] {
  const isHistogram = ({ value }: LedgerRow) => typeof value === "object";
  return [...rows.filter((row) => !isHistogram(row)), ...rows.filter(isHistogram)];
}

function withSeries(writer: BatchWriter) {
  const ids = new Map<string, number>();
  const idOf = (labels: Labels) => {
    const text = formatLabels(labels);
    const id = ids.get(text) ?? writer.series(labels);
    ids.set(text, id);
    return id;
  };
  return { builder: writer.builder, idOf };
}

function sentRow(number: number, nowMs: number) {
  const labels = labelsOf({ __name__: "sent", part: String(number % 3) });
  return rowOf(labels, nowMs + number, number);
}

function rowOf(labels: Labels, timeMs: number, value: Value) {
  return { series: formatLabels(labels), labels, timeMs, value };
}
