import type { TimeRange } from "@hms-ops/model";
import { allocateShared, type SharedMemory, SharedWords } from "./shared.ts";

/*
 * Which minutes were changed when, so that an answer that was kept can be told to hold still. One
 * word a minute holds the number of the publication that last changed a sample of it; minutes a
 * year apart share a word, which at worst forgets an answer that was still right.
 *
 *   word 0: number of the last publication that changed something
 *   word 1: raised when anything at any time may have changed
 *   word 2: minute before which samples may have been dropped
 *   word 16 …: by minute, modulo MINUTES
 *
 * The order makes it sound: a minute's word is written before the samples of its publication are
 * seen, word 0 in the same turn in which they are. A reader takes its stamp before it pins, so that
 * what it reads is at least as new as the stamp. Numbers go round after 2^31 publications; a stamp
 * must be used within a day.
 */
const LAST = 0;
const EVERYTHING = 1;
const FORGOTTEN = 2;
const FIRST_MINUTE = 16;
const MINUTE_MS = 60_000;
/** Nearly a year. */
const MINUTES = 1 << 19;

/** How far the store's changes had come. Data: crosses threads, means nothing to another run. */
export interface Generation {
  readonly last: number;
  readonly everything: number;
}

/** The writer's side. */
export class ChangedMinutes {
  readonly memory: SharedMemory = allocateShared((FIRST_MINUTE + MINUTES) * 4);
  readonly #words = new SharedWords(this.memory);
  #isChanged = false;

  constructor() {
    this.#words.store(FORGOTTEN, -(2 ** 31));
  }

  /** Hot: samples of one minute mostly follow one another. */
  note(timesMs: ArrayLike<number>, count: number): void {
    const words = this.#words;
    const next = (words.load(LAST) + 1) | 0;
    let fromMs = 0;
    let toMs = 0;
    for (let i = 0; i < count; i++) {
      const timeMs = timesMs[i]!;
      if (timeMs >= fromMs && timeMs < toMs) continue;
      const minute = Math.floor(timeMs / MINUTE_MS);
      fromMs = minute * MINUTE_MS;
      toMs = fromMs + MINUTE_MS;
      words.store(placeOf(minute), next);
      this.#isChanged = true;
    }
  }

  noteRange({ fromMs, toMs }: TimeRange): void {
    const first = Math.floor(fromMs / MINUTE_MS);
    const last = Math.floor(toMs / MINUTE_MS);
    if (!(last - first < MINUTES)) {
      this.noteAll();
      return;
    }
    const next = (this.#words.load(LAST) + 1) | 0;
    for (let minute = first; minute <= last; minute++) {
      this.#words.store(placeOf(minute), next);
    }
    this.#isChanged = true;
  }

  /** To be called in the turn in which it is seen, or before and after it. */
  noteAll(): void {
    this.#words.store(EVERYTHING, (this.#words.load(EVERYTHING) + 1) | 0);
  }

  /** Samples before it may be gone. */
  forgetBefore(timeMs: number): void {
    if (!Number.isFinite(timeMs)) return;
    const minute = Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.ceil(timeMs / MINUTE_MS)));
    this.#words.store(FORGOTTEN, minute);
  }

  /** In the turn in which what was noted is seen. */
  publish(): void {
    if (!this.#isChanged) return;
    this.#words.store(LAST, (this.#words.load(LAST) + 1) | 0);
    this.#isChanged = false;
  }
}

/** A reader's side, in any thread. */
export class Generations {
  readonly #words: SharedWords;

  constructor(memory: SharedMemory) {
    this.#words = new SharedWords(memory);
  }

  /** To be taken before the snapshot whose answers it stamps. */
  now(): Generation {
    const last = this.#words.load(LAST);
    return { last, everything: this.#words.load(EVERYTHING) };
  }

  /**
   * Calls with each stretch of time, in order, of which an answer as old as the generation may be
   * wrong. False: it may be wrong everywhere. The stretches are those of whole minutes.
   */
  changesSince(
    { last, everything }: Generation,
    { fromMs, toMs }: TimeRange,
    changed: (fromMs: number, toMs: number) => void,
  ): boolean {
    const words = this.#words;
    if (words.load(EVERYTHING) !== everything) return false;
    const firstMinute = Math.floor(fromMs / MINUTE_MS);
    const lastMinute = Math.floor(toMs / MINUTE_MS);
    if (!(lastMinute - firstMinute < MINUTES)) return false;
    const forgotten = words.load(FORGOTTEN);
    if (firstMinute < forgotten) {
      changed(fromMs, Math.min(forgotten - 1, lastMinute) * MINUTE_MS + MINUTE_MS - 1);
    }
    for (let minute = Math.max(firstMinute, forgotten); minute <= lastMinute; minute++) {
      if (((words.load(placeOf(minute)) - last) | 0) <= 0) continue;
      const startMs = minute * MINUTE_MS;
      changed(startMs, startMs + MINUTE_MS - 1);
    }
    return true;
  }
}

function placeOf(minute: number): number {
  return FIRST_MINUTE + (minute & (MINUTES - 1));
}
