import type { Labels, QueryBudget, TimeRange } from "@hms-ops/model";
import type { ValueTest } from "../../matching.ts";
import type { Columns, RowMeter } from "../memory/columns.ts";

/** What `meta.json` of a block says; drawn in docs/formats/block.md. */
export interface BlockMeta {
  /** The folder's name: number, first and last time. */
  readonly name: string;
  /** Rises with every block of a store; never used twice. */
  readonly number: number;
  /**
   * Place in the order of arrival: of samples at one time, the block with the lower one wins. Of a
   * compacted block, the lowest of those that it replaces.
   */
  readonly arrival: number;
  /** Times of the first and the last sample, both within. */
  readonly fromMs: number;
  readonly toMs: number;
  /** 0 = flushed from the head; else one more than the highest that it was made of. */
  readonly level: number;
  readonly seriesCount: number;
  /** Histograms included. */
  readonly sampleCount: number;
  readonly histogramCount: number;
  /** Bytes of each file. */
  readonly files: Readonly<Record<string, number>>;
  /** Blocks of whose samples this one is made: whoever finds them beside it removes them. */
  readonly replaces: readonly string[];
}

/** What the maker of a block knows before it begins. */
export type BlockPlan = Pick<BlockMeta, "number" | "arrival" | "level" | "replaces">;

/** Writes one block, series by series in the order of `compareLabels`. */
export interface BlockWriter {
  /** Rows rising in time, at least one; times whole milliseconds. Copies what it keeps. */
  add(labels: Labels, rows: Columns): Promise<void>;
  /** Makes it durable under its final name. Undefined, and nothing left behind, if it had no rows. */
  finish(): Promise<BlockMeta | undefined>;
  /** Removes what was written. */
  abandon(): Promise<void>;
}

/**
 * A block opened for reading, in any thread. What it reads of the files it checks; damage throws
 * OPS-1320 with file and offset, never a wrong value. Files are read as they are asked for.
 */
export interface Block {
  readonly meta: BlockMeta;
  /** Ordinals of the series that pass all tests, rising. */
  match(tests: readonly ValueTest[], budget: QueryBudget): Uint32Array;
  /** Sorted by name. The strings are shared among the block's series. */
  labelsOf(ordinal: number): Labels;
  readonly pairCount: number;
  /** Puts a series' pairs, by the block's numbers, into `into`; answers how many. */
  pairsOf(ordinal: number, into: Uint32Array): number;
  pairText(pair: number): readonly [name: string, value: string];
  /** Every label name, sorted. */
  labelNames(): readonly string[];
  /** Every value of a label, sorted; none if no series has it. */
  labelValues(name: string): readonly string[];
  /** First and last sample time of a series. */
  timesOf(ordinal: number): TimeRange;
  /** What was deleted of a series, in no order. */
  tombstonesOf(ordinal: number): readonly Tombstone[];
  /** Adds a series' rows within the range, without what its tombstones cover. */
  read(ordinal: number, range: TimeRange, into: Columns, meter?: RowMeter): void;
  close(): void;
}

/** A stretch of one series that was deleted. Both ends are within. */
export interface Tombstone {
  readonly ordinal: number;
  readonly fromMs: number;
  readonly toMs: number;
}
