import type {
  AppendAck,
  Clock,
  DeleteRequest,
  MetadataRequest,
  MetricStore,
  MetricStoreStats,
  QueryBudget,
  Random,
  SampleBatch,
  SeriesBatch,
  SeriesExemplars,
  SeriesResolver,
  SourceId,
  TimeRange,
} from "@hms-ops/model";
import type { Disk, ReplayProgress } from "../disk/index.ts";
import type { TsdbLimits } from "../limits.ts";
import type { BlockMeta } from "./block/ports.ts";
import type { Cardinality, CardinalityRequest, TopCounts } from "./cardinality/ports.ts";
import type { Generations } from "./generations.ts";
import type { KnownRawKeys, RawKeyHandles } from "./index/raw-keys.ts";
import type { SlotPin } from "./pin-board.ts";
import type { SharedMemory } from "./shared.ts";

export interface TsdbOptions {
  /** Made when absent. One process at a time: the caller holds the lock of the data folder. */
  readonly folder: string;
  readonly clock: Clock;
  /** Seeds the hashes, so that a sender cannot choose labels that collide. */
  readonly random: Random;
  /** The machine's own when absent. */
  readonly disk?: Disk;
  /** Rows older than this are refused and forgotten; `Infinity` keeps all. */
  readonly retentionMs?: number;
  /** Blocks are kept below this, the oldest go first; `Infinity` (or absent) bounds nothing. */
  readonly retentionBytes?: number;
  readonly limits?: Partial<TsdbLimits>;
  /** Told of each WAL segment before it is read. */
  readonly onReplay?: (progress: ReplayProgress) => void;
}

/** Writer and reader in one thread. */
export interface Tsdb extends MetricStore {
  readonly writer: TsdbWriter;
  /** Runs all flushes and compactions that are due; `flush` makes one due first. */
  maintain(options?: { readonly flush?: boolean }): Promise<void>;
}

/** The one thread that changes index, head and WAL. */
export interface TsdbWriter {
  /** What replaying found, for the log and `doctor`. */
  readonly recovery: Recovery;
  resolver(source: SourceId): SeriesResolver;
  append(batch: SampleBatch, signal?: AbortSignal): Promise<AppendAck>;
  /** The raw keys by which other threads find series (`RawKeyReader`), if there are new ones. */
  rawKeys(known: KnownRawKeys): RawKeyHandles | undefined;
  stats(): MetricStoreStats;
  /** Those in service, in order of arrival. */
  readonly blocks: readonly BlockMeta[];
  /** What `openReader` needs; goes through `postMessage` as it is. */
  shared(): TsdbHandles;
  /** Answers a reader's request. Synchronous, taken between two batches. */
  pin(request: PinRequest): PinReply;
  unpin(pinId: number): void;
  /** Drops all pins of a reader whose thread is gone. */
  dropReader(readerId: number): void;
  /** See `MetricStore.delete`. Settles when a maintainer has run the job that it makes due. */
  delete(request: DeleteRequest): Promise<void>;
  /** See `MetricStore.exemplars`. */
  exemplars(request: MetadataRequest): Promise<readonly SeriesExemplars[]>;
  /** Freezes the head, so that a flush becomes due; does nothing while another one is under way. */
  requestFlush(): Promise<void>;
  /** As `requestFlush`, then all blocks of each day become one. */
  requestCompaction(): Promise<void>;
  /** What a maintainer has to do next, one at a time; undefined if nothing is due. */
  nextJob(known: SlabCounts): DueJob | undefined;
  readonly hasJobDue: boolean;
  /** Called whenever a job may have become due. */
  onJobDue: (() => void) | undefined;
  /** Takes in what a maintainer did. Its job is not over before this, or `failJob`, is called. */
  finishJob(result: MaintenanceResult): Promise<void>;
  /** The job is given back; it is due again after a while. */
  failJob(problem: string): Promise<void>;
  /**
   * A block, or a companion (`<block>/<file>`), that a reader or a maintainer found damaged: out of
   * service, told in `stats`.
   */
  setAside(blockName: string, problem: string): Promise<void>;
  /**
   * A folder `snapshots/<name>` with all that was acknowledged, as blocks of its own that open as a
   * store. Needs a maintainer for the flush before it.
   */
  snapshotTo(name: string): Promise<void>;
  /** Ends pins past their deadline; the writer also does so by itself whenever it publishes. */
  revokeExpired(): void;
  /** Waits for what was appended. */
  close(): Promise<void>;
}

/** Reads in any thread. */
export interface TsdbReader
  extends Pick<MetricStore, "snapshot" | "labelNames" | "labelValues" | "series"> {
  readonly readerId: number;
  /** Which names and pairs have the most series of the index in memory; exact at any size. */
  topCounts(limit: number): Promise<TopCounts>;
  /** Series by metric, label or pair: how many there are, and how many came and went. */
  cardinality(request: CardinalityRequest): Promise<Cardinality>;
  /**
   * Reads a snapshot of another reader of this store, given what its `share` told. Undefined where
   * this reader has not heard of all that the snapshot names; it asks, and will have soon.
   */
  attach(shared: SharedSeries): AttachedSnapshot | undefined;
  /** Tells which answers that were kept still hold. */
  readonly generations: Generations;
  /** Of this reader's unpacked pages of blocks. */
  readonly pageCache: PageCacheFigures;
  /** Closes the files of blocks that no snapshot holds; the others when it is closed. */
  close(): void;
}

/**
 * A snapshot as another reader's thread gets it: where the samples of its series are, numbers in
 * shared memory. Good while the snapshot is open.
 */
export interface SharedSeries {
  readonly ticket: PinTicket;
  /** Slabs of samples that it may name. */
  readonly sampleSlabs: number;
  readonly blocksVersion: number;
  readonly blocks: readonly BlockRef[];
  readonly count: number;
  readonly head: HeadPlaces;
  readonly parts: SeriesParts | undefined;
}

/** Where the samples of the head's series are; a row is a place among those that were pinned. */
export interface HeadPlaces {
  readonly rows: Uint32Array;
  /** PLACE_WORDS words a row. */
  readonly places: Uint32Array;
  /** Of the head that is being flushed. */
  readonly frozenPlaces: Uint32Array | undefined;
}

/** Series k has the parts [starts[k], starts[k + 1]), in order of arrival. */
export interface SeriesParts {
  readonly starts: Uint32Array;
  /** Index of the block; one more than the last of them is the head. */
  readonly sources: Uint16Array;
  /** Ordinal in the block, or row of the head. */
  readonly rows: Uint32Array;
}

/** Another reader's snapshot, read in this thread. */
export interface AttachedSnapshot {
  /** As `Snapshot.read`, at once. Where a block turns out damaged it throws. */
  read(range: TimeRange, order: Uint32Array, budget: QueryBudget): Iterable<SeriesBatch>;
  /** Must be called. */
  close(): void;
}

export interface PageCacheFigures {
  readonly hits: number;
  readonly misses: number;
  readonly sizeBytes: number;
}

/**
 * How a reader asks the writer; the hub carries both calls as messages. All that crosses is plain
 * data (`places` may be transferred).
 */
export interface PinLink {
  /** `TsdbWriter.pin` in the writer's thread. */
  pin(request: PinRequest): Promise<PinReply>;
  /** `TsdbWriter.unpin`; needs no answer. */
  unpin(pinId: number): void;
}

/** What is kept in slabs of its own kind. */
export type SlabKind =
  | "samples"
  | "lists"
  | "text"
  | "pairs"
  | "names"
  | "starts"
  | "references"
  | "table";

export type SlabCounts = Readonly<Record<SlabKind, number>>;

/** Slabs that the reader has not seen yet, and how much of the index is published. */
export interface IndexNews {
  readonly slabs: Readonly<Record<SlabKind, readonly SharedMemory[]>>;
  readonly seriesCount: number;
  readonly pairCount: number;
  readonly nameCount: number;
}

export interface TsdbHandles {
  readonly readerId: number;
  readonly blocksFolder: string;
  readonly hashSeed: number;
  readonly flags: SharedMemory;
  /** Where readers pin by themselves (`BoardPins`), and this reader's part of it. */
  readonly board: SharedMemory;
  readonly boardPart: number | undefined;
  /** What each reader keeps of unpacked pages, by its part of the board. */
  readonly pageShares: SharedMemory;
  readonly generations: SharedMemory;
  readonly pinLifeMs: number;
  readonly news: IndexNews;
}

export interface PinRequest {
  readonly readerId: number;
  /** Series to pin, or "all" that are published. */
  readonly ids: Uint32Array | "all";
  /** Shared memory for the places, used where it is of just their length. */
  readonly room?: Uint32Array;
  /** Slabs that the reader has, by kind. */
  readonly known: SlabCounts;
  /** Version of the list of blocks that the reader has; absent = none. */
  readonly knownBlocks?: number;
}

export interface PinReply {
  readonly pinId: number;
  /** Where the pin's flag stands. */
  readonly slot: number;
  /** PLACE_WORDS words for each series asked for, in that order: their samples in the head. */
  readonly places: Uint32Array;
  /**
   * As `places`, of the head that is being flushed; absent when none is. Of all series: shorter, if
   * some came later.
   */
  readonly frozenPlaces?: Uint32Array;
  readonly blocks: BlocksNews;
  readonly news: IndexNews;
  /** With it the reader may pin by itself, as long as the version stays. */
  readonly head?: HeadWords;
}

/** What the head knows of each series, STATE_WORDS words apart; in shared memory. */
export interface HeadWords {
  readonly version: number;
  readonly words: Uint32Array;
}

/** By which any reader can tell whether a pin still holds. */
export type PinTicket =
  | { readonly kind: "flag"; readonly slot: number }
  | ({ readonly kind: "slot" } & SlotPin);

/** The blocks of the pin's moment. None of their files goes while the pin is open. */
export interface BlocksNews {
  readonly version: number;
  /** In order of arrival. Absent when the reader has this version. */
  readonly list?: readonly BlockRef[];
  /** Blocks that were set aside; nothing of them is answered. Comes with the list. */
  readonly aside?: readonly BlockSpan[];
}

/** Which samples a block has: both times within. */
export type BlockSpan = Pick<BlockMeta, "name" | "fromMs" | "toMs">;

export interface BlockRef {
  readonly meta: BlockMeta;
  /** Name of the file of what was deleted from it. */
  readonly tombstones?: string;
  /** Sums of its samples by buckets. */
  readonly companions?: BlockCompanions;
}

export interface BlockCompanions {
  /** Bytes by file. */
  readonly files: Readonly<Record<string, number>>;
  /** Another one when they were made again. */
  readonly serial: number;
}

/** Work on what is published, for a thread beside the writer's. */
export type MaintenanceJob = FlushJob | CompactionJob | DeletionJob | CompanionJob;

export interface FlushJob {
  readonly kind: "flush";
  /** PLACE_WORDS words a series, of all series. */
  readonly places: Uint32Array;
  /** Numbers from here on are free for its blocks. */
  readonly firstNumber: number;
}

export interface CompactionJob {
  readonly kind: "compact";
  /** In order of arrival; they become one. */
  readonly inputs: readonly BlockRef[];
  readonly number: number;
}

export interface DeletionJob {
  readonly kind: "delete";
  readonly request: DeleteRequest;
  /** Those that overlap the range. */
  readonly blocks: readonly BlockRef[];
}

export interface CompanionJob {
  readonly kind: "companions";
  readonly block: BlockRef;
}

export type MaintenanceResult =
  | { readonly kind: "flush"; readonly blocks: readonly BlockMeta[] }
  | { readonly kind: "compact"; readonly block: BlockMeta | undefined }
  | {
      readonly kind: "delete";
      /** By block name, of those that changed. */
      readonly tombstones: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "companions";
      readonly blockName: string;
      /** Bytes by file. */
      readonly files: Readonly<Record<string, number>>;
    };

export interface DueJob {
  readonly job: MaintenanceJob;
  /** As of the job. */
  readonly news: IndexNews;
}

/** Does the writer's jobs, in any thread. */
export interface TsdbMaintainer {
  /** Slabs that it has, for `TsdbWriter.nextJob`. */
  readonly known: SlabCounts;
  /**
   * Rejects when the job must be given back; what it wrote until then is gone or without effect.
   * Of a damaged block the error is a `DamagedBlock`.
   */
  run(due: DueJob): Promise<MaintenanceResult>;
}

/** Blocks that were out of order when the store was opened. */
export interface BlockRecovery {
  readonly loadedBlocks: number;
  /** Set aside in `aside/`, each with what was wrong. */
  readonly damagedBlocks: readonly { readonly name: string; readonly problem: string }[];
}

export interface Recovery extends BlockRecovery {
  readonly segments: number;
  readonly samples: number;
  /** Rows whose series was defined in a record that damage took. */
  readonly orphanedRows: number;
  readonly tornTails: number;
  readonly damagedStretches: number;
  readonly damagedBytes: number;
  readonly tookMs: number;
}
