import {
  type AppendAck,
  bug,
  type DeleteRequest,
  type Matcher,
  type MetadataRequest,
  type MetricStoreStats,
  OpsError,
  type SampleBatch,
  type SeriesExemplars,
  type SeriesResolver,
  type SourceId,
} from "@hms-ops/model";
import { type Disk, openNodeDisk, Wal } from "../disk/index.ts";
import { messageOf, STORE_ERRORS } from "../errors.ts";
import { RETENTION_MS, TSDB_LIMITS, type TsdbLimits } from "../limits.ts";
import { valueTest } from "../matching.ts";
import { AcknowledgedBatches } from "./acknowledged.ts";
import { BatchApplier } from "./applier.ts";
import type { BlockMeta } from "./block/ports.ts";
import { type Applied, CommitQueue, type Waiting } from "./commit-queue.ts";
import { ExemplarRing } from "./exemplars.ts";
import { Head } from "./head/head.ts";
import { IndexReader } from "./index/index-reader.ts";
import { IndexWriter } from "./index/index-writer.ts";
import { type KnownRawKeys, type RawKeyHandles, RawKeys } from "./index/raw-keys.ts";
import { Journal, UNKNOWN_ID } from "./journal/journal.ts";
import type { Deletion, StoredRows } from "./journal/records.ts";
import { SlabPool } from "./memory/arena.ts";
import { Slabs } from "./memory/slabs.ts";
import { StoreMeters } from "./meters.ts";
import type {
  DueJob,
  MaintenanceResult,
  PinReply,
  PinRequest,
  Recovery,
  SlabCounts,
  TsdbHandles,
  TsdbOptions,
  TsdbWriter,
} from "./ports.ts";
import { Publications } from "./publications.ts";
import { SampleTimes } from "./sample-times.ts";
import { NO_RECOVERY, storeStats } from "./stats.ts";
import { Maintenance } from "./upkeep/maintenance.ts";
import { Retention } from "./upkeep/retention.ts";
import { BlockShelf } from "./upkeep/shelf.ts";

/** Opens the store's folder, replaying its WAL. The caller's thread becomes the writer. */
export async function openWriter(options: TsdbOptions): Promise<TsdbWriter> {
  const writer = new Writer(options);
  await writer.open();
  return writer;
}

class Writer implements TsdbWriter {
  readonly #options: TsdbOptions;
  readonly #limits: TsdbLimits;
  readonly #retentionMs: number;
  readonly #seed: number;
  readonly #disk: Disk;
  readonly #slabs = new Slabs();
  readonly #pool = new SlabPool(this.#slabs);
  readonly #index: IndexWriter;
  readonly #texts: IndexReader;
  readonly #head: Head;
  readonly #rawKeys: RawKeys;
  readonly #exemplars: ExemplarRing;
  readonly #journal: Journal;
  readonly #applier: BatchApplier;
  readonly #publications: Publications;
  readonly #shelf: BlockShelf;
  readonly #maintenance: Maintenance;
  readonly #retention: Retention;
  readonly #queue: CommitQueue;
  readonly #acknowledged: AcknowledgedBatches;
  readonly #times = new SampleTimes();
  readonly #meters: StoreMeters;
  #isClosed = false;
  onJobDue: (() => void) | undefined;
  recovery: Recovery = NO_RECOVERY;

  constructor(options: TsdbOptions) {
    this.#options = options;
    this.#meters = new StoreMeters(options.clock);
    this.#limits = { ...TSDB_LIMITS, ...options.limits };
    this.#retentionMs = options.retentionMs ?? RETENTION_MS;
    this.#seed = options.random.below(0x1_0000_0000);
    this.#index = new IndexWriter(this.#slabs, this.#seed, this.#limits);
    this.#head = new Head(this.#slabs, this.#pool);
    this.#rawKeys = new RawKeys(this.#seed, this.#limits.rawKeyBytes);
    this.#exemplars = new ExemplarRing(this.#limits.exemplarsMax);
    this.#acknowledged = new AcknowledgedBatches(this.#limits.batchIdsMax);
    this.#texts = new IndexReader(this.#slabs, this.#seed);
    this.#disk = options.disk ?? openNodeDisk();
    const wal = new Wal(this.#disk, this.#disk.join(options.folder, "wal"));
    const { segmentBytes } = this.#limits;
    this.#journal = new Journal(wal, this.#index, this.#texts, this.#head.state, segmentBytes);
    this.#applier = new BatchApplier({
      index: this.#index,
      head: this.#head,
      rawKeys: this.#rawKeys,
      exemplars: this.#exemplars,
      refusals: {
        labelsOf: (series) => this.#texts.labelsOf(series),
        limits: this.#limits,
        watch: this.#meters.watch,
      },
    });
    this.#queue = new CommitQueue({
      ...this.#limits,
      commit: (group) => this.#commitGroup(group),
    });
    this.#shelf = new BlockShelf(this.#disk, options.folder);
    this.#maintenance = new Maintenance({
      head: this.#head,
      pool: this.#pool,
      journal: this.#journal,
      acknowledged: this.#acknowledged,
      shelf: this.#shelf,
      clock: options.clock,
      limits: this.#limits,
    });
    this.#publications = new Publications({
      clock: options.clock,
      pinLifeMs: this.#limits.pinLifeMs,
      hashSeed: this.#seed,
      changes: this.#times.changes,
      state: this.#head.state,
      index: this.#index,
      slabs: this.#slabs,
      shelf: this.#shelf,
      maintenance: this.#maintenance,
    });
    const { retentionBytes = Number.POSITIVE_INFINITY } = options;
    this.#retention = new Retention(this.#head, this.#journal, this.#shelf, retentionBytes);
  }

  async open(): Promise<void> {
    const startMs = this.#options.clock.monotonicMs();
    await this.#shelf.load();
    let samples = 0;
    let orphanedRows = 0;
    const found = await this.#journal.replay({
      onSeries: (labels) => {
        const series = this.#index.intern(labels);
        this.#head.state.ensure(this.#index.seriesCount);
        return typeof series === "number" ? series : UNKNOWN_ID;
      },
      onRows: (rows) => {
        const known = this.#replayRows(rows);
        samples += known;
        orphanedRows += rows.count + rows.histograms.length - known;
      },
      onDeletion: (deletion) => this.#applyDeletion(deletion),
      onProgress: this.#options.onReplay,
    });
    this.#publish();
    const tookMs = this.#options.clock.monotonicMs() - startMs;
    const damagedBlocks = [...this.#shelf.damaged];
    const loadedBlocks = this.#shelf.blocks.length;
    this.recovery = { ...found, samples, orphanedRows, tookMs, damagedBlocks, loadedBlocks };
    this.#maintenance.note(this.#times.toMs);
  }

  resolver(source: SourceId): SeriesResolver {
    return this.#rawKeys.resolver(source);
  }

  append(batch: SampleBatch, signal?: AbortSignal): Promise<AppendAck> {
    if (this.#isClosed) return Promise.reject(new OpsError(STORE_ERRORS.closed));
    if (!this.#maintenance.isFull) return this.#queue.append(batch, signal);
    const rows = this.#head.sampleCount;
    return Promise.reject(new OpsError(STORE_ERRORS.overloaded, { rows }));
  }

  rawKeys(known: KnownRawKeys): RawKeyHandles | undefined {
    return this.#rawKeys.handles(known);
  }

  stats(): MetricStoreStats {
    return storeStats({
      index: this.#index,
      rawKeys: this.#rawKeys,
      exemplars: this.#exemplars,
      acknowledged: this.#acknowledged,
      head: this.#head,
      journal: this.#journal,
      pins: this.#publications.pins,
      queue: this.#queue,
      meters: this.#meters,
      shelf: this.#shelf,
      maintenance: this.#maintenance,
      retention: this.#retention,
      recovery: this.recovery,
      headRange: this.#times.range,
    });
  }

  get blocks(): readonly BlockMeta[] {
    return this.#shelf.blocks.map(({ meta }) => meta);
  }

  shared(): TsdbHandles {
    return this.#publications.openReader();
  }

  pin(request: PinRequest): PinReply {
    if (this.#isClosed) throw new OpsError(STORE_ERRORS.closed);
    return this.#publications.pin(request);
  }

  unpin(pinId: number): void {
    this.#publications.pins.close(pinId);
  }

  dropReader(readerId: number): void {
    this.#publications.pins.dropReader(readerId);
  }

  revokeExpired(): void {
    this.#publications.revokeExpired();
  }

  delete(request: DeleteRequest): Promise<void> {
    if (this.#isClosed) return Promise.reject(new OpsError(STORE_ERRORS.closed));
    return new Promise((resolve, reject) => {
      this.#maintenance.delete({ request, resolve, reject });
      this.onJobDue?.();
    });
  }

  async exemplars({ matcherSets, range }: MetadataRequest): Promise<readonly SeriesExemplars[]> {
    const wanted = new Set(this.#match(matcherSets));
    return this.#exemplars.select(wanted, range, (series) => this.#texts.labelsOf(series));
  }

  async requestFlush(): Promise<void> {
    await this.#maintenance.makeRoom(this.#index.seriesCount);
    await this.#queue.betweenGroups(() => this.#freeze());
  }

  async requestCompaction(): Promise<void> {
    await this.requestFlush();
    this.#maintenance.forceCompaction();
    this.onJobDue?.();
  }

  async snapshotTo(name: string): Promise<void> {
    await this.#maintenance.flushed();
    await this.requestFlush();
    await this.#maintenance.flushed();
    const { pinId } = this.pin({ readerId: 0, ids: new Uint32Array(0), known: this.#slabs.counts });
    try {
      await this.#shelf.linkTo(this.#disk.join(this.#options.folder, "snapshots"), name);
    } finally {
      this.unpin(pinId);
    }
  }

  get hasJobDue(): boolean {
    return !this.#isClosed && this.#maintenance.hasJobDue;
  }

  nextJob(known: SlabCounts): DueJob | undefined {
    if (this.#isClosed) return undefined;
    const job = this.#maintenance.nextJob();
    if (job) this.#meters.jobs.begin(job);
    return job && { job, news: this.#publications.news(known) };
  }

  async finishJob(result: MaintenanceResult): Promise<void> {
    const job = this.#maintenance.job;
    if (job?.kind !== result.kind) bug(`a ${result.kind} was done, which was not asked for`);
    this.#meters.jobs.end(result);
    if (result.kind === "flush") this.#takeFlush(result.blocks);
    else if (result.kind === "delete") await this.#takeDeletion(result.tombstones);
    else if (result.kind === "compact" && job.kind === "compact") {
      const removed = job.inputs.map(({ meta }) => meta.name);
      this.#shelf.replace(
        removed,
        result.block ? [result.block] : [],
        this.#publications.advance(),
      );
      this.#maintenance.endJob();
    } else if (result.kind === "companions") {
      this.#shelf.accompany(result.blockName, result.files);
      this.#maintenance.endJob();
    }
    this.#publications.offer();
    await this.#sweep();
  }

  async failJob(problem: string): Promise<void> {
    // Where that fails too, a deletion is not acknowledged before it is done.
    await this.#shelf.removeStrays().catch(() => {});
    this.#meters.jobs.end();
    this.#maintenance.failJob(problem);
  }

  async setAside(blockName: string, problem: string): Promise<void> {
    this.#times.changes.noteAll();
    await this.#shelf.setAside(blockName, problem).finally(() => this.#times.changes.noteAll());
    this.#publications.offer();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#publications.withdraw();
    this.#maintenance.abandon();
    await this.#queue.idle();
    await this.#journal.close();
  }

  #takeFlush(blocks: readonly BlockMeta[]): void {
    const epoch = this.#publications.advance();
    this.#shelf.replace([], blocks, epoch);
    this.#maintenance.releaseFrozen(epoch);
    this.#maintenance.endJob();
  }

  /** The blocks' part is on disk; the head's follows, and both are seen at once. */
  async #takeDeletion(tombstones: Readonly<Record<string, string>>): Promise<void> {
    const deletion = this.#maintenance.deletion ?? bug("a deletion was done that nobody asked for");
    const { fromMs, toMs } = deletion.request.range;
    await this.#queue.betweenGroups(async () => {
      const mark = this.#head.begin();
      try {
        await this.#shelf.removeStrays();
        const ids = this.#match(deletion.request.matcherSets);
        this.#applyDeletion({ ids, fromMs, toMs });
        this.#journal.stageDeletion({ ids, fromMs, toMs });
        await this.#journal.commit();
      } catch (error) {
        this.#head.rollback(mark);
        this.#meters.commits.failures++;
        this.#maintenance.failJob(messageOf(error));
        return;
      }
      this.#times.changes.noteRange({ fromMs, toMs });
      this.#shelf.entomb(tombstones);
      this.#publish();
      this.#maintenance.endJob();
    });
  }

  #applyDeletion({ ids, fromMs, toMs }: Deletion): void {
    this.#head.begin();
    for (const id of ids) this.#head.deleteRange(id, fromMs, toMs);
  }

  #match(matcherSets: readonly (readonly Matcher[])[]): Uint32Array {
    const { counts } = this.#slabs;
    this.#texts.learn(this.#publications.news(counts), counts);
    return this.#texts.matchAny(matcherSets.map((matchers) => matchers.map(valueTest)));
  }

  /** Answers how many rows and histograms had a series. */
  #replayRows(rows: StoredRows): number {
    const { ids, timesMs, valueWords, count } = rows;
    this.#head.begin();
    let known = 0;
    for (let i = 0; i < count; i++) {
      if (ids[i] === UNKNOWN_ID) continue;
      known++;
      this.#head.append(ids[i]!, timesMs[i]!, valueWords[2 * i]!, valueWords[2 * i + 1]!);
    }
    for (const { id, timeMs, blob } of rows.histograms) {
      if (id === UNKNOWN_ID) continue;
      known++;
      this.#head.appendHistogram(id, timeMs, blob);
    }
    for (const { id, ...exemplar } of rows.exemplars) {
      if (id !== UNKNOWN_ID) this.#exemplars.add(id, exemplar);
    }
    // One that damage took a part of may come again.
    if (rows.batchId && known === rows.count + rows.histograms.length)
      this.#acknowledged.remember(rows.batchId, { accepted: rows.accepted, rejections: [] });
    this.#times.note(rows);
    this.#publish();
    return known;
  }

  /** Apply, make durable, publish, acknowledge. A disk that fails gets one more try ([WAL5]). */
  async #commitGroup(group: readonly Waiting[]): Promise<void> {
    let failure: unknown;
    for (let attempt = 0; attempt < 2; attempt++) {
      const mark = this.#head.begin();
      let applied: readonly Applied[] = [];
      try {
        // Before anything is staged: definitions belong to the segment that is then current.
        await this.#journal.rotateIfLarge();
        applied = this.#applyGroup(group);
        await this.#meters.commits.time(group, () => this.#journal.commit());
      } catch (error) {
        failure = error;
        this.#meters.commits.failures++;
        this.#head.rollback(mark);
        this.#forgetBatchIds(applied);
        continue;
      }
      this.#publish();
      for (const { waiting, ack } of applied) waiting.resolve(ack);
      await this.#tidyUp();
      return;
    }
    const inputs = { folder: this.#options.folder, problem: messageOf(failure) };
    for (const { reject } of group) reject(new OpsError(STORE_ERRORS.unwritable, inputs));
  }

  #applyGroup(group: readonly Waiting[]): readonly Applied[] {
    const applied: Applied[] = [];
    const times = {
      fromMs: this.#oldestMs(),
      toMs: this.#options.clock.now() + this.#limits.aheadMs,
    };
    for (const waiting of group) {
      const { batch, signal, reject } = waiting;
      if (signal?.aborted) {
        reject(signal.reason);
        continue;
      }
      const earlier = this.#acknowledged.find(batch.batchId);
      if (earlier) {
        applied.push({ waiting, ack: earlier, isRepeat: true });
        continue;
      }
      const mark = this.#head.begin();
      try {
        const ack = this.#applier.apply(batch, times);
        this.#journal.stage(this.#applier.rows);
        const isRefused = batch.allOrNothing && ack.rejections.length > 0;
        if (batch.batchId && !isRefused) this.#acknowledged.remember(batch.batchId, ack);
        this.#times.note(this.#applier.rows);
        applied.push({ waiting, ack, isRepeat: false });
      } catch (error) {
        this.#head.rollback(mark);
        reject(error);
      }
    }
    return applied;
  }

  #publish(): number {
    const epoch = this.#publications.advance();
    this.#head.publish(epoch);
    this.#times.changes.publish();
    this.#publications.offer();
    this.revokeExpired();
    const oldest = this.#publications.oldestEpoch;
    this.#head.reclaim(oldest);
    this.#pool.reclaim(oldest);
    return epoch;
  }

  /** What keeps memory and disk within their bounds; a failing disk here loses nothing. */
  async #tidyUp(): Promise<void> {
    this.#maintenance.note(this.#times.toMs);
    const moment = { nowMs: this.#options.clock.monotonicMs(), oldestMs: this.#oldestMs() };
    if (this.#retention.isDue(moment)) {
      const doomed = this.#retention.run(this.#index.seriesCount, moment, () => this.#publish());
      this.#maintenance.doom(doomed);
      this.#times.forgetBefore(moment.oldestMs, this.#retention.droppedBlocks);
      await this.#sweep();
    }
    if (this.#maintenance.isFreezeDue(this.#index.seriesCount)) await this.#freeze();
    await this.#maintenance.dropSegments();
    if (this.hasJobDue) this.onJobDue?.();
  }

  async #freeze(): Promise<void> {
    if (this.#isClosed) return;
    try {
      if (!(await this.#maintenance.freeze(this.#index.seriesCount))) return;
      this.#publish();
    } catch {
      // The segment could not be closed: the head goes on, and the next group tries again.
      this.#meters.commits.failures++;
    }
    this.onJobDue?.();
  }

  /** Files that no pin needs any more. */
  async #sweep(): Promise<void> {
    await this.#shelf.sweep(this.#publications.oldestEpoch);
    await this.#maintenance.dropSegments();
  }

  #oldestMs(): number {
    return this.#options.clock.now() - this.#retentionMs;
  }

  #forgetBatchIds(applied: readonly Applied[]): void {
    for (const { waiting, isRepeat } of applied) {
      if (!isRepeat) this.#acknowledged.forget(waiting.batch.batchId);
    }
  }
}
