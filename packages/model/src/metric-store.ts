import type { Labels } from "./labels.ts";
import type { Matcher } from "./matchers.ts";
import type { NativeHistogram } from "./native-histogram.ts";
import type { AppendAck, SampleBatch, SeriesResolver, SourceId } from "./sample-batch.ts";
import type { TimeRange } from "./time.ts";

/**
 * The port behind which every metric engine stands. One contract suite
 * (`@hms-ops/model/testing`) runs over all of them.
 */
export interface MetricStore {
  resolver(source: SourceId): SeriesResolver;

  /**
   * Settles when every accepted row is durable and visible: a snapshot taken later sees the batch
   * whole, one taken earlier sees none of it. Rejects with an OpsError only when nothing was stored.
   */
  append(batch: SampleBatch, signal?: AbortSignal): Promise<AppendAck>;

  /**
   * The series that match all matchers and may have samples in the range, fixed at this moment.
   * A store may answer more series or samples than asked for when `Snapshot.residual` says so.
   */
  snapshot(request: SnapshotRequest): Promise<Snapshot>;

  /** Sorted. Of the series that match any of the sets (none = all series) within the range. */
  labelNames(request: MetadataRequest): Promise<readonly string[]>;
  /** Sorted values of one label. */
  labelValues(name: string, request: MetadataRequest): Promise<readonly string[]>;
  /** Sorted by label set, none twice. */
  series(request: MetadataRequest): Promise<readonly Labels[]>;

  /**
   * Forgets the samples in the range of the series that match any of the sets (one at least). When
   * it settles, no new snapshot sees them, durably; samples written later are new.
   */
  delete(request: DeleteRequest): Promise<void>;

  /** Of the series that match any of the sets, rising in time within a series. */
  exemplars(request: MetadataRequest): Promise<readonly SeriesExemplars[]>;

  /** What the store holds now, for the status page and our own metrics. */
  stats(): Promise<MetricStoreStats>;

  close(): Promise<void>;
}

export interface SnapshotRequest {
  readonly matchers: readonly Matcher[];
  readonly range: TimeRange;
  readonly budget: QueryBudget;
}

export interface MetadataRequest {
  /** Sets of matchers, joined by "or"; empty = every series. */
  readonly matcherSets: readonly (readonly Matcher[])[];
  readonly range: TimeRange;
  readonly budget: QueryBudget;
  /** 0 or absent = no limit. The first `limit` in sorted order, and one more to tell "cut". */
  readonly limit?: number;
}

export interface DeleteRequest {
  readonly matcherSets: readonly (readonly Matcher[])[];
  readonly range: TimeRange;
}

export interface SeriesExemplars {
  readonly labels: Labels;
  readonly exemplars: readonly StoredExemplar[];
}

export interface StoredExemplar {
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
}

export interface Snapshot {
  /** In the store's order, which `read` keeps. No set twice. */
  readonly series: readonly Labels[];
  /** Where the store numbers label sets: how to tell series apart without making their labels. */
  readonly numbering?: SeriesNumbering;
  /** Set when the answer may hold more than was asked for: matchers to test again. */
  readonly residual?: readonly Matcher[];
  /**
   * Every series once, in order, in batches of at most SERIES_PER_BATCH. With `order`, which holds
   * indexes of `series`: those series, in that order, and `SeriesBatch.first` is a place in it.
   */
  read(range: TimeRange, order?: Uint32Array): AsyncIterable<SeriesBatch>;
  /**
   * The samples summed up in buckets, where the store keeps such sums for part of them. Undefined
   * (or no such method): it keeps none that would help, read the samples.
   */
  buckets?(request: BucketRequest): BucketRead | undefined;
  /**
   * The snapshot as plain data, for other threads that read the same store; good while it is open.
   * Absent where the store can be read in one thread only.
   */
  share?(): object;
  /** What the answer may lack, each in words for a person. Complete once all was read. */
  readonly warnings?: readonly string[];
  /** Lets the store forget what the snapshot held. Must be called; a second call does nothing. */
  close(): void;
}

/** Numbers that a store gives to label sets, for caches of what was worked out of their labels. */
export interface SeriesNumbering {
  /** By index of `Snapshot.series`; the same number is the same label set as long as the epoch is. */
  readonly numbers: Uint32Array;
  readonly epoch: object;
  /** As `series[index]`, which makes the labels of all. */
  labelsOf(index: number): Labels;
}

export const SERIES_PER_BATCH = 1_024;

/**
 * Samples of some series as columns, rising in time within a series, no time twice. The arrays
 * belong to the store and are re-used for the next batch: copy what must live longer.
 */
export interface SeriesBatch {
  /** Index of the batch's first series in `Snapshot.series`, or in the order that was asked for. */
  readonly first: number;
  readonly count: number;
  /** Row range of the batch's k-th series: offsets[k] … offsets[k + 1] − 1. Length count + 1. */
  readonly offsets: Uint32Array;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** 1 = staleness marker. Of a histogram's row 0. */
  readonly stale: Uint8Array;
  /** Absent where no row of the batch is a histogram. */
  readonly histograms?: HistogramRows;
}

/** Samples of (startMs, endMs]. */
export interface BucketRequest {
  readonly startMs: number;
  readonly endMs: number;
  /** Both ends, and all borders that the caller needs, are multiples of it. */
  readonly alignMs: number;
}

export interface BucketRead {
  /** A bucket holds the samples of (end − width, end]; its end is a multiple of the width. */
  readonly widthMs: number;
  /** Every series of the snapshot once, in order, in batches of at most SERIES_PER_BATCH. */
  read(): AsyncIterable<BucketBatch>;
}

/**
 * Buckets of some series as columns, rising in time within a series, none empty; staleness markers
 * are no samples. The arrays belong to the store and are re-used for the next batch.
 */
export interface BucketBatch {
  /** False: a series has what buckets cannot tell (histograms, sums that may overflow). Read samples. */
  readonly isWhole: boolean;
  readonly first: number;
  readonly count: number;
  /** As those of a SeriesBatch. */
  readonly offsets: Uint32Array;
  readonly endsMs: Float64Array;
  readonly counts: Float64Array;
  /** With NaN and infinities as adding gives them; finite ones never come near an overflow. */
  readonly sums: Float64Array;
  /** What adding lost: the sum is `sums` + `lows`. */
  readonly lows: Float64Array;
  /** The sum of the samples differs from `sums` + `lows` by no more; 0 = of whole numbers, exact. */
  readonly errors: Float64Array;
  /** The first among equals (0 and −0); NaN only where every sample is. */
  readonly minimums: Float64Array;
  readonly maximums: Float64Array;
  /** Samples that were read for the batch, and buckets that the store had kept. */
  readonly samplesRead: number;
  readonly bucketsRead: number;
}

/** The rows of a batch that are histograms; their `values` are NaN. Valid as long as the batch. */
export interface HistogramRows {
  /** 1 = histogram; by row. */
  readonly isHistogram: Uint8Array;
  /** Decoded anew at each call; may be kept. */
  at(row: number): NativeHistogram;
}

/** What a query may use. A store calls it at least once per 1,000 samples that it reads. */
export interface QueryBudget {
  /** Throws an OpsError when the query was cancelled, is past its deadline or over its budget. */
  spend(samples: number, bytes: number): void;
}

export const UNLIMITED_BUDGET: QueryBudget = { spend: () => {} };

export interface MetricStoreStats {
  readonly seriesCount: number;
  readonly sampleCount: number;
  readonly labelPairCount: number;
  /** Undefined while the store is empty. */
  readonly range: TimeRange | undefined;
  /** Engine-specific figures: name (with unit) to value. */
  readonly details: Readonly<Record<string, number>>;
  /** The same for our own metrics, with labels and histograms. */
  readonly figures?: readonly StoreFigure[];
  /** Whom limits refused samples, the latest first. */
  readonly limitHits?: readonly LimitHit[];
  /** What was found damaged since the store was opened, and is not answered. */
  readonly damaged?: readonly { readonly name: string; readonly problem: string }[];
}

export interface StoreFigure {
  /** With its unit; of counters, `_total` at the end. */
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of a histogram: the sum of what was observed. */
  readonly value: number;
  /** Of a histogram: observations by bucket, not cumulative; one more than its bounds. */
  readonly buckets?: readonly number[];
}

/** Samples that a limit of the store refused, of one metric and sender. */
export interface LimitHit {
  /** Its name in the store's limits. */
  readonly limit: string;
  /** Empty for series without a name. */
  readonly metric: string;
  readonly source: SourceId;
  readonly count: number;
  readonly lastMs: number;
  /** One series, and why, in words for a person. */
  readonly example: string;
}

/** What a metric is, as exposition or remote write said it. */
export interface MetricMetadata {
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

export type MetricType =
  | "counter"
  | "gauge"
  | "histogram"
  | "gaugehistogram"
  | "summary"
  | "info"
  | "stateset"
  | "unknown";
