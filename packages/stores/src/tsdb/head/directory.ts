import { bug } from "@hms-ops/model";
import { type Arena, UNITS_MAX, viewOf, wordOf } from "../memory/arena.ts";
import type { Columns } from "../memory/columns.ts";
import type { SlabView } from "../memory/slabs.ts";
import {
  CHUNK_ROWS,
  CHUNK_ROWS_MAX,
  CHUNK_SPAN_MS,
  type ChunkSealer,
  decodeSealed,
  readTime,
  sealedCount,
  writeTime,
} from "./chunk.ts";
import {
  DIRECTORY_BY,
  DIRECTORY_CAPACITY,
  DIRECTORY_COUNT,
  DIRECTORY_PLACE,
  ENTRY_WORDS,
  FIRST_TIME,
  type HeadState,
  OPEN_BASE,
} from "./head-state.ts";
import { isSameValue } from "./histogram-place.ts";
import { CONFLICTING, REPEATED, type RowVerdict, STORED } from "./verdict.ts";

/** More would not fit one slab. */
const ENTRIES_MAX = 1 << Math.floor(Math.log2(UNITS_MAX));
/** A head with a series as long as this is due for a flush; replay may have to hold two of them. */
const ENTRIES_LONG = ENTRIES_MAX / 4;

/**
 * The list of a series' sealed chunks, rising in time. Entries are added in place, beyond what any
 * pin counts; every other change writes the list anew, once a batch. Writer only.
 */
export class Directory {
  readonly #state: HeadState;
  readonly #arena: Arena;
  readonly #views: readonly SlabView[];
  readonly #sealer: ChunkSealer;
  /** Shared with the head: holds the rows in hand. */
  readonly #rows: Columns;
  #isLong = false;

  constructor(
    state: HeadState,
    arena: Arena,
    views: readonly SlabView[],
    sealer: ChunkSealer,
    rows: Columns,
  ) {
    this.#state = state;
    this.#arena = arena;
    this.#views = views;
    this.#sealer = sealer;
    this.#rows = rows;
  }

  /** Whether some series has so many chunks that the head should be flushed. */
  get isLong(): boolean {
    return this.#isLong;
  }

  /** Seals rows [from, to) in hand as the newest chunk. */
  append(state: number, from: number, to: number): void {
    const { words } = this.#state;
    const count = words[state + DIRECTORY_COUNT]!;
    if (count === words[state + DIRECTORY_CAPACITY]) this.#rewrite(state, 0, count * 2 || 1);
    this.#sealAt(state, count, from, to);
    words[state + DIRECTORY_COUNT] = count + 1;
    if (count >= ENTRIES_LONG) this.#isLong = true;
  }

  /** A row older than the open chunk. */
  insert(state: number, timeMs: number, low: number, high: number): RowVerdict {
    const found = this.#entryBefore(state, timeMs);
    const { words } = this.#state;
    const entry = found < 0 && words[state + DIRECTORY_COUNT]! > 0 ? 0 : found;
    const rows = this.#rows;
    if (entry < 0 || !this.#load(state, entry, timeMs)) {
      rows.count = 0;
      rows.insert(0, timeMs, low, high);
      this.#own(state, 1);
      this.#openGap(state, found + 1);
      this.#sealAt(state, found + 1, 0, 1);
      return STORED;
    }
    const at = rows.firstAt(timeMs);
    if (at < rows.count && rows.timesMs[at] === timeMs) {
      const { valueWords } = rows;
      const isSame = isSameValue(this.#views, valueWords, 2 * at, low, high);
      return isSame ? REPEATED : CONFLICTING;
    }
    this.#own(state, 1);
    this.#releaseChunk(state, entry);
    rows.insert(at, timeMs, low, high);
    if (rows.count <= CHUNK_ROWS_MAX) {
      this.#sealAt(state, entry, 0, rows.count);
      return STORED;
    }
    this.#openGap(state, entry + 1);
    this.#sealAt(state, entry, 0, CHUNK_ROWS);
    this.#sealAt(state, entry + 1, CHUNK_ROWS, rows.count);
    return STORED;
  }

  /** Adds all rows of all chunks. */
  readAll(state: number, into: Columns): void {
    for (let entry = 0; entry < this.#state.words[state + DIRECTORY_COUNT]!; entry++) {
      const place = this.#entryWords(state)[this.#entryAt(state, entry)]!;
      const firstMs = this.#firstOf(state, entry);
      decodeSealed(viewOf(this.#views, place), wordOf(place), firstMs, into);
    }
  }

  /** Drops chunks that end at or before a time. Answers how many rows went. */
  dropOldest(state: number, cutoffMs: number): number {
    const { words, doubles } = this.#state;
    const count = words[state + DIRECTORY_COUNT]!;
    let gone = 0;
    while (gone < count && this.#followingFirst(state, gone) <= cutoffMs) gone++;
    if (cutoffMs === Number.POSITIVE_INFINITY) gone = count;
    if (gone === 0) return 0;
    const dropped = this.#dropFirst(state, gone);
    doubles[(state + FIRST_TIME) >> 1] = this.#followingFirst(state, -1);
    return dropped;
  }

  #dropFirst(state: number, gone: number): number {
    const { words } = this.#state;
    let dropped = 0;
    for (let entry = 0; entry < gone; entry++) {
      const place = this.#entryWords(state)[this.#entryAt(state, entry)]!;
      dropped += sealedCount(viewOf(this.#views, place).words, wordOf(place));
      this.#releaseChunk(state, entry);
    }
    const left = words[state + DIRECTORY_COUNT]! - gone;
    if (left > 0) this.#rewrite(state, gone, words[state + DIRECTORY_CAPACITY]!);
    else this.#releaseList(state);
    words[state + DIRECTORY_COUNT] = left;
    return dropped;
  }

  /** First time of the entry after this one, or of the open chunk. */
  #followingFirst(state: number, entry: number): number {
    const { words, doubles } = this.#state;
    if (entry + 1 === words[state + DIRECTORY_COUNT]) return doubles[(state + OPEN_BASE) >> 1]!;
    return this.#firstOf(state, entry + 1);
  }

  /** The last entry that starts at or before a time; −1 if none does. */
  #entryBefore(state: number, timeMs: number): number {
    let low = 0;
    let high = this.#state.words[state + DIRECTORY_COUNT]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#firstOf(state, middle) <= timeMs) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Takes an entry's rows in hand; false if a row at this time would stretch it too far. */
  #load(state: number, entry: number, timeMs: number): boolean {
    const place = this.#entryWords(state)[this.#entryAt(state, entry)]!;
    const firstMs = this.#firstOf(state, entry);
    const rows = this.#rows;
    rows.count = 0;
    decodeSealed(viewOf(this.#views, place), wordOf(place), firstMs, rows);
    const lastMs = rows.timesMs[rows.count - 1]!;
    return Math.max(lastMs, timeMs) - Math.min(firstMs, timeMs) < CHUNK_SPAN_MS;
  }

  /** Makes the list this batch's own, with room for more entries: nobody else sees it change. */
  #own(state: number, more: number): void {
    const { words, batch } = this.#state;
    this.#state.touch(state);
    const needed = words[state + DIRECTORY_COUNT]! + more;
    let capacity = Math.max(1, words[state + DIRECTORY_CAPACITY]!);
    const isOurs = words[state + DIRECTORY_BY] === batch && needed <= capacity;
    while (capacity < needed) capacity *= 2;
    if (!isOurs) this.#rewrite(state, 0, capacity);
    if (needed > ENTRIES_LONG) this.#isLong = true;
  }

  /** Copies the entries from `start` on to a new place. */
  #rewrite(state: number, start: number, capacity: number): void {
    const { words, batch } = this.#state;
    const count = words[state + DIRECTORY_COUNT]!;
    if (capacity > ENTRIES_MAX) bug("a series of more chunks than a head may hold");
    const place = this.#arena.take(capacity);
    if (count > 0) {
      const from = this.#entryAt(state, start);
      const source = this.#entryWords(state).subarray(from, from + (count - start) * ENTRY_WORDS);
      viewOf(this.#views, place).words.set(source, wordOf(place));
    }
    this.#releaseList(state);
    words[state + DIRECTORY_PLACE] = place;
    words[state + DIRECTORY_CAPACITY] = capacity;
    words[state + DIRECTORY_BY] = batch;
  }

  #releaseList(state: number): void {
    const { words } = this.#state;
    const capacity = words[state + DIRECTORY_CAPACITY]!;
    if (capacity > 0) this.#arena.release(words[state + DIRECTORY_PLACE]!, capacity);
    words[state + DIRECTORY_PLACE] = 0;
    words[state + DIRECTORY_CAPACITY] = 0;
  }

  #releaseChunk(state: number, entry: number): void {
    const slab = this.#entryWords(state);
    const at = this.#entryAt(state, entry);
    this.#arena.release(slab[at]!, slab[at + 1]!);
  }

  /** Moves entries from `entry` on up by one; the list must be the batch's own. */
  #openGap(state: number, entry: number): void {
    const { words } = this.#state;
    const count = words[state + DIRECTORY_COUNT]!;
    const from = this.#entryAt(state, entry);
    const end = this.#entryAt(state, count);
    this.#entryWords(state).copyWithin(from + ENTRY_WORDS, from, end);
    words[state + DIRECTORY_COUNT] = count + 1;
  }

  #sealAt(state: number, entry: number, from: number, to: number): void {
    const rows = this.#rows;
    const units = this.#sealer.plan(rows, from, to - from);
    const place = this.#arena.take(units);
    this.#sealer.write(viewOf(this.#views, place), wordOf(place));
    const slab = this.#entryWords(state);
    const at = this.#entryAt(state, entry);
    slab[at] = place;
    slab[at + 1] = units;
    writeTime(slab, at + 2, rows.timesMs[from]!);
  }

  #firstOf(state: number, entry: number): number {
    return readTime(this.#entryWords(state), this.#entryAt(state, entry) + 2);
  }

  #entryWords(state: number): Uint32Array {
    return viewOf(this.#views, this.#state.words[state + DIRECTORY_PLACE]!).words;
  }

  #entryAt(state: number, entry: number): number {
    return wordOf(this.#state.words[state + DIRECTORY_PLACE]!) + entry * ENTRY_WORDS;
  }
}
