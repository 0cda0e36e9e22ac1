import type { Labels } from "./labels.ts";
import type { NativeHistogram } from "./native-histogram.ts";

/** A store's number for a series; stays the same while the store is open. */
export type SeriesId = number;

/** What a resolver answers for label bytes that it has not seen. */
export const UNKNOWN_SERIES = 0xffff_ffff;

/** Ids from here on point into the batch's own `newSeries` (id − NEW_SERIES_BASE). */
export const NEW_SERIES_BASE = 0x8000_0000;

/**
 * Names one stream of raw label bytes: `remote-write`, `exposition`, a scrape target's id. Behind a
 * NUL stands what sets several streams of one sender apart.
 */
export type SourceId = string;

/** What a person is told of a source. */
export function senderOf(source: SourceId): string {
  return source.split("\u0000", 1)[0] ?? "";
}

export interface NewSeries {
  readonly labels: Labels;
  /** Raw label bytes under which the batch's source will name the series again. */
  readonly rawKey?: Uint8Array;
}

/**
 * Samples as columns; row i is (ids[i], timesMs[i], values[i], stale[i]). The store may keep none
 * of the arrays after `append` has settled.
 */
export interface SampleBatch {
  readonly source: SourceId;
  readonly count: number;
  readonly ids: Uint32Array;
  /** Whole milliseconds since the epoch. */
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** 1 = staleness marker; the value beside it means nothing. */
  readonly stale: Uint8Array;
  readonly newSeries: readonly NewSeries[];
  /** Beside the rows above. A float and a histogram at one time are two values: a conflict. */
  readonly histograms?: readonly HistogramSample[];
  readonly exemplars?: readonly Exemplar[];
  /** A batch that repeats an id that was acknowledged is acknowledged again and not stored. */
  readonly batchId?: string;
  /** Refuse the whole batch if one row must be refused (remote write 1.0). */
  readonly allOrNothing?: boolean;
}

export interface HistogramSample {
  readonly id: SeriesId;
  readonly timeMs: number;
  /** Valid: spans match counts, none negative. */
  readonly histogram: NativeHistogram;
}

/** One observation of a series with labels of its own, such as a trace id. */
export interface Exemplar {
  readonly id: SeriesId;
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
}

export type RejectionReason =
  | "duplicate" // same time, other value
  | "too-old" // before retention
  | "too-new" // too far in the future
  | "invalid-labels"
  | "series-limit"
  | "metric-limit"; // one metric has too many series

export interface Rejection {
  readonly reason: RejectionReason;
  readonly count: number;
  /** One example: which series, and why, in words for a person. */
  readonly example: string;
}

export interface AppendAck {
  /**
   * Rows and histograms stored, durably unless the store was told otherwise. Repeats of a stored
   * one count.
   */
  readonly accepted: number;
  /** Exemplars kept; those that are not are no failure. */
  readonly acceptedExemplars?: number;
  readonly rejections: readonly Rejection[];
}

/** Finds the series that a source's raw label bytes name; never makes one. */
export interface SeriesResolver {
  find(bytes: Uint8Array, start: number, end: number): SeriesId | typeof UNKNOWN_SERIES;
  /**
   * Where the raw key that begins at `start` ends, if it is the one that followed the last one found
   * when both were declared; −1 if it is not. Senders mostly repeat their order: the key need not
   * be measured first. Its series is `expected`.
   */
  expect?(bytes: Uint8Array, start: number, end: number): number;
  readonly expected?: SeriesId;
}

/** Grows; used by decoders and tests to fill a batch row by row. */
export class SampleBatchBuilder {
  #source: SourceId;
  #count = 0;
  #ids: Uint32Array<ArrayBuffer>;
  #timesMs: Float64Array<ArrayBuffer>;
  #values: Float64Array<ArrayBuffer>;
  #stale: Uint8Array<ArrayBuffer>;
  #newSeries: NewSeries[] = [];
  #histograms: HistogramSample[] = [];
  #exemplars: Exemplar[] = [];

  constructor(source: SourceId, capacity = 256) {
    this.#source = source;
    this.#ids = new Uint32Array(capacity);
    this.#timesMs = new Float64Array(capacity);
    this.#values = new Float64Array(capacity);
    this.#stale = new Uint8Array(capacity);
  }

  /** Rows for which there is room. */
  get capacity(): number {
    return this.#ids.length;
  }

  get count(): number {
    return this.#count;
  }

  /** Series of the rows so far, in a view that the next row may outdate. */
  get ids(): Uint32Array {
    return this.#ids.subarray(0, this.#count);
  }

  /** Declares a series that the resolver did not know; the result is its id in this batch. */
  declare(series: NewSeries): SeriesId {
    this.#newSeries.push(series);
    return NEW_SERIES_BASE + this.#newSeries.length - 1;
  }

  add(id: SeriesId, timeMs: number, value: number): void {
    const row = this.#row();
    this.#ids[row] = id;
    this.#timesMs[row] = timeMs;
    this.#values[row] = value;
    this.#stale[row] = 0;
  }

  addStale(id: SeriesId, timeMs: number): void {
    const row = this.#row();
    this.#ids[row] = id;
    this.#timesMs[row] = timeMs;
    this.#values[row] = Number.NaN;
    this.#stale[row] = 1;
  }

  addHistogram(sample: HistogramSample): void {
    this.#histograms.push(sample);
  }

  addExemplar(exemplar: Exemplar): void {
    this.#exemplars.push(exemplar);
  }

  /** The arrays are cut to size; the builder must not be used afterwards, unless it starts over. */
  build(options: Pick<SampleBatch, "batchId" | "allOrNothing"> = {}): SampleBatch {
    const count = this.#count;
    return {
      source: this.#source,
      count,
      ids: this.#ids.subarray(0, count),
      timesMs: this.#timesMs.subarray(0, count),
      values: this.#values.subarray(0, count),
      stale: this.#stale.subarray(0, count),
      newSeries: this.#newSeries,
      histograms: this.#histograms,
      exemplars: this.#exemplars,
      ...options,
    };
  }

  /** Begins another batch in the same arrays: what was built before is nothing any more. */
  startOver(source: SourceId): void {
    this.#source = source;
    this.#count = 0;
    this.#newSeries = [];
    this.#histograms = [];
    this.#exemplars = [];
  }

  #row(): number {
    if (this.#count === this.#ids.length) this.#grow();
    return this.#count++;
  }

  #grow(): void {
    const capacity = this.#ids.length * 2;
    const ids = new Uint32Array(capacity);
    ids.set(this.#ids);
    this.#ids = ids;
    const timesMs = new Float64Array(capacity);
    timesMs.set(this.#timesMs);
    this.#timesMs = timesMs;
    const values = new Float64Array(capacity);
    values.set(this.#values);
    this.#values = values;
    const stale = new Uint8Array(capacity);
    stale.set(this.#stale);
    this.#stale = stale;
  }
}

/** High and low word of the NaN with which Prometheus marks a series as gone. */
export const STALE_NAN_HIGH = 0x7ff0_0000;
export const STALE_NAN_LOW = 0x0000_0002;
