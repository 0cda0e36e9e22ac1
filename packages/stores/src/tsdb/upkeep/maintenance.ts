import { type Clock, type DeleteRequest, OpsError } from "@hms-ops/model";
import { STORE_ERRORS } from "../../errors.ts";
import type { TsdbLimits } from "../../limits.ts";
import type { AcknowledgedBatches } from "../acknowledged.ts";
import type { FrozenHead, Head } from "../head/head.ts";
import { PLACE_WORDS } from "../head/head-state.ts";
import type { Journal } from "../journal/journal.ts";
import type { SlabPool } from "../memory/arena.ts";
import type { BlockRef, MaintenanceJob } from "../ports.ts";
import { planCompaction } from "./compaction-plan.ts";
import { companionDue } from "./companions.ts";
import { FreezeRoom } from "./freeze-room.ts";
import type { BlockShelf } from "./shelf.ts";
import { FLUSH_BLOCKS_MAX } from "./windows.ts";

/** A job that failed, mostly for want of disk, is due again after this. */
const RETRY_MS = 10_000;
/** How often to look whether a day is complete. */
const ASK_EVERY_MS = 600_000;

export interface MaintenanceParts {
  readonly head: Head;
  readonly pool: SlabPool;
  readonly journal: Journal;
  readonly acknowledged: AcknowledgedBatches;
  readonly shelf: BlockShelf;
  readonly clock: Clock;
  readonly limits: TsdbLimits;
}

interface Frozen {
  readonly head: FrozenHead;
  /** WAL segments that hold nothing newer. */
  readonly segments: readonly number[];
}

export interface PendingDeletion {
  readonly request: DeleteRequest;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Decides when the head is frozen and what a maintainer does next, one job at a time, and takes in
 * what it did. Writer only.
 */
export class Maintenance {
  readonly #parts: MaintenanceParts;
  readonly #room: FreezeRoom;
  #frozen: Frozen | undefined;
  /** Meanwhile no deletion begins: it would miss what is frozen. */
  #isFreezing = false;
  #job: MaintenanceJob | undefined;
  #deletions: PendingDeletion[] = [];
  #flushWaiters: (() => void)[] = [];
  #isForced = false;
  #retryAtMs = Number.NEGATIVE_INFINITY;
  #flushedAtMs = Number.NEGATIVE_INFINITY;
  #askedAtMs = 0;
  /** When and with which newest time the head began to fill. */
  #begunAtMs = Number.NaN;
  #begunNewestMs = Number.NaN;
  #newestMs = Number.NEGATIVE_INFINITY;
  readonly #doomedSegments = new Set<number>();
  readonly counts = {
    flushes: 0,
    compactions: 0,
    failures: 0,
    /** By the limit that made them due. */
    freezes: { headBytes: 0, headAgeMs: 0 },
  };

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
    this.#room = new FreezeRoom(parts.clock);
  }

  get frozenSamples(): number {
    return this.#frozen?.head.sampleCount ?? 0;
  }

  get frozenBytes(): number {
    return this.#frozen?.head.sizeBytes ?? 0;
  }

  /** The head may not grow further before a flush is done. */
  get isFull(): boolean {
    const { head, limits } = this.#parts;
    if (this.#frozen === undefined) return false;
    return head.liveSampleBytes >= 2 * limits.headBytes || head.isLong;
  }

  /**
   * Of the samples that are being flushed; undefined when none are. Of all series: without those
   * that came later.
   */
  frozenPlaces(ids: Uint32Array | "all"): Uint32Array | undefined {
    const places = this.#frozen?.head.places;
    if (!places) return undefined;
    const frozenCount = places.length / PLACE_WORDS;
    if (ids === "all") return places;
    const found = new Uint32Array(ids.length * PLACE_WORDS);
    for (let k = 0; k < ids.length; k++) {
      const id = ids[k]!;
      if (id >= frozenCount) continue;
      const from = id * PLACE_WORDS;
      for (let i = 0; i < PLACE_WORDS; i++) found[k * PLACE_WORDS + i] = places[from + i]!;
    }
    return found;
  }

  /** After each group. */
  note(newestMs: number): void {
    if (newestMs > this.#newestMs) this.#newestMs = newestMs;
    if (!Number.isNaN(this.#begunAtMs) || this.#parts.head.sampleCount === 0) return;
    this.#begunAtMs = this.#parts.clock.monotonicMs();
    this.#begunNewestMs = this.#newestMs;
  }

  /** Groups go on while memory for it is made: then it is due after the first one that follows. */
  isFreezeDue(seriesCount: number): boolean {
    if (this.#passedLimit === undefined) return false;
    if (this.#room.isReady(seriesCount)) return true;
    // Where there is no memory for it, the next group tries again.
    this.#room.make(seriesCount).catch(() => {});
    return false;
  }

  /** For a freeze soon: without it groups wait until it is made. */
  makeRoom(seriesCount: number): Promise<void> {
    return this.#room.make(seriesCount);
  }

  get #passedLimit(): "headBytes" | "headAgeMs" | undefined {
    const { head, clock, limits } = this.#parts;
    if (this.#frozen || this.#job?.kind === "delete" || head.sampleCount === 0) return undefined;
    if (head.liveSampleBytes >= limits.headBytes || head.isLong) return "headBytes";
    if (clock.monotonicMs() - this.#begunAtMs >= limits.headAgeMs) return "headAgeMs";
    const progressMs = this.#newestMs - this.#begunNewestMs;
    const isOld = progressMs >= limits.headAgeMs && head.sampleCount >= limits.flushRowsMin;
    return isOld ? "headAgeMs" : undefined;
  }

  /** Between groups. The caller publishes afterwards. False if it could not be. */
  async freeze(seriesCount: number): Promise<boolean> {
    const { head, journal, acknowledged } = this.#parts;
    if (this.#frozen || this.#job?.kind === "delete" || head.sampleCount === 0) return false;
    const limit = this.#passedLimit;
    let room: Uint32Array | undefined;
    this.#isFreezing = true;
    try {
      room = await this.#room.take(seriesCount);
      await journal.rotate();
      await journal.carryOver(acknowledged.all());
    } finally {
      this.#isFreezing = false;
    }
    const segments = journal.closedSegments.map(({ number }) => number);
    this.#frozen = { head: head.freeze(seriesCount, room), segments };
    if (limit) this.counts.freezes[limit]++;
    this.#begunAtMs = Number.NaN;
    return true;
  }

  /** Settles with the flush of what is frozen now. */
  async flushed(): Promise<void> {
    if (!this.#frozen) return;
    await new Promise<void>((resolve) => this.#flushWaiters.push(resolve));
  }

  forceCompaction(): void {
    this.#isForced = true;
  }

  delete(deletion: PendingDeletion): void {
    this.#deletions.push(deletion);
  }

  /** The deletion of the job under way. */
  get deletion(): PendingDeletion | undefined {
    return this.#job?.kind === "delete" ? this.#deletions[0] : undefined;
  }

  nextJob(): MaintenanceJob | undefined {
    if (this.#job || this.#parts.clock.monotonicMs() < this.#retryAtMs) return undefined;
    this.#job = this.#flushJob() ?? this.#deletionJob() ?? this.#blockJob();
    this.#askedAtMs = this.#parts.clock.monotonicMs();
    if (!this.#job) this.#isForced = false;
    return this.#job;
  }

  get hasJobDue(): boolean {
    if (this.#job || this.#parts.clock.monotonicMs() < this.#retryAtMs) return false;
    if (this.#frozen || this.#deletions.length > 0 || this.#isForced) return true;
    return this.#parts.clock.monotonicMs() - this.#askedAtMs >= ASK_EVERY_MS;
  }

  /** Ends the job under way; the caller has taken in what it did. */
  endJob(): void {
    if (this.#job?.kind === "flush") this.#endFlush();
    if (this.#job?.kind === "compact") this.counts.compactions++;
    if (this.#job?.kind === "delete") this.#deletions.shift()?.resolve();
    this.#job = undefined;
  }

  failJob(problem: string): void {
    if (!this.#job) return;
    this.counts.failures++;
    this.#retryAtMs = this.#parts.clock.monotonicMs() + RETRY_MS;
    this.#job = undefined;
    // Nobody waits for a deletion that a failing disk, or a flush that is due first, holds up.
    const inputs = { folder: this.#parts.shelf.folder, problem };
    for (const { reject } of this.#deletions.splice(0)) {
      reject(new OpsError(STORE_ERRORS.unwritable, inputs));
    }
  }

  /** What is under way and the slabs that go with it. */
  get job(): MaintenanceJob | undefined {
    return this.#job;
  }

  /** The store is closing: nobody may wait any longer. */
  abandon(): void {
    for (const { reject } of this.#deletions) reject(new OpsError(STORE_ERRORS.closed));
    this.#deletions = [];
    for (const resolve of this.#flushWaiters.splice(0)) resolve();
  }

  /** Samples of the segments are in blocks. One that cannot be removed is tried again. */
  async dropSegments(): Promise<void> {
    for (const segment of [...this.#doomedSegments].sort((a, b) => a - b)) {
      try {
        await this.#parts.journal.drop(segment);
      } catch {
        return;
      }
      this.#doomedSegments.delete(segment);
    }
  }

  /** Nothing in these segments is younger than the retention. */
  doom(segments: readonly number[]): void {
    for (const segment of segments) this.#doomedSegments.add(segment);
  }

  /** Gives the frozen slabs back as of an epoch; before `endJob`. */
  releaseFrozen(epoch: number): void {
    if (this.#frozen) this.#parts.pool.release(this.#frozen.head.slabs, epoch);
  }

  #endFlush(): void {
    this.doom(this.#frozen?.segments ?? []);
    this.#frozen = undefined;
    this.#flushedAtMs = this.#parts.clock.now();
    this.counts.flushes++;
    for (const resolve of this.#flushWaiters.splice(0)) resolve();
  }

  /** What is newer came to the head that is filling; older samples in it came late. */
  get #headFromMs(): number {
    const isEmpty = this.#parts.head.sampleCount === 0 || Number.isNaN(this.#begunNewestMs);
    return isEmpty ? Number.POSITIVE_INFINITY : this.#begunNewestMs;
  }

  #flushJob(): MaintenanceJob | undefined {
    if (!this.#frozen) return undefined;
    const firstNumber = this.#parts.shelf.takeNumbers(FLUSH_BLOCKS_MAX);
    return { kind: "flush", places: this.#frozen.head.places, firstNumber };
  }

  #deletionJob(): MaintenanceJob | undefined {
    const request = this.#deletions[0]?.request;
    if (!request || this.#isFreezing) return undefined;
    const { fromMs, toMs } = request.range;
    const blocks = this.#parts.shelf.blocks.filter(
      ({ meta }) => meta.fromMs <= toMs && meta.toMs >= fromMs,
    );
    return { kind: "delete", request, blocks };
  }

  /** What is compacted gets companions only when no compaction wants it any more. */
  #blockJob(): MaintenanceJob | undefined {
    const { shelf, clock } = this.#parts;
    const moment = {
      nowMs: clock.now(),
      flushedAtMs: this.#flushedAtMs,
      headFromMs: this.#headFromMs,
      isForced: this.#isForced,
    };
    const inputs: readonly BlockRef[] | undefined = planCompaction(shelf.blocks, moment);
    if (inputs) return { kind: "compact", inputs, number: shelf.takeNumbers(1) };
    const block = companionDue(shelf.blocks, moment);
    return block && { kind: "companions", block };
  }
}
