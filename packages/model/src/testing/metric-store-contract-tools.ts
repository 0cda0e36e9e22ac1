import { formatLabels, type Labels, labelsOf } from "../labels.ts";
import { type Matcher, matcher } from "../matchers.ts";
import { type MetricStore, type QueryBudget, UNLIMITED_BUDGET } from "../metric-store.ts";
import { type AppendAck, SampleBatchBuilder } from "../sample-batch.ts";
import type { TimeRange } from "../time.ts";

/** Parts of the contract that an engine may be unable to keep. */
export type MetricStoreAbility =
  | "idempotent-batches"
  | "raw-keys"
  | "all-or-nothing"
  | "histograms"
  | "deletes"
  | "exemplars"
  | "nan-payloads";

export type StatedLacks = Partial<Readonly<Record<MetricStoreAbility, string>>>;

/** Opens an empty store that keeps every time, from the far past to the far future. */
export type OpenMetricStore = () => Promise<MetricStore>;

/** A sample as tests write it: time, then value; "stale" is the marker. */
export type Row = readonly [timeMs: number, value: number | "stale"];

export const ALL_TIME: TimeRange = {
  fromMs: Number.MIN_SAFE_INTEGER,
  toMs: Number.MAX_SAFE_INTEGER,
};

export const ANY_SERIES: readonly Matcher[] = [];

const encoder = new TextEncoder();

export function rawKeyOf(labels: Labels): Uint8Array {
  return encoder.encode(JSON.stringify(labels));
}

/** Fills a batch as a decoder does: known series by their raw bytes, others declared. */
export class BatchWriter {
  readonly #store: Pick<MetricStore, "resolver">;
  readonly #source: string;
  readonly builder: SampleBatchBuilder;

  constructor(store: Pick<MetricStore, "resolver">, source = "test") {
    this.#store = store;
    this.#source = source;
    this.builder = new SampleBatchBuilder(source);
  }

  series(labels: Labels): number {
    const rawKey = rawKeyOf(labels);
    const id = this.#store.resolver(this.#source).find(rawKey, 0, rawKey.length);
    return id === 0xffff_ffff ? this.builder.declare({ labels, rawKey }) : id;
  }

  add(labels: Labels, rows: readonly Row[]): this {
    const id = this.series(labels);
    for (const [timeMs, value] of rows) {
      if (value === "stale") this.builder.addStale(id, timeMs);
      else this.builder.add(id, timeMs, value);
    }
    return this;
  }
}

/** `up{job="a"}` as a record: `{ __name__: "up", job: "a" }`. */
export type SeriesRecord = Readonly<Record<string, string>>;

export function appendRows(
  store: MetricStore,
  series: SeriesRecord,
  rows: readonly Row[],
): Promise<AppendAck> {
  return store.append(new BatchWriter(store).add(labelsOf(series), rows).builder.build());
}

/** Every series that matches, by its text, with its rows: what a query sees. */
export async function readRows(
  store: Pick<MetricStore, "snapshot">,
  matchers: readonly Matcher[] = ANY_SERIES,
  range: TimeRange = ALL_TIME,
  budget: QueryBudget = UNLIMITED_BUDGET,
): Promise<Record<string, Row[]>> {
  const snapshot = await store.snapshot({ matchers, range, budget });
  try {
    return await rowsOf(snapshot, range);
  } finally {
    snapshot.close();
  }
}

type Readable = Pick<Awaited<ReturnType<MetricStore["snapshot"]>>, "series" | "read">;

/** Series without a row in the range are left out: a store may list them or not. */
export async function rowsOf(
  snapshot: Readable,
  range: TimeRange = ALL_TIME,
): Promise<Record<string, Row[]>> {
  const found: Record<string, Row[]> = {};
  for await (const batch of snapshot.read(range)) {
    for (let k = 0; k < batch.count; k++) {
      const rows: Row[] = [];
      for (let i = batch.offsets[k] ?? 0; i < (batch.offsets[k + 1] ?? 0); i++) {
        rows.push([batch.timesMs[i] ?? 0, batch.stale[i] ? "stale" : (batch.values[i] ?? 0)]);
      }
      const labels = snapshot.series[batch.first + k] ?? [];
      if (rows.length > 0) found[formatLabels(labels)] = rows;
    }
  }
  return found;
}

export function named(name: string): readonly Matcher[] {
  return [matcher("__name__", "=", name)];
}
