import {
  type AppendAck,
  type MetricStoreStats,
  OpsError,
  type SampleBatch,
  type SeriesResolver,
  type SourceId,
} from "@hms-ops/model";
import { openNodeDisk, Wal, type WalRecovery } from "../disk/index.ts";
import { STORE_ERRORS } from "../errors.ts";
import { RETENTION_MS, TSDB_LIMITS, type TsdbLimits } from "../limits.ts";
import { BatchApplier } from "./applier.ts";
import { Head } from "./head/head.ts";
import { IndexReader } from "./index/index-reader.ts";
import { IndexWriter } from "./index/index-writer.ts";
import { RawKeys } from "./index/raw-keys.ts";
import { Journal, UNKNOWN_ID } from "./journal/journal.ts";
import type { StoredRows } from "./journal/records.ts";
import { NO_SLABS, Slabs } from "./memory/slabs.ts";
import { Pins } from "./pins.ts";
import type {
  IndexNews,
  PinReply,
  PinRequest,
  Recovery,
  SlabCounts,
  TsdbHandles,
  TsdbOptions,
  TsdbWriter,
} from "./ports.ts";
import { Upkeep } from "./upkeep.ts";

/** Opens the store's folder, replaying its WAL. The caller's thread becomes the writer. */
export async function openWriter(options: TsdbOptions): Promise<TsdbWriter> {
  const writer = new Writer(options);
  await writer.replay();
  return writer;
}

interface Waiting {
  readonly batch: SampleBatch;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (ack: AppendAck) => void;
  readonly reject: (error: unknown) => void;
}

interface Applied {
  readonly waiting: Waiting;
  readonly ack: AppendAck;
  /** Acknowledged before, under the same batch id. */
  readonly isRepeat: boolean;
}

class Writer implements TsdbWriter {
  readonly #options: TsdbOptions;
  readonly #limits: TsdbLimits;
  readonly #retentionMs: number;
  readonly #seed: number;
  readonly #slabs = new Slabs();
  readonly #index: IndexWriter;
  readonly #head: Head;
  readonly #rawKeys: RawKeys;
  readonly #journal: Journal;
  readonly #applier: BatchApplier;
  readonly #pins: Pins;
  readonly #upkeep: Upkeep;
  readonly #acknowledged = new Map<string, AppendAck>();
  #queue: Waiting[] = [];
  #queuedRows = 0;
  #work: Promise<void> | undefined;
  #isClosed = false;
  #epoch = 0;
  #lastReader = 0;
  #failedCommits = 0;
  #commits = 0;
  #range: { fromMs: number; toMs: number } | undefined;
  recovery: Recovery = {
    segments: 0,
    samples: 0,
    orphanedRows: 0,
    tornTails: 0,
    damagedStretches: 0,
    damagedBytes: 0,
    tookMs: 0,
  };

  constructor(options: TsdbOptions) {
    this.#options = options;
    this.#limits = { ...TSDB_LIMITS, ...options.limits };
    this.#retentionMs = options.retentionMs ?? RETENTION_MS;
    this.#seed = options.random.below(0x1_0000_0000);
    this.#index = new IndexWriter(this.#slabs, this.#seed, this.#limits);
    this.#head = new Head(this.#slabs);
    this.#rawKeys = new RawKeys(this.#seed, this.#limits.rawKeyBytes);
    const texts = new IndexReader(this.#slabs, this.#seed);
    const disk = options.disk ?? openNodeDisk();
    const wal = new Wal(disk, disk.join(options.folder, "wal"));
    const { segmentBytes } = this.#limits;
    this.#journal = new Journal(wal, this.#index, texts, this.#head.state, segmentBytes);
    this.#applier = new BatchApplier(this.#index, this.#head, this.#rawKeys, (series) =>
      texts.labelsOf(series),
    );
    this.#pins = new Pins(this.#limits.pinLifeMs);
    this.#upkeep = new Upkeep(this.#head, this.#journal, this.#limits.headBytes);
  }

  async replay(): Promise<void> {
    const startMs = this.#options.clock.monotonicMs();
    let samples = 0;
    let orphanedRows = 0;
    const found: WalRecovery = await this.#journal.replay(
      (labels) => {
        const series = this.#index.intern(labels);
        this.#head.state.ensure(this.#index.seriesCount);
        return typeof series === "number" ? series : UNKNOWN_ID;
      },
      (rows) => {
        const known = this.#replayRows(rows);
        samples += known;
        orphanedRows += rows.count - known;
      },
    );
    await this.#upkeep.dropDoomed();
    const tookMs = this.#options.clock.monotonicMs() - startMs;
    this.recovery = { ...found, samples, orphanedRows, tookMs };
  }

  resolver(source: SourceId): SeriesResolver {
    return this.#rawKeys.resolver(source);
  }

  append(batch: SampleBatch, signal?: AbortSignal): Promise<AppendAck> {
    if (this.#isClosed) return Promise.reject(new OpsError(STORE_ERRORS.closed));
    if (this.#queuedRows > 0 && this.#queuedRows + batch.count > this.#limits.queuedRowsMax) {
      const rows = this.#queuedRows;
      return Promise.reject(new OpsError(STORE_ERRORS.overloaded, { rows }));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ batch, signal, resolve, reject });
      this.#queuedRows += batch.count;
      this.#work ??= this.#drain();
    });
  }

  stats(): MetricStoreStats {
    const details = {
      head_bytes: this.#head.sizeBytes,
      index_bytes: this.#index.sizeBytes + this.#rawKeys.sizeBytes,
      wal_bytes: this.#journal.sizeBytes,
      wal_segments: this.#journal.segmentCount,
      wal_commits_total: this.#commits,
      wal_failed_commits_total: this.#failedCommits,
      dropped_samples_total: this.#head.droppedSamples,
      dropped_segments_total: this.#upkeep.droppedSegments,
      open_pins: this.#pins.count,
      queued_rows: this.#queuedRows,
      recovery_samples: this.recovery.samples,
      recovery_torn_tails: this.recovery.tornTails,
      recovery_damaged_stretches: this.recovery.damagedStretches,
      recovery_orphaned_rows: this.recovery.orphanedRows,
    };
    return {
      seriesCount: this.#index.seriesCount,
      sampleCount: this.#head.sampleCount,
      labelPairCount: this.#index.pairCount,
      range: this.#head.sampleCount > 0 ? this.#range : undefined,
      details,
    };
  }

  shared(): TsdbHandles {
    return {
      readerId: ++this.#lastReader,
      hashSeed: this.#seed,
      flags: this.#pins.flags.memory,
      pinLifeMs: this.#limits.pinLifeMs,
      news: this.#news(NO_SLABS),
    };
  }

  pin({ readerId, ids, known }: PinRequest): PinReply {
    if (this.#isClosed) throw new OpsError(STORE_ERRORS.closed);
    const { clock } = this.#options;
    const { pinId, slot } = this.#pins.open(readerId, this.#epoch, clock.monotonicMs());
    const places = this.#head.state.gather(ids, this.#index.seriesCount);
    return { pinId, slot, places, news: this.#news(known) };
  }

  unpin(pinId: number): void {
    this.#pins.close(pinId);
  }

  dropReader(readerId: number): void {
    this.#pins.dropReader(readerId);
  }

  revokeExpired(): void {
    this.#pins.revokeExpired(this.#options.clock.monotonicMs());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#work;
    await this.#journal.close();
  }

  #news(known: SlabCounts): IndexNews {
    const { seriesCount, pairCount, nameCount } = this.#index;
    return { slabs: this.#slabs.since(known), seriesCount, pairCount, nameCount };
  }

  /** Answers how many rows had a series. */
  #replayRows(rows: StoredRows): number {
    const { ids, timesMs, valueWords, count } = rows;
    this.#head.begin();
    let known = 0;
    for (let i = 0; i < count; i++) {
      if (ids[i] === UNKNOWN_ID) continue;
      known++;
      this.#head.append(ids[i]!, timesMs[i]!, valueWords[2 * i]!, valueWords[2 * i + 1]!);
    }
    if (rows.batchId) this.#remember(rows.batchId, { accepted: rows.accepted, rejections: [] });
    this.#noteRange(rows);
    this.#publish();
    this.#upkeep.shed(this.#index.seriesCount, (cutoffMs) => this.#publishDrop(cutoffMs));
    return known;
  }

  /** One group after another, as long as something waits. */
  async #drain(): Promise<void> {
    // Batches that arrive in the same turn share a group.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#commitGroup(this.#takeGroup());
    this.#work = undefined;
  }

  #takeGroup(): readonly Waiting[] {
    let rows = 0;
    let count = 0;
    while (count < this.#queue.length && (count === 0 || rows < this.#limits.groupRowsMax)) {
      rows += this.#queue[count++]!.batch.count;
    }
    const group = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    this.#queuedRows -= rows;
    return group;
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
        await this.#journal.commit();
      } catch (error) {
        failure = error;
        this.#failedCommits++;
        this.#head.rollback(mark);
        this.#forgetBatchIds(applied);
        continue;
      }
      this.#commits++;
      this.#publish();
      for (const { waiting, ack } of applied) waiting.resolve(ack);
      await this.#tidyUp();
      return;
    }
    const problem = failure instanceof Error ? failure.message : String(failure);
    const inputs = { folder: this.#options.folder, problem };
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
      const earlier =
        batch.batchId === undefined ? undefined : this.#acknowledged.get(batch.batchId);
      if (earlier) {
        applied.push({ waiting, ack: earlier, isRepeat: true });
        continue;
      }
      const mark = this.#head.begin();
      try {
        const ack = this.#applier.apply(batch, times);
        this.#journal.stage(this.#applier.rows);
        const isRefused = batch.allOrNothing && ack.rejections.length > 0;
        if (batch.batchId && !isRefused) this.#remember(batch.batchId, ack);
        this.#noteRange(this.#applier.rows);
        applied.push({ waiting, ack, isRepeat: false });
      } catch (error) {
        this.#head.rollback(mark);
        reject(error);
      }
    }
    return applied;
  }

  #publish(): void {
    this.#epoch++;
    this.#head.publish(this.#epoch);
    this.revokeExpired();
    this.#head.reclaim(this.#pins.oldestEpoch(this.#epoch));
  }

  #publishDrop(cutoffMs: number): void {
    this.#publish();
    const range = this.#range;
    if (range) range.fromMs = Math.min(range.toMs, Math.max(range.fromMs, cutoffMs + 1));
  }

  /** What keeps memory and disk within their bounds; a failing disk here loses nothing. */
  async #tidyUp(): Promise<void> {
    const { seriesCount } = this.#index;
    const onDrop = (cutoffMs: number) => this.#publishDrop(cutoffMs);
    this.#upkeep.forget(seriesCount, this.#oldestMs(), this.#options.clock, onDrop);
    if (this.#upkeep.isOver && this.#journal.closedSegments.length === 0) {
      await this.#journal.rotate().catch(() => {
        this.#failedCommits++;
      });
    }
    this.#upkeep.shed(seriesCount, onDrop);
    await this.#upkeep.dropDoomed();
  }

  #oldestMs(): number {
    return this.#options.clock.now() - this.#retentionMs;
  }

  #remember(batchId: string, ack: AppendAck): void {
    this.#acknowledged.set(batchId, ack);
    if (this.#acknowledged.size <= this.#limits.batchIdsMax) return;
    for (const oldest of this.#acknowledged.keys()) {
      this.#acknowledged.delete(oldest);
      return;
    }
  }

  #forgetBatchIds(applied: readonly Applied[]): void {
    for (const { waiting, isRepeat } of applied) {
      if (!isRepeat) this.#acknowledged.delete(waiting.batch.batchId ?? "");
    }
  }

  #noteRange({ count, timesMs }: StoredRows): void {
    if (count === 0) return;
    const range = this.#range ?? { fromMs: timesMs[0]!, toMs: timesMs[0]! };
    for (let i = 0; i < count; i++) {
      const timeMs = timesMs[i]!;
      if (timeMs < range.fromMs) range.fromMs = timeMs;
      if (timeMs > range.toMs) range.toMs = timeMs;
    }
    this.#range = range;
  }
}
