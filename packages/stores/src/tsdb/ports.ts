import type {
  AppendAck,
  Clock,
  MetricStore,
  MetricStoreStats,
  Random,
  SampleBatch,
  SeriesResolver,
  SourceId,
} from "@hms-ops/model";
import type { Disk } from "../disk/index.ts";
import type { TsdbLimits } from "../limits.ts";
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
  readonly limits?: Partial<TsdbLimits>;
}

/** Writer and reader in one thread. */
export interface Tsdb extends MetricStore {
  readonly writer: TsdbWriter;
}

/** The one thread that changes index, head and WAL. */
export interface TsdbWriter {
  /** What replaying found, for the log and `doctor`. */
  readonly recovery: Recovery;
  resolver(source: SourceId): SeriesResolver;
  append(batch: SampleBatch, signal?: AbortSignal): Promise<AppendAck>;
  stats(): MetricStoreStats;
  /** What `openReader` needs; goes through `postMessage` as it is. */
  shared(): TsdbHandles;
  /** Answers a reader's request. Synchronous, taken between two batches. */
  pin(request: PinRequest): PinReply;
  unpin(pinId: number): void;
  /** Drops all pins of a reader whose thread is gone. */
  dropReader(readerId: number): void;
  /** Ends pins past their deadline; the writer also does so by itself whenever it publishes. */
  revokeExpired(): void;
  /** Waits for what was appended. */
  close(): Promise<void>;
}

/** Reads in any thread. */
export interface TsdbReader
  extends Pick<MetricStore, "snapshot" | "labelNames" | "labelValues" | "series"> {
  readonly readerId: number;
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
  readonly hashSeed: number;
  readonly flags: SharedMemory;
  readonly pinLifeMs: number;
  readonly news: IndexNews;
}

export interface PinRequest {
  readonly readerId: number;
  /** Series to pin, or "all" that are published. */
  readonly ids: Uint32Array | "all";
  /** Slabs that the reader has, by kind. */
  readonly known: SlabCounts;
}

export interface PinReply {
  readonly pinId: number;
  /** Where the pin's flag stands. */
  readonly slot: number;
  /** PLACE_WORDS words for each series asked for, in that order. */
  readonly places: Uint32Array<ArrayBuffer>;
  readonly news: IndexNews;
}

export interface Recovery {
  readonly segments: number;
  readonly samples: number;
  /** Rows whose series was defined in a record that damage took. */
  readonly orphanedRows: number;
  readonly tornTails: number;
  readonly damagedStretches: number;
  readonly damagedBytes: number;
  readonly tookMs: number;
}
