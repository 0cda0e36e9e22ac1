import type { Head } from "../head/head.ts";
import type { Journal } from "../journal/journal.ts";
import { bytesOf } from "./companions.ts";
import type { BlockShelf } from "./shelf.ts";

/** How often retention looks for what has become too old: it walks over all series. */
const FORGET_EVERY_MS = 600_000;

export interface RetentionMoment {
  /** Of the monotonic clock. */
  readonly nowMs: number;
  readonly oldestMs: number;
}

/** Drops what is older than the retention, and the oldest blocks beyond its bytes ([KEEP2]). */
export class Retention {
  readonly #head: Head;
  readonly #journal: Journal;
  readonly #shelf: BlockShelf;
  readonly #maxBytes: number;
  #ranAtMs = Number.NEGATIVE_INFINITY;
  droppedSegments = 0;
  droppedBlocks = 0;

  constructor(head: Head, journal: Journal, shelf: BlockShelf, maxBytes: number) {
    this.#head = head;
    this.#journal = journal;
    this.#shelf = shelf;
    this.#maxBytes = maxBytes;
  }

  isDue({ nowMs, oldestMs }: RetentionMoment): boolean {
    if (nowMs - this.#ranAtMs < FORGET_EVERY_MS) return false;
    return Number.isFinite(oldestMs) || Number.isFinite(this.#maxBytes);
  }

  /**
   * Between groups. Answers the WAL segments that hold nothing younger; `publish` makes it seen and
   * answers the epoch since which it is.
   */
  run(seriesCount: number, moment: RetentionMoment, publish: () => number): readonly number[] {
    this.#ranAtMs = moment.nowMs;
    this.#head.begin();
    this.#head.dropBefore(seriesCount, moment.oldestMs - 1);
    const epoch = publish();
    const dropped = this.#expiredBlocks(moment.oldestMs);
    if (dropped.length > 0) this.#shelf.replace(dropped, [], epoch);
    this.droppedBlocks += dropped.length;
    const doomed = this.#journal.closedSegments
      .filter(({ maxMs }) => maxMs < moment.oldestMs)
      .map(({ number }) => number);
    this.droppedSegments += doomed.length;
    return doomed;
  }

  #expiredBlocks(oldestMs: number): readonly string[] {
    const oldestFirst = [...this.#shelf.blocks].sort((a, b) => a.meta.toMs - b.meta.toMs);
    let sizeBytes = this.#shelf.sizeBytes;
    const expired: string[] = [];
    for (const ref of oldestFirst) {
      const { meta } = ref;
      if (meta.toMs >= oldestMs && sizeBytes <= this.#maxBytes) break;
      sizeBytes -= bytesOf(ref);
      expired.push(meta.name);
    }
    return expired;
  }
}
