import type { PageTable } from "../block/pages.ts";

/** Names and constants of a block's companions; drawn in docs/formats/block.md. */
export const COMPANION_VERSION = 1;
export const COMPANION_MAGIC = "HMS-CMP1";

/**
 * The widest first. Counters, three quarters of what is stored, are asked for their rate: buckets of
 * 5 minutes, a fifth of the samples' bytes, are not kept of them.
 */
export const COMPANIONS = [
  { file: "companion-1h", widthMs: 3_600_000, hasCounters: true },
  { file: "companion-5m", widthMs: 300_000, hasCounters: false },
] as const;

/** A series is taken for a counter if it falls at most once in so many times that it rises. */
export const RISES_PER_RESET = 100;

/**
 * A series with fewer samples a bucket than this has none: a bucket costs about as many bytes, and
 * as much time, as four samples.
 */
export const ROWS_PER_BUCKET_MIN = 8;

/** Where everything stands; JSON, the last page. */
export interface CompanionDirectory {
  readonly version: number;
  /** Of the block to which it belongs. */
  readonly block: string;
  readonly widthMs: number;
  readonly seriesCount: number;
  /** Columns of bucket numbers. */
  readonly timePages: PageTable;
  /** A slot for each series, in order. */
  readonly seriesPages: PageTable;
  /** The first series of each of the pages. */
  readonly firsts: readonly number[];
}
