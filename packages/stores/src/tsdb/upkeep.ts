import type { Clock } from "@hms-ops/model";
import type { Head } from "./head/head.ts";
import type { Journal } from "./journal/journal.ts";

/** How often retention looks for what has become too old: it walks over all series. */
const FORGET_EVERY_MS = 600_000;
/** Shedding goes on to here, so that it is not needed again at once. */
const SHED_TO = 0.9;

/**
 * Keeps the store within its memory limit and its retention. Both drop whole chunks and whole WAL
 * segments; a segment goes when all its samples may go ([KEEP1], [KEEP2]).
 */
export class Upkeep {
  readonly #head: Head;
  readonly #journal: Journal;
  readonly #headBytes: number;
  readonly #doomed = new Set<number>();
  #forgottenAtMs = Number.NEGATIVE_INFINITY;
  #droppedSegments = 0;

  constructor(head: Head, journal: Journal, headBytes: number) {
    this.#head = head;
    this.#journal = journal;
    this.#headBytes = headBytes;
  }

  get droppedSegments(): number {
    return this.#droppedSegments;
  }

  get isOver(): boolean {
    return this.#head.liveSampleBytes > this.#headBytes;
  }

  /** Over the memory limit: the oldest go, counted as dropped. */
  shed(seriesCount: number, onDrop: (cutoffMs: number) => void): void {
    if (!this.isOver) return;
    while (this.#head.liveSampleBytes > this.#headBytes * SHED_TO) {
      const left = this.#journal.closedSegments.filter(({ number }) => !this.#doomed.has(number));
      if (left.length === 0) return;
      const cutoffMs = Math.min(...left.map(({ maxMs }) => maxMs));
      this.#head.countDropped(this.#dropUpTo(seriesCount, cutoffMs, onDrop));
    }
  }

  /** Beyond the retention: what is older than a time goes, now and then. */
  forget(
    seriesCount: number,
    oldestMs: number,
    clock: Clock,
    onDrop: (cutoffMs: number) => void,
  ): void {
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#forgottenAtMs < FORGET_EVERY_MS || !Number.isFinite(oldestMs)) return;
    this.#forgottenAtMs = nowMs;
    this.#dropUpTo(seriesCount, oldestMs - 1, onDrop);
  }

  /** Removes the segments that were given up. One that cannot be removed is tried again. */
  async dropDoomed(): Promise<void> {
    for (const segment of [...this.#doomed]) {
      try {
        await this.#journal.drop(segment);
      } catch {
        return;
      }
      this.#doomed.delete(segment);
      this.#droppedSegments++;
    }
  }

  #dropUpTo(seriesCount: number, cutoffMs: number, onDrop: (cutoffMs: number) => void): number {
    this.#head.begin();
    const dropped = this.#head.dropBefore(seriesCount, cutoffMs);
    for (const { number, maxMs } of this.#journal.closedSegments) {
      if (maxMs <= cutoffMs) this.#doomed.add(number);
    }
    onDrop(cutoffMs);
    return dropped;
  }
}
