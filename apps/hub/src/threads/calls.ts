import type { MessagePort } from "node:worker_threads";
import type {
  AppendAck,
  DeleteRequest,
  Document,
  DocumentWrite,
  Labels,
  Matcher,
  MetadataRequest,
  MetricMetadata,
  MetricStoreStats,
  QueryAnswer,
  SampleBatch,
  SeriesExemplars,
  StepGrid,
  TimeRange,
} from "@hms-ops/model";
import type { LanguageFeatures } from "@hms-ops/query";
import type {
  BlockMeta,
  Cardinality,
  CardinalityRequest,
  DueJob,
  KnownRawKeys,
  MaintenanceResult,
  PageCacheFigures,
  PinReply,
  PinRequest,
  RawKeyHandles,
  Recovery,
  ReplayProgress,
  SlabCounts,
  TopCounts,
  TsdbHandles,
} from "@hms-ops/stores/tsdb";
import type { Explanation } from "@hms-ops/wire/api";
import type { NameEscaping } from "@hms-ops/wire/exposition";
import type {
  ExpositionOptions,
  ExpositionOutcome,
  NamedSample,
  NameSearch,
  RemoteWriteOutcome,
  RemoteWriteVersion,
} from "../ports.ts";
import type { OpenedRead } from "./remote-reads.ts";
import type { CacheOutcome } from "./result-cache-answer.ts";
import type { CachedSteps } from "./result-cache-entry.ts";

/** What a thread answers: method name to function. Arguments and results are plain data. */
export type Calls = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

export type WriterCalls = {
  open(options: WriterOptions): Promise<Recovery>;
  /** A reader in another thread gets its handles and pins over this port. */
  attach(link: MessagePort): Promise<void>;
  exposition(body: Uint8Array<ArrayBuffer>, options: ExpositionOptions): Promise<ExpositionOutcome>;
  /** Made durable together; each is told apart how it fared, in the same order. */
  scrapes(bodies: readonly ScrapedBody[]): Promise<readonly StoredScrape[]>;
  remoteWrite(
    body: Uint8Array<ArrayBuffer>,
    version: RemoteWriteVersion,
  ): Promise<RemoteWriteOutcome>;
  samples(samples: readonly NamedSample[]): Promise<AppendAck>;
  endSource(source: string, timeMs: number, extra: readonly NamedSample[]): Promise<void>;
  metadata(): Promise<ReadonlyMap<string, MetricMetadata>>;
  stats(): Promise<MetricStoreStats>;
  blocks(): Promise<readonly BlockMeta[]>;
  /** Also while `open` is under way, between two segments; undefined before the first. */
  replayProgress(): Promise<ReplayProgress | undefined>;
  /** A decoder hands its batches over on this port. */
  attachDecoder(link: MessagePort): Promise<void>;
  /** The background thread gets its jobs over this port. */
  attachJobs(link: MessagePort): Promise<void>;
  /** Settles when the background thread has something to do. */
  jobDue(): Promise<void>;
  deleteSeries(request: DeleteRequest): Promise<void>;
  exemplars(request: Omit<MetadataRequest, "budget">): Promise<readonly SeriesExemplars[]>;
  requestCompaction(): Promise<void>;
  snapshotTo(name: string): Promise<void>;
  setAside(blockName: string, problem: string): Promise<void>;
  close(): Promise<void>;
};

export interface ScrapedBody {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly options: ExpositionOptions;
}

/** An error as it crosses between threads. */
export interface WireError {
  readonly message: string;
  readonly stack: string;
  /** Absent = a fault of ours. */
  readonly known?: {
    readonly code: `OPS-${number}`;
    readonly status: number;
    readonly mend: string;
  };
}

/** One of the two. */
export interface StoredScrape {
  readonly outcome?: ExpositionOutcome;
  readonly error?: WireError;
}

/** Reads remote-write bodies beside the writer. */
export type DecoderCalls = {
  /** Must be answered before any other call. */
  join(link: MessagePort): Promise<void>;
  remoteWrite(
    body: Uint8Array<ArrayBuffer>,
    version: RemoteWriteVersion,
  ): Promise<RemoteWriteOutcome>;
};

/** What a decoder asks the writer for; with each answer come the raw keys that are new to it. */
export type DecodedCalls = {
  append(batch: SampleBatch, known: KnownRawKeys): Promise<WithRawKeys<AppendAck>>;
  /** For a body of which most series are new: the writer reads it itself. */
  remoteWrite(
    body: Uint8Array<ArrayBuffer>,
    version: RemoteWriteVersion,
    known: KnownRawKeys,
  ): Promise<WithRawKeys<RemoteWriteOutcome>>;
  metadata(families: ReadonlyMap<string, MetricMetadata>): Promise<void>;
};

export interface WithRawKeys<Outcome> {
  readonly outcome: Outcome;
  readonly rawKeys: RawKeyHandles | undefined;
}

/** What the background thread asks the writer for, over a port between the two threads. */
export type JobCalls = {
  handles(): Promise<TsdbHandles>;
  nextJob(known: SlabCounts): Promise<DueJob | undefined>;
  finishJob(result: MaintenanceResult): Promise<void>;
  failJob(problem: string): Promise<void>;
  setAside(blockName: string, problem: string): Promise<void>;
};

export type BackgroundCalls = {
  /** Must be answered before any other call. */
  join(link: MessagePort, storeFolder: string): Promise<void>;
  /** Settles when nothing is due any more. */
  work(): Promise<void>;
};

export interface WriterOptions {
  readonly folder: string;
  readonly retentionMs: number;
  /** Of all blocks together. */
  readonly retentionBytes: number;
  readonly seed: number;
}

/** What a reader asks the writer for, over a port between the two threads. */
export type LinkCalls = {
  handles(): Promise<TsdbHandles>;
  pin(request: PinRequest): Promise<PinReply>;
  unpin(pinId: number): Promise<void>;
  setAside(name: string, problem: string): Promise<void>;
};

export type ReaderCalls = {
  /** Must be answered before any other call. */
  join(link: MessagePort, features: LanguageFeatures, seat: CrewSeat): Promise<void>;
  evaluate(query: QueryCall): Promise<QueryAnswer>;
  /** The answer of /api/v1/query or query_range, or its first piece. */
  encoded(query: EncodedQueryCall): Promise<QueryPiece>;
  /** Undefined after the last one. */
  nextPiece(restId: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  closePieces(restId: number): Promise<void>;
  /** The answer as one number, as /query gives it. */
  number(query: QueryCall): Promise<BareNumber>;
  format(text: string): Promise<string>;
  /** What an expression computes, how, and what is odd about it. */
  explain(call: ExplainCall): Promise<Explanation>;
  /** The whole answer of /api/v1/parse_query as JSON. */
  tree(text: string): Promise<string>;
  /** The matchers of every selector in an expression. */
  selectors(text: string): Promise<readonly (readonly Matcher[])[]>;
  /** The newest samples of what the selectors match, as exposition text; as `encoded`. */
  federate(call: FederationCall): Promise<AnswerPiece>;
  /** Selectors as matchers, none of them empty. */
  matches(texts: readonly string[]): Promise<readonly (readonly Matcher[])[]>;
  labelNames(request: PlainMetadataRequest): Promise<readonly string[]>;
  labelValues(name: string, request: PlainMetadataRequest): Promise<readonly string[]>;
  series(request: PlainMetadataRequest): Promise<readonly Labels[]>;
  /** The answer of /api/v1/{series,labels,label/…/values} as JSON; as `encoded`. */
  encodedListing(listing: ListingCall): Promise<AnswerPiece>;
  /** The lines of /api/v1/search/…; as `encoded`. */
  search(call: SearchCall): Promise<AnswerPiece>;
  /** Begins to answer a remote read, which must be closed. */
  openRead(call: ReadCall): Promise<OpenedRead>;
  /** Undefined after the last one. */
  readPiece(id: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  closeRead(id: number): Promise<void>;
  topCounts(limit: number): Promise<TopCounts>;
  cardinality(request: CardinalityCall): Promise<Cardinality>;
  pageCache(): Promise<PageCacheFigures>;
};

/** Of one reader among those that share large scans. */
export interface CrewSeat {
  /** The same for all of a hub, another one for each hub. */
  readonly channelName: string;
  /** From 0; absent: it offers its scans, but helps nobody. */
  readonly place?: number;
  readonly places: number;
}

export interface ReadCall {
  /** Snappy block of a prometheus.ReadRequest. */
  readonly body: Uint8Array<ArrayBuffer>;
  readonly flag: QueryFlag;
}

/** A budget crosses as the query's flag. */
export type PlainMetadataRequest = Omit<MetadataRequest, "budget"> & { readonly flag: QueryFlag };

/** A query without the means to stop it. */
export interface PlainQuery {
  readonly expr: string;
  readonly grid: StepGrid;
  /** The end that was asked for, which may lie behind the last step: what `end()` is. */
  readonly endMs?: number;
  readonly instant: boolean;
  readonly lookbackMs: number;
  /** Step of sub-queries without one. */
  readonly subqueryStepMs?: number;
  readonly shortForms: boolean;
  /** "off": samples alone answer. */
  readonly companions?: "off";
}

export interface QueryCall extends PlainQuery {
  readonly flag: QueryFlag;
}

export interface ExplainCall extends Omit<QueryCall, "instant"> {
  /** Drawn over time: the bare name of a counter means its rate. */
  readonly drawn: boolean;
  /** Run every part over the grid, and tell what it cost. */
  readonly measured: boolean;
  /** By the names of metrics in the text. */
  readonly types: Readonly<Record<string, string>>;
}

/** A query whose answer is written as its caller reads it. */
export interface PlainEncodedQuery extends PlainQuery {
  /** 0 = all series. */
  readonly limit: number;
  readonly withStats: boolean;
  /** Of the question; they stand before those of the query. */
  readonly warnings: readonly string[];
  readonly format: AnswerFormat;
}

export interface EncodedQueryCall extends PlainEncodedQuery {
  readonly flag: QueryFlag;
  /** Absent: nothing is looked up or kept. */
  readonly cache?: CacheCall;
}

/** Of a range query that may be answered from what was kept. */
export interface CacheCall {
  readonly known: CachedSteps | undefined;
}

export interface CachedPart {
  readonly outcome: CacheOutcome;
  readonly kept: CachedSteps | undefined;
}

export interface AnswerPiece {
  readonly piece: Uint8Array<ArrayBuffer>;
  /** Above 0: there may be more; `closePieces` must follow. */
  readonly restId: number;
}

export interface QueryPiece extends AnswerPiece {
  /** Where the call had a `cache`. */
  readonly cached?: CachedPart;
  /** It took so little that main may answer it the next time. */
  readonly isLight: boolean;
}

export type AnswerFormat = "json" | "csv" | "arrow";

export interface FederationCall {
  /** Selectors as text, joined by "or". */
  readonly matches: readonly string[];
  readonly nowMs: number;
  readonly lookbackMs: number;
  /** Added where a series has none of that name. */
  readonly externalLabels: Readonly<Record<string, string>>;
  /** For a reader that knows names of ASCII alone. */
  readonly escaping: NameEscaping;
  readonly flag: QueryFlag;
}

export interface ListingCall {
  readonly kind: "series" | "labels" | "values";
  /** Of `values`. */
  readonly labelName: string;
  /** Selectors as text. */
  readonly matches: readonly string[];
  readonly range: TimeRange;
  /** 0 = no limit. */
  readonly limit: number;
  readonly flag: QueryFlag;
}

export type SearchCall = NameSearch & { readonly flag: QueryFlag };

/** Selectors cross as text, a budget as the query's flag. */
export type CardinalityCall = Omit<CardinalityRequest, "matcherSets" | "budget"> & {
  readonly matches: readonly string[];
  readonly flag: QueryFlag;
};

/** An answer for callers that read one number. */
export interface BareNumber {
  /** NaN where no series is. */
  readonly value: number;
  /** How many series there were; the value is the largest of them. */
  readonly series: number;
}

export type StateCalls = {
  /** False: another process has the folder. */
  lock(file: string): Promise<boolean>;
  open(file: string): Promise<void>;
  get(collection: string, id: string): Promise<unknown>;
  list(collection: string): Promise<readonly Document[]>;
  write(writes: readonly DocumentWrite[]): Promise<void>;
  close(): Promise<void>;
};

/** One shared 32-bit word: 0 while the query may go on. */
export type QueryFlag = SharedArrayBuffer;

export const QUERY_CANCELED = 1;
export const QUERY_TIMED_OUT = 2;
