import { MessageChannel } from "node:worker_threads";
import {
  type AppendAck,
  bug,
  type Clock,
  type DeleteRequest,
  type DocumentStore,
  type MetadataRequest,
  type MetricMetadata,
  type MetricStoreStats,
  OpsError,
  type SeriesExemplars,
} from "@hms-ops/model";
import { type LanguageFeatures, languageFeatures } from "@hms-ops/query";
import type { BlockMeta, Recovery } from "@hms-ops/stores/tsdb";
import type { ReplayStatus } from "@hms-ops/wire/api";
import { HUB_ERRORS } from "../errors.ts";
import { LIGHT_CACHE_BYTES } from "../limits.ts";
import type {
  ExpositionOptions,
  ExpositionOutcome,
  IngestService,
  Log,
  NamedSample,
  RefusedRows,
  RemoteWriteOutcome,
  RemoteWriteVersion,
  SelfMetrics,
} from "../ports.ts";
import type { IngestMeter } from "../self/ingest-meter.ts";
import { BackgroundThread } from "./background-thread.ts";
import type {
  BackgroundCalls,
  CrewSeat,
  DecoderCalls,
  ReaderCalls,
  StateCalls,
  WriterCalls,
  WriterOptions,
} from "./calls.ts";
import { DecoderThreads } from "./decoder-threads.ts";
import { LightQueries } from "./light-queries.ts";
import { pinSoon } from "./light-query.ts";
import { PATIENT } from "./niceness.ts";
import { ReaderThreads } from "./reader-threads.ts";
import { joinHits, RefusedLabels } from "./refused-labels.ts";
import { ScrapeGathering } from "./scrape-gathering.ts";
import { type JoinedReader, joinWriter } from "./store-link.ts";
import { Thread } from "./thread.ts";

/**
 * Heaps are bounds, not reservations: a thread that needs more is ended instead of the whole hub.
 * What nobody's acknowledgement or rule waits for stands back.
 */
const KINDS = {
  writer: { oldHeapMegabytes: 2_048, youngHeapMegabytes: 6, niceness: 0 },
  decoder: { oldHeapMegabytes: 512, youngHeapMegabytes: 6, niceness: 0 },
  background: { oldHeapMegabytes: 1_024, youngHeapMegabytes: 16, niceness: PATIENT },
  state: { oldHeapMegabytes: 128, youngHeapMegabytes: 3, niceness: 0 },
  rules: { oldHeapMegabytes: 1_024, youngHeapMegabytes: 3, niceness: 0 },
  query: { oldHeapMegabytes: 1_024, youngHeapMegabytes: 24, niceness: PATIENT },
} as const;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;

export interface HubThreadsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: SelfMetrics;
  readonly meter: IngestMeter;
  /** Experimental parts of PromQL that queries may use; without it none. */
  readonly features?: LanguageFeatures;
  /** Step of sub-queries without one, as the configuration has it now. */
  readonly subqueryStepMs?: () => number;
}

/** The hub's threads: writer, state and readers; each is started again when it fails. */
export class HubThreads implements IngestService {
  readonly readers: ReaderThreads;
  /** Closed with the threads; `close` alone does nothing. */
  readonly documents: DocumentStore;
  readonly #options: HubThreadsOptions;
  readonly #background: BackgroundThread;
  readonly #decoders: DecoderThreads;
  #writer: Thread<WriterCalls>;
  #state: Thread<StateCalls>;
  #store: WriterOptions | undefined;
  #recovery: Recovery | undefined;
  readonly #scrapes: ScrapeGathering;
  readonly #refused: RefusedLabels;
  readonly #loggedDamage = new Set<string>();
  #documentsFile = "";
  #lockFile = "";
  /** Open for calls; false while a lost thread starts again. */
  readonly #isOpen = { writer: false, state: false };
  #stopped = false;

  /** Starts writer and state at once; nothing is opened yet. */
  constructor(options: HubThreadsOptions) {
    this.#options = options;
    this.#refused = new RefusedLabels(options.clock);
    this.#writer = this.#startWriter();
    this.#state = this.#startState();
    this.documents = {
      get: async (collection, id) => await this.#openState().call("get", [collection, id]),
      list: async (collection) => await this.#openState().call("list", [collection]),
      write: async (writes) => await this.#openState().call("write", [writes]),
      close: async () => {},
    };
    this.#background = new BackgroundThread({
      ...options,
      start: (onLoss) => this.#startBackground(onLoss),
      jobDue: async () => await this.#openWriter().call("jobDue", []),
      attach: async (link) => await this.#openWriter().call("attachJobs", [link], [link]),
      storeFolder: () => this.#store?.folder ?? "",
    });
    this.#decoders = new DecoderThreads({
      ...options,
      start: (name, onLoss) => this.#startDecoder(name, onLoss),
    });
    this.#scrapes = new ScrapeGathering({
      clock: options.clock,
      store: async (group) => {
        const buffers = group.map(({ body }) => body.buffer);
        return await this.#openWriter().call("scrapes", [group], buffers);
      },
    });
    this.readers = new ReaderThreads({
      clock: options.clock,
      metrics: options.metrics,
      subqueryStepMs: options.subqueryStepMs,
      start: (name, seat, onLoss) => this.#startReader(name, seat, onLoss),
      light: new LightQueries({
        clock: options.clock,
        features: options.features ?? languageFeatures([]),
        join: () => this.#joinReader(),
      }),
    });
  }

  /** False: another process has the data folder. */
  async lock(file: string): Promise<boolean> {
    this.#lockFile = file;
    return await this.#state.call("lock", [file]);
  }

  /** Opens store and documents, side by side. */
  async open(store: WriterOptions, documentsFile: string): Promise<void> {
    const [recovery] = await Promise.all([
      this.#writer.call("open", [store]),
      this.#state.call("open", [documentsFile]),
    ]);
    this.#recovery = recovery;
    this.#store = store;
    this.#documentsFile = documentsFile;
    this.#isOpen.writer = true;
    this.#isOpen.state = true;
    void this.#background.serve();
    const { tornTails, damagedStretches, damagedBlocks } = recovery;
    const damaged = tornTails + damagedStretches + damagedBlocks.length > 0;
    this.#options.log[damaged ? "warn" : "info"]("the write-ahead log was read", { ...recovery });
  }

  async exposition(
    body: Uint8Array<ArrayBuffer>,
    options: ExpositionOptions,
  ): Promise<ExpositionOutcome> {
    const own = owned(body);
    const { source } = options;
    const way = source.startsWith("ingest:") ? "ingest" : "scrape";
    const stored =
      way === "scrape"
        ? this.#scrapes.store(own, options)
        : this.#openWriter().call("exposition", [own, options], [own.buffer]);
    const outcome = await stored.catch((error: unknown) => {
      if (error instanceof OpsError) this.#refused.note(error.message, source, 1);
      throw error;
    });
    if (outcome.skippedLines > 0) this.#refused.note(outcome.firstProblem, source, 1);
    this.#count(way, outcome.ack, outcome.skippedLines);
    return outcome;
  }

  async remoteWrite(
    body: Uint8Array<ArrayBuffer>,
    version: RemoteWriteVersion,
  ): Promise<RemoteWriteOutcome> {
    const writer = this.#openWriter();
    const own = owned(body);
    const outcome = this.#decoders.isWanted(own.length)
      ? await this.#decoders.remoteWrite(own, version)
      : await writer.call("remoteWrite", [own, version], [own.buffer]);
    for (const { example, count } of outcome.problems) {
      this.#refused.note(example, "remote-write", count);
    }
    this.#count("remote-write", outcome.ack, outcome.skippedSeries, outcome.problems);
    return outcome;
  }

  async samples(samples: readonly NamedSample[]): Promise<AppendAck> {
    const ack = await this.#openWriter().call("samples", [samples]);
    this.#count("hub", ack, 0);
    return ack;
  }

  async endSource(source: string, timeMs: number, extra: readonly NamedSample[]): Promise<void> {
    await this.#openWriter().call("endSource", [source, timeMs, extra]);
  }

  async metadata(): Promise<ReadonlyMap<string, MetricMetadata>> {
    return await this.#openWriter().call("metadata", []);
  }

  async stats(): Promise<MetricStoreStats> {
    const stats = await this.#openWriter().call("stats", []);
    this.#logDamage(stats.damaged ?? []);
    return { ...stats, limitHits: joinHits(this.#refused.hits, stats.limitHits ?? []) };
  }

  /** The store's blocks, in order of arrival. */
  async blocks(): Promise<readonly BlockMeta[]> {
    return await this.#openWriter().call("blocks", []);
  }

  /** What the start of the hub found. */
  get recovery(): Recovery {
    return this.#recovery ?? bug("the store is asked before it was opened");
  }

  /** How far reading the write-ahead log is. */
  async replayStatus(): Promise<ReplayStatus> {
    const progress = await this.#writer.call("replayProgress", []).catch(() => undefined);
    const isDone = this.#recovery !== undefined;
    if (!progress) return { min: 0, max: 0, current: 0, state: isDone ? "done" : "waiting" };
    const { first: min, last: max, current } = progress;
    return { min, max, current, state: isDone ? "done" : "in progress" };
  }

  async deleteSeries(request: DeleteRequest): Promise<void> {
    await this.#openWriter().call("deleteSeries", [request]);
  }

  async exemplars({ budget: _, ...request }: MetadataRequest): Promise<readonly SeriesExemplars[]> {
    return await this.#openWriter().call("exemplars", [request]);
  }

  /** Flushes the head, then makes one block of all blocks of each day; goes on in the background. */
  async requestCompaction(): Promise<void> {
    await this.#openWriter().call("requestCompaction", []);
  }

  /** See `TsdbWriter.snapshotTo`. */
  async snapshotTo(name: string): Promise<void> {
    await this.#openWriter().call("snapshotTo", [name]);
  }

  async measure(): Promise<void> {
    await Promise.all([
      this.#writer.measure(),
      this.#state.measure(),
      this.readers.measure(),
      this.#decoders.measure(),
      this.#background.measure(),
    ]);
  }

  /** Flushes and closes the store, then the documents and the lock. */
  async close(): Promise<void> {
    this.#stopped = true;
    await Promise.all([this.readers.stop(), this.#decoders.stop(), this.#background.stop()]);
    try {
      await this.#writer.call("close", []);
      await this.#state.call("close", []);
    } finally {
      await Promise.all([this.#writer.stop(), this.#state.stop()]);
    }
  }

  /** Each once; our own metrics ask for the figures again and again. */
  #logDamage(damaged: NonNullable<MetricStoreStats["damaged"]>): void {
    for (const { name, problem } of damaged) {
      if (this.#loggedDamage.has(name)) continue;
      this.#loggedDamage.add(name);
      this.#options.log.error("damage in the metric store was set aside", { block: name, problem });
    }
  }

  #openWriter(): Thread<WriterCalls> {
    if (!this.#isOpen.writer) throw startingAgain("writer");
    return this.#writer;
  }

  #openState(): Thread<StateCalls> {
    if (!this.#isOpen.state) throw startingAgain("state");
    return this.#state;
  }

  #count(
    way: string,
    ack: AppendAck,
    skipped: number,
    problems: readonly RefusedRows[] = [],
  ): void {
    const { metrics, clock, meter } = this.#options;
    metrics.add("hms_ops_ingest_samples_total", ack.accepted, { way });
    for (const { reason, count } of [...ack.rejections, ...problems]) {
      metrics.add("hms_ops_ingest_rejected_total", count, { way, reason });
    }
    if (skipped > 0) metrics.add("hms_ops_ingest_skipped_total", skipped, { way });
    meter.note(ack, clock.now());
  }

  #startWriter(): Thread<WriterCalls> {
    return new Thread<WriterCalls>({
      ...this.#options,
      ...KINDS.writer,
      name: "writer",
      entry: new URL("./writer.ts", import.meta.url),
      onLoss: () => void this.#replaceWriter(),
    });
  }

  async #startDecoder(name: string, onLoss: () => void): Promise<Thread<DecoderCalls>> {
    const thread = new Thread<DecoderCalls>({
      ...this.#options,
      ...KINDS.decoder,
      name,
      entry: new URL("./decoder.ts", import.meta.url),
      onLoss,
    });
    const { port1, port2 } = new MessageChannel();
    try {
      await this.#openWriter().call("attachDecoder", [port1], [port1]);
      await thread.call("join", [port2], [port2]);
      return thread;
    } catch (error) {
      await thread.stop();
      throw error;
    }
  }

  #startBackground(onLoss: () => void): Thread<BackgroundCalls> {
    return new Thread<BackgroundCalls>({
      ...this.#options,
      ...KINDS.background,
      name: "background",
      entry: new URL("./background.ts", import.meta.url),
      onLoss,
    });
  }

  #startState(): Thread<StateCalls> {
    return new Thread<StateCalls>({
      ...this.#options,
      ...KINDS.state,
      name: "state",
      entry: new URL("./state.ts", import.meta.url),
      onLoss: () => void this.#replaceState(),
    });
  }

  async #startReader(
    name: string,
    seat: CrewSeat,
    onLoss: () => void,
  ): Promise<Thread<ReaderCalls>> {
    const thread = new Thread<ReaderCalls>({
      ...this.#options,
      ...(name === "rules" ? KINDS.rules : KINDS.query),
      name,
      entry: new URL("./reader.ts", import.meta.url),
      onLoss,
    });
    const { port1, port2 } = new MessageChannel();
    try {
      await this.#openWriter().call("attach", [port1], [port1]);
      const features = this.#options.features ?? languageFeatures([]);
      await thread.call("join", [port2, features, seat], [port2]);
      return thread;
    } catch (error) {
      await thread.stop();
      throw error;
    }
  }

  /** A reader in this thread, which waits for nobody. */
  async #joinReader(): Promise<JoinedReader> {
    const { clock } = this.#options;
    const { port1, port2 } = new MessageChannel();
    await this.#openWriter().call("attach", [port1], [port1]);
    return await joinWriter(port2, {
      cacheBytes: LIGHT_CACHE_BYTES,
      wait: (pin, unpin) => pinSoon(clock, pin, unpin),
    });
  }

  /** The readers' handles are the lost writer's: they start anew with the next query. */
  async #replaceWriter(): Promise<void> {
    const store = this.#store;
    if (this.#stopped || store === undefined) return;
    this.#isOpen.writer = false;
    this.#writer = this.#startWriter();
    const writer = this.#writer;
    await Promise.all([this.readers.stop(), this.#decoders.stop()]);
    await this.#reopen("writer", writer, () => writer.call("open", [store]));
    void this.#background.serve();
  }

  async #replaceState(): Promise<void> {
    if (this.#stopped || this.#documentsFile === "") return;
    this.#isOpen.state = false;
    this.#state = this.#startState();
    const state = this.#state;
    await this.#reopen("state", state, async () => {
      const locked = await state.call("lock", [this.#lockFile]);
      if (!locked)
        throw new OpsError(HUB_ERRORS.threadEnded, {
          thread: "state",
          reason: "the lock is taken",
        });
      await state.call("open", [this.#documentsFile]);
    });
  }

  async #reopen(
    name: "writer" | "state",
    thread: { abandon(reason: string): void },
    open: () => Promise<unknown>,
  ): Promise<void> {
    const { clock, log } = this.#options;
    for (
      let waitMs = FIRST_RETRY_MS;
      !this.#stopped;
      waitMs = Math.min(waitMs * 2, LAST_RETRY_MS)
    ) {
      try {
        await open();
        this.#isOpen[name] = true;
        log.warn(`the ${name} thread works again`);
        return;
      } catch (error) {
        if (error instanceof OpsError && error.code === HUB_ERRORS.threadEnded.code) return;
        log.error(`the ${name} thread cannot open its files`, { error });
        await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
      }
    }
    thread.abandon("the hub stops");
  }
}

function startingAgain(thread: string): OpsError {
  return new OpsError(HUB_ERRORS.threadEnded, { thread, reason: "it is starting again" });
}

/** A body that fills its buffer may be moved to the thread; one that shares it is copied. */
function owned(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (body.byteLength === body.buffer.byteLength) return body;
  return body.slice();
}
