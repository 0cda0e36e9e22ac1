import { allocateShared, wordsToShare } from "../shared.ts";

/**
 * What the head knows of each series, 16 words apart (a cache line). The first PLACE_WORDS are what
 * a pin hands to a reader; the others are the writer's own.
 */
export const OPEN_PLACE = 0;
export const OPEN_COUNT = 1;
export const DIRECTORY_PLACE = 2;
export const DIRECTORY_COUNT = 3;
export const FIRST_TIME = 4;
export const LAST_TIME = 6;
export const OPEN_CAPACITY = 8;
export const DIRECTORY_CAPACITY = 9;
export const OPEN_BASE = 10;
/** Words from here on are stamps, which an undo may leave. */
const UNDONE_WORDS = 12;
/** WAL segment that last defined the series. */
export const DEFINED_IN = 12;
/** Batch that last changed the series, its directory, or wrote its open chunk anew. */
const TOUCHED_BY = 13;
export const DIRECTORY_BY = 14;
export const OPEN_BY = 15;

export const STATE_WORDS = 16;
/** Open place and count, directory place and count, first and last time as doubles. */
export const PLACE_WORDS = 8;

/** A directory entry: place, units, first time as a double. One unit each. */
export const ENTRY_WORDS = 4;

const UNDO_WORDS = UNDONE_WORDS + 1;

/**
 * The series' states, and how to go back to what is published of them. Writer only, but for the
 * words, which readers look at while all of them are published.
 *
 * A record of the undo log: | state | its words before a batch's first change |. The first one of a
 * series since the last publication is what is published of it; of all others the state itself is.
 */
export class HeadState {
  /** Called before the first change after a publication. */
  onChange: () => void = () => {};
  words: Uint32Array = new Uint32Array(0);
  /** The same memory: double i stands at words 2i, 2i + 1. */
  doubles: Float64Array = new Float64Array(0);
  #undo = new Uint32Array(UNDO_WORDS * 1_024);
  #undoCount = 0;
  /** By series: where in the log its first record's words begin; 0 = it has none. */
  #before = new Uint32Array(0);
  #batch = 1;
  #isPublished = false;

  /** Number of the batch that is being applied. */
  get batch(): number {
    return this.#batch;
  }

  get mark(): number {
    return this.#undoCount;
  }

  get sizeBytes(): number {
    return this.words.byteLength + this.#before.byteLength + this.#undo.byteLength;
  }

  /** Whether the words are what is published, of all series. */
  get isPublished(): boolean {
    return this.#isPublished;
  }

  nextBatch(): void {
    this.#batch = this.#batch === 0xffff_ffff ? 1 : this.#batch + 1;
  }

  ensure(seriesCount: number): void {
    const held = this.words.length / STATE_WORDS;
    if (seriesCount <= held) return;
    const capacity = Math.max(seriesCount, held + (held >>> 2), 1_024);
    const length = capacity * STATE_WORDS;
    const words = new Uint32Array(allocateShared(length * 4), 0, length);
    words.set(this.words);
    this.words = words;
    this.doubles = new Float64Array(words.buffer);
    const before = new Uint32Array(capacity);
    before.set(this.#before);
    this.#before = before;
  }

  /** Must come before a batch's first change of a series. */
  touch(state: number): void {
    const { words } = this;
    if (words[state + TOUCHED_BY] === this.#batch) return;
    if (this.#isPublished) this.#beginChange();
    words[state + TOUCHED_BY] = this.#batch;
    if (this.#undoCount === this.#undo.length) {
      const undo = new Uint32Array(this.#undo.length * 2);
      undo.set(this.#undo);
      this.#undo = undo;
    }
    const undo = this.#undo;
    let to = this.#undoCount;
    undo[to++] = state;
    const series = state / STATE_WORDS;
    if (this.#before[series] === 0) this.#before[series] = to;
    for (let i = 0; i < UNDONE_WORDS; i++) undo[to++] = words[state + i]!;
    this.#undoCount = to;
  }

  rollback(mark: number): void {
    const { words } = this;
    while (this.#undoCount > mark) {
      this.#undoCount -= UNDO_WORDS;
      const from = this.#undoCount;
      const state = this.#undo[from]!;
      words.set(this.#undo.subarray(from + 1, from + UNDO_WORDS), state);
      if (this.#before[state / STATE_WORDS] === from + 1) this.#before[state / STATE_WORDS] = 0;
      words.fill(0, state + TOUCHED_BY, state + STATE_WORDS);
    }
    this.nextBatch();
  }

  publish(): void {
    for (let at = 0; at < this.#undoCount; at += UNDO_WORDS) {
      this.#before[this.#undo[at]! / STATE_WORDS] = 0;
    }
    this.#undoCount = 0;
    this.#isPublished = true;
  }

  /**
   * Hands over what is published of all series, and forgets it. Hot: everybody waits for it. `room`:
   * words that are 0, used where they are just as many as it takes.
   */
  takeAll(seriesCount: number, room?: Uint32Array): Uint32Array {
    this.#beginChange();
    const { words, doubles } = this;
    const length = seriesCount * PLACE_WORDS;
    const places = room?.length === length ? room : wordsToShare(length);
    for (let series = 0; series < seriesCount; series++) {
      const state = series * STATE_WORDS;
      // Neither now nor as it is published has it samples, or room for them; its stamps are of
      // batches that are over.
      const isEmpty = words[state + OPEN_COUNT] === 0 && words[state + DIRECTORY_PLACE] === 0;
      if (isEmpty && this.#before[series] === 0) continue;
      this.#copyPlaces(series, places, series);
      const first = state >>> 1;
      for (let i = first; i < first + UNDONE_WORDS / 2; i++) doubles[i] = 0;
    }
    return places;
  }

  /** What a pin hands out, PLACE_WORDS a series; in `room` if it is of just that length. */
  gather(ids: Uint32Array | "all", seriesCount: number, room?: Uint32Array): Uint32Array {
    const count = ids === "all" ? seriesCount : ids.length;
    const length = count * PLACE_WORDS;
    const places = room?.length === length ? room : new Uint32Array(length);
    for (let k = 0; k < count; k++) this.#copyPlaces(ids === "all" ? k : ids[k]!, places, k);
    return places;
  }

  #beginChange(): void {
    this.#isPublished = false;
    this.onChange();
  }

  #copyPlaces(series: number, places: Uint32Array, row: number): void {
    const before = this.#before[series]!;
    const source = before === 0 ? this.words : this.#undo;
    let from = before === 0 ? series * STATE_WORDS : before;
    let to = row * PLACE_WORDS;
    for (let i = 0; i < PLACE_WORDS; i++) places[to++] = source[from++]!;
  }
}
