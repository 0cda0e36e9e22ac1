import {
  type AppendAck,
  bug,
  NEW_SERIES_BASE,
  type SampleBatch,
  STALE_NAN_HIGH,
  STALE_NAN_LOW,
} from "@hms-ops/model";
import { type AcceptedTimes, type RefusalContext, Refusals } from "./cardinality/refusals.ts";
import type { ExemplarRing } from "./exemplars.ts";
import type { Head } from "./head/head.ts";
import { CONFLICTING, STORED } from "./head/verdict.ts";
import type { IndexWriter, LabelsRefusal } from "./index/index-writer.ts";
import type { RawKeys } from "./index/raw-keys.ts";
import type { JournalExemplar, StoredHistogram, StoredRows } from "./journal/records.ts";
import { HISTOGRAM_HIGH } from "./memory/columns.ts";
import { encodeHistogram } from "./memory/histogram-blob.ts";

const NAN_HIGH = 0x7ff8_0000;

export interface ApplierParts {
  readonly index: IndexWriter;
  readonly head: Head;
  readonly rawKeys: RawKeys;
  readonly exemplars: ExemplarRing;
  /** For what must be refused. */
  readonly refusals: RefusalContext;
}

/** Applies batches to index and head. What it stored of the last one stands in `rows`. */
export class BatchApplier {
  readonly #index: IndexWriter;
  readonly #head: Head;
  readonly #rawKeys: RawKeys;
  readonly #exemplars: ExemplarRing;
  readonly #refusals: RefusalContext;
  readonly rows = new AppliedRows();

  constructor({ index, head, rawKeys, exemplars, refusals }: ApplierParts) {
    this.#index = index;
    this.#head = head;
    this.#rawKeys = rawKeys;
    this.#exemplars = exemplars;
    this.#refusals = refusals;
  }

  /** Not visible before `Head.publish`. An all-or-nothing batch that is refused leaves no trace. */
  apply(batch: SampleBatch, times: AcceptedTimes): AppendAck {
    const mark = this.#head.begin();
    const declared = batch.newSeries.map(({ labels, rawKey }) => {
      const series = this.#index.intern(labels);
      if (rawKey && typeof series === "number")
        this.#rawKeys.remember(batch.source, rawKey, series);
      return series;
    });
    this.#head.state.ensure(this.#index.seriesCount);
    const refusals = new Refusals(batch, times, this.#refusals);
    const resolve = (id: number) => (id >= NEW_SERIES_BASE ? declared[id - NEW_SERIES_BASE] : id);
    const accepted =
      this.#applyRows(batch, declared, times, refusals) +
      this.#applyHistograms(batch, resolve, times, refusals);
    if (!batch.allOrNothing || refusals.isEmpty) {
      this.rows.accepted = accepted;
      const ack = { accepted, rejections: refusals.list() };
      if (!batch.exemplars?.length) return ack;
      return { ...ack, acceptedExemplars: this.#keepExemplars(batch, resolve) };
    }
    this.#head.rollback(mark);
    this.rows.reset(batch);
    this.rows.batchId = "";
    return { accepted: 0, rejections: refusals.list() };
  }

  /** Hot: nothing may be allocated per row. */
  #applyRows(
    batch: SampleBatch,
    declared: readonly (number | LabelsRefusal)[],
    times: AcceptedTimes,
    refusals: Refusals,
  ): number {
    const { count, ids, timesMs, values, stale } = batch;
    const words = new Uint32Array(values.buffer, values.byteOffset, 2 * count);
    const { seriesCount } = this.#index;
    const head = this.#head;
    const { rows } = this;
    rows.reset(batch);
    let accepted = 0;
    for (let i = 0; i < count; i++) {
      const id = ids[i]!;
      const series = id >= NEW_SERIES_BASE ? declared[id - NEW_SERIES_BASE] : id;
      if (series === undefined) bug(`a batch names series ${id}, which it does not declare`);
      if (typeof series !== "number") {
        refusals.add(series, i);
        continue;
      }
      if (!(series < seriesCount)) bug(`a batch names series ${series} of ${seriesCount}`);
      const timeMs = timesMs[i]!;
      if (!(timeMs >= times.fromMs)) {
        refusals.add("too-old", i);
        continue;
      }
      if (timeMs > times.toMs) {
        refusals.add("too-new", i);
        continue;
      }
      let low = words[2 * i]!;
      let high = words[2 * i + 1]!;
      if (stale[i] === 1) {
        low = STALE_NAN_LOW;
        high = STALE_NAN_HIGH;
      } else if (high === HISTOGRAM_HIGH || (high === STALE_NAN_HIGH && low === STALE_NAN_LOW)) {
        low = 0;
        high = NAN_HIGH;
      }
      const verdict = head.append(series, timeMs, low, high);
      if (verdict === CONFLICTING) {
        refusals.add("duplicate", i);
        continue;
      }
      accepted++;
      if (verdict === STORED) rows.add(series, timeMs, low, high);
    }
    return accepted;
  }

  #applyHistograms(
    { histograms = [] }: SampleBatch,
    resolve: (id: number) => number | LabelsRefusal | undefined,
    times: AcceptedTimes,
    refusals: Refusals,
  ): number {
    let accepted = 0;
    for (const { id, timeMs, histogram } of histograms) {
      const series = resolve(id);
      if (series === undefined) bug(`a batch names series ${id}, which it does not declare`);
      const reason =
        typeof series === "string"
          ? series
          : timeMs > times.toMs
            ? "too-new"
            : timeMs < times.fromMs
              ? "too-old"
              : undefined;
      if (reason !== undefined || typeof series === "string") {
        refusals.addAt(reason ?? "invalid-labels", id, timeMs);
        continue;
      }
      const blob = encodeHistogram(histogram);
      const verdict = this.#head.appendHistogram(series, timeMs, blob);
      if (verdict === CONFLICTING) {
        refusals.addAt("duplicate", id, timeMs);
        continue;
      }
      accepted++;
      if (verdict === STORED) this.rows.histograms.push({ id: series, timeMs, blob });
    }
    return accepted;
  }

  /** Exemplars of refused series are left out; that is no failure. */
  #keepExemplars(
    { exemplars = [] }: SampleBatch,
    resolve: (id: number) => number | LabelsRefusal | undefined,
  ): number {
    let accepted = 0;
    for (const { id, labels, timeMs, value } of exemplars) {
      const series = resolve(id);
      if (typeof series !== "number") continue;
      if (!this.#exemplars.add(series, { labels, timeMs, value })) continue;
      accepted++;
      this.rows.exemplars.push({ id: series, labels, timeMs, value });
    }
    return accepted;
  }
}

/** The rows of a batch that the WAL must keep. Re-used. */
class AppliedRows implements StoredRows {
  count = 0;
  batchId = "";
  accepted = 0;
  ids = new Uint32Array(0);
  timesMs = new Float64Array(0);
  valueWords = new Uint32Array(0);
  histograms: StoredHistogram[] = [];
  exemplars: JournalExemplar[] = [];

  reset(batch: SampleBatch): void {
    this.count = 0;
    this.accepted = 0;
    this.histograms = [];
    this.exemplars = [];
    this.batchId = batch.batchId ?? "";
    if (batch.count <= this.ids.length) return;
    this.ids = new Uint32Array(batch.count);
    this.timesMs = new Float64Array(batch.count);
    this.valueWords = new Uint32Array(2 * batch.count);
  }

  add(series: number, timeMs: number, low: number, high: number): void {
    const row = this.count++;
    this.ids[row] = series;
    this.timesMs[row] = timeMs;
    this.valueWords[2 * row] = low;
    this.valueWords[2 * row + 1] = high;
  }
}
