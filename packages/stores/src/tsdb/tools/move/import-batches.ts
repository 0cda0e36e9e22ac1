import {
  type AppendAck,
  type Labels,
  type NativeHistogram,
  type RejectionReason,
  type SampleBatch,
  SampleBatchBuilder,
  type SeriesId,
} from "@hms-ops/model";

/** Where what is imported goes: a store, or a hub. Rejects when it could not be delivered. */
export type ImportSink = (batch: SampleBatch) => Promise<AppendAck>;

export interface ImportReport {
  /** Stored, or there already with the same value. */
  readonly accepted: number;
  /** By reason, with one example each. */
  readonly rejections: ReadonlyMap<RejectionReason, { count: number; example: string }>;
  /** Lines, chunks or series that could not be read. */
  readonly skipped: number;
  /** The first of them, each with its place. */
  readonly problems: readonly string[];
}

export type ImportProgress = (report: ImportReport, place: string) => void;

export const IMPORT_SOURCE = "import";

/** Rows of one batch: enough to share a sync, small enough for one request. */
const ROWS_PER_BATCH = 20_000;
/** The same for histograms, which are larger. */
const HISTOGRAMS_PER_BATCH = 1_000;
const PROBLEMS_DESCRIBED_MAX = 20;

/** Collects rows of series into batches, hands them to the sink and counts what became of them. */
export class ImportBatches implements ImportReport {
  accepted = 0;
  skipped = 0;
  readonly rejections = new Map<RejectionReason, { count: number; example: string }>();
  readonly problems: string[] = [];
  readonly #sink: ImportSink;
  #builder = new SampleBatchBuilder(IMPORT_SOURCE, ROWS_PER_BATCH);
  #histograms = 0;
  #labels: Labels = [];
  #id: SeriesId | undefined;

  constructor(sink: ImportSink) {
    this.#sink = sink;
  }

  /** Of the rows that follow. */
  series(labels: Labels): void {
    this.#labels = labels;
    this.#id = undefined;
  }

  /** Rows of the series; those that `isLeftOut` names are not taken. */
  async floats(
    timesMs: ArrayLike<number>,
    values: ArrayLike<number>,
    stale: ArrayLike<number>,
    isLeftOut: (timeMs: number) => boolean,
  ): Promise<void> {
    for (let row = 0; row < timesMs.length; row++) {
      const timeMs = timesMs[row]!;
      if (isLeftOut(timeMs)) continue;
      if (stale[row] === 1) this.#builder.addStale(this.#series(), timeMs);
      else this.#builder.add(this.#series(), timeMs, values[row]!);
      if (this.#builder.count >= ROWS_PER_BATCH) await this.flush();
    }
  }

  /** Undefined is a staleness marker. */
  async histograms(
    timesMs: ArrayLike<number>,
    histograms: readonly (NativeHistogram | undefined)[],
    isLeftOut: (timeMs: number) => boolean,
  ): Promise<void> {
    for (let row = 0; row < timesMs.length; row++) {
      const timeMs = timesMs[row]!;
      if (isLeftOut(timeMs)) continue;
      const histogram = histograms[row];
      if (histogram === undefined) this.#builder.addStale(this.#series(), timeMs);
      else {
        this.#builder.addHistogram({ id: this.#series(), timeMs, histogram });
        this.#histograms++;
      }
      if (this.#histograms >= HISTOGRAMS_PER_BATCH) await this.flush();
    }
  }

  problem(text: string, count = 1): void {
    this.skipped += count;
    if (this.problems.length < PROBLEMS_DESCRIBED_MAX) this.problems.push(text);
  }

  async flush(): Promise<void> {
    const isEmpty = this.#builder.count === 0 && this.#histograms === 0;
    if (isEmpty) return;
    const batch = this.#builder.build();
    this.#builder = new SampleBatchBuilder(IMPORT_SOURCE, ROWS_PER_BATCH);
    this.#histograms = 0;
    this.#id = undefined;
    await this.deliver(batch);
  }

  /** A batch that was built elsewhere. */
  async deliver(batch: SampleBatch): Promise<void> {
    const ack = await this.#sink(batch);
    this.accepted += ack.accepted;
    for (const { reason, count, example } of ack.rejections) {
      const known = this.rejections.get(reason);
      if (known) known.count += count;
      else this.rejections.set(reason, { count, example });
    }
  }

  #series(): SeriesId {
    this.#id ??= this.#builder.declare({ labels: this.#labels });
    return this.#id;
  }
}
