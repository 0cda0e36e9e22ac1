/** Limits of the metric store. Each may be set in `TsdbOptions.limits`. */
export interface TsdbLimits {
  /**
   * Samples in memory before they are flushed to a block; as many again may come in while they are.
   * Bounds what replay reads.
   */
  readonly headBytes: number;
  /** A head is flushed when its newest time moved on by so much, or after so long. */
  readonly headAgeMs: number;
  /** For fewer rows a head waits until it is that old: blocks have a price of their own. */
  readonly flushRowsMin: number;
  /** Exemplars in memory; the oldest go. About 300 bytes each. */
  readonly exemplarsMax: number;
  /** Series of one metric; a label with ever new values must not use up the whole store. */
  readonly seriesPerMetricMax: number;
  /** A series costs about 0.25 kB of index for as long as the store is open. */
  readonly seriesMax: number;
  /** Raw label bytes remembered for senders; beyond it all are forgotten and learnt again. */
  readonly rawKeyBytes: number;
  readonly labelsPerSeriesMax: number;
  readonly labelNameBytesMax: number;
  readonly labelValueBytesMax: number;
  /** How far a row may lie ahead of the clock: a sender with a wrong clock must not hide the rest. */
  readonly aheadMs: number;
  /** Rows that wait for the disk; beyond it senders are told to come back. */
  readonly queuedRowsMax: number;
  /** Rows that share one fdatasync; bounds how long a reader's request waits. */
  readonly groupRowsMax: number;
  /** A WAL segment is closed at this size, or at four times its series definitions. */
  readonly segmentBytes: number;
  /** Acknowledged batch ids remembered. */
  readonly batchIdsMax: number;
  /** A snapshot that is open longer ends its query, so that its memory can be used again. */
  readonly pinLifeMs: number;
}

const MEBIBYTE = 1024 * 1024;

export const TSDB_LIMITS: TsdbLimits = {
  headBytes: 128 * MEBIBYTE,
  headAgeMs: 7_200_000,
  flushRowsMin: 65_536,
  exemplarsMax: 100_000,
  seriesPerMetricMax: 2_000_000,
  seriesMax: 5_000_000,
  rawKeyBytes: 256 * MEBIBYTE,
  labelsPerSeriesMax: 256,
  labelNameBytesMax: 1_024,
  labelValueBytesMax: 16_384,
  aheadMs: 600_000,
  queuedRowsMax: 4_000_000,
  groupRowsMax: 50_000,
  segmentBytes: 64 * MEBIBYTE,
  batchIdsMax: 65_536,
  pinLifeMs: 120_000,
};

/** 13 months of 30.4 days: a year to compare with, and the month one stands in. */
export const RETENTION_MS = 396 * 86_400_000;
