import { Arena, type ArenaMark, type SlabPool, viewOf, wordOf } from "../memory/arena.ts";
import { Columns, HISTOGRAM_HIGH } from "../memory/columns.ts";
import type { Slabs, SlabView } from "../memory/slabs.ts";
import {
  CHUNK_ROWS,
  CHUNK_SPAN_MS,
  ChunkSealer,
  decodeOpen,
  OPEN_HEADER_WORDS,
  OPEN_ROW_WORDS,
  openUnits,
  writeTime,
} from "./chunk.ts";
import { Directory } from "./directory.ts";
import {
  DIRECTORY_COUNT,
  FIRST_TIME,
  HeadState,
  LAST_TIME,
  OPEN_BASE,
  OPEN_BY,
  OPEN_CAPACITY,
  OPEN_COUNT,
  OPEN_PLACE,
  STATE_WORDS,
} from "./head-state.ts";
import { isSameValue, storeHistogram } from "./histogram-place.ts";
import { CONFLICTING, REPEATED, type RowVerdict, STORED } from "./verdict.ts";

/** A million series of a first chunk fit the head's bytes. */
const OPEN_CAPACITIES = [8, 24, CHUNK_ROWS];

export interface HeadMark {
  readonly state: number;
  readonly arena: ArenaMark;
  readonly sampleCount: number;
}

/** What a flush writes to disk; nothing of it changes any more. */
export interface FrozenHead {
  /** PLACE_WORDS words a series. */
  readonly places: Uint32Array;
  readonly slabs: readonly number[];
  readonly sampleCount: number;
  readonly sizeBytes: number;
}

/**
 * The newest samples of every series. A series is a directory of sealed chunks, then one open chunk
 * that holds its newest row. Rows in order are appended in place, beyond what any pin counts; late
 * rows write chunk and directory to a new place ([HEAD1]). Writer only; hot.
 */
export class Head {
  readonly state = new HeadState();
  readonly #pool: SlabPool;
  readonly #views: readonly SlabView[];
  readonly #sealer = new ChunkSealer();
  readonly #rows = new Columns(2 * CHUNK_ROWS + 2);
  #arena: Arena;
  #directory: Directory;
  #sampleCount = 0;

  constructor(slabs: Slabs, pool: SlabPool) {
    this.#pool = pool;
    this.#views = slabs.views("samples");
    this.#arena = new Arena(pool);
    this.#directory = this.#newDirectory();
  }

  get sampleCount(): number {
    return this.#sampleCount;
  }

  /** Whether one series alone makes a flush due. */
  get isLong(): boolean {
    return this.#directory.isLong;
  }

  get sizeBytes(): number {
    return this.#arena.usedBytes + this.state.sizeBytes;
  }

  /** Samples that are in use, without places that only wait for pins to end. */
  get liveSampleBytes(): number {
    return this.#arena.liveBytes;
  }

  /**
   * Gives up all that was published, for a flush, and starts empty. The slabs stay as they are until
   * the caller releases them. Between batches only. `room`: see `HeadState.takeAll`.
   */
  freeze(seriesCount: number, room?: Uint32Array): FrozenHead {
    const frozen = {
      places: this.state.takeAll(seriesCount, room),
      slabs: this.#arena.slabs,
      sampleCount: this.#sampleCount,
      sizeBytes: this.#arena.usedBytes,
    };
    this.#arena = new Arena(this.#pool);
    this.#directory = this.#newDirectory();
    this.#sampleCount = 0;
    return frozen;
  }

  /** Starts a batch: all that follows can be undone up to here, until it is published. */
  begin(): HeadMark {
    this.state.nextBatch();
    const arena = this.#arena.mark();
    return { state: this.state.mark, arena, sampleCount: this.#sampleCount };
  }

  rollback(mark: HeadMark): void {
    this.state.rollback(mark.state);
    this.#arena.rollback(mark.arena);
    this.#sampleCount = mark.sampleCount;
  }

  /** Makes what was applied visible to pins that are taken from now on. */
  publish(epoch: number): void {
    this.state.publish();
    this.#arena.publish(epoch);
  }

  reclaim(oldestEpoch: number): void {
    this.#arena.reclaim(oldestEpoch);
  }

  /** Value as words; NaN must be canonical. Time in whole milliseconds. */
  append(series: number, timeMs: number, low: number, high: number): RowVerdict {
    const state = series * STATE_WORDS;
    const { words, doubles } = this.state;
    const count = words[state + OPEN_COUNT]!;
    if (count === 0) {
      this.state.touch(state);
      doubles[(state + FIRST_TIME) >> 1] = timeMs;
      this.#startOpen(state, timeMs, OPEN_CAPACITIES[0]!);
      this.#write(state, 0, timeMs, low, high);
      return STORED;
    }
    const lastMs = doubles[(state + LAST_TIME) >> 1]!;
    if (timeMs > lastMs) {
      this.state.touch(state);
      const row = this.#roomFor(state, timeMs, count);
      this.#write(state, row, timeMs, low, high);
      return STORED;
    }
    if (timeMs === lastMs) return this.#compareLast(state, count, low, high);
    return this.#insert(state, timeMs, low, high);
  }

  /** As `append`. The bytes are copied. */
  appendHistogram(series: number, timeMs: number, blob: Uint8Array): RowVerdict {
    const { place, units } = storeHistogram(this.#arena, this.#views, blob);
    const verdict = this.append(series, timeMs, place, HISTOGRAM_HIGH);
    if (verdict !== STORED) this.#arena.release(place, units);
    return verdict;
  }

  /** Forgets a series' rows in the range. Undone and published like a batch. */
  deleteRange(series: number, fromMs: number, toMs: number): void {
    const state = series * STATE_WORDS;
    const { words, doubles } = this.state;
    const count = words[state + OPEN_COUNT]!;
    if (count === 0 || doubles[(state + FIRST_TIME) >> 1]! > toMs) return;
    if (doubles[(state + LAST_TIME) >> 1]! < fromMs) return;
    const all = new Columns();
    this.#directory.readAll(state, all);
    const place = words[state + OPEN_PLACE]!;
    decodeOpen(viewOf(this.#views, place).words, wordOf(place), count, all);
    this.state.touch(state);
    this.#dropAll(state);
    const { timesMs, valueWords } = all;
    for (let row = 0; row < all.count; row++) {
      const timeMs = timesMs[row]!;
      if (timeMs >= fromMs && timeMs <= toMs) continue;
      this.append(series, timeMs, valueWords[2 * row]!, valueWords[2 * row + 1]!);
    }
  }

  /**
   * Drops whole chunks that lie at or before a time, of all series. Undone and published like a
   * batch. Answers how many rows went.
   */
  dropBefore(seriesCount: number, cutoffMs: number): number {
    const before = this.#sampleCount;
    const { words, doubles } = this.state;
    for (let series = 0; series < seriesCount; series++) {
      const state = series * STATE_WORDS;
      if (words[state + OPEN_COUNT] === 0 || doubles[(state + FIRST_TIME) >> 1]! > cutoffMs)
        continue;
      this.state.touch(state);
      if (doubles[(state + LAST_TIME) >> 1]! <= cutoffMs) this.#dropAll(state);
      else this.#sampleCount -= this.#directory.dropOldest(state, cutoffMs);
    }
    return before - this.#sampleCount;
  }

  #newDirectory(): Directory {
    return new Directory(this.state, this.#arena, this.#views, this.#sealer, this.#rows);
  }

  #dropAll(state: number): void {
    const { words } = this.state;
    this.#sampleCount -= this.#directory.dropOldest(state, Number.POSITIVE_INFINITY);
    this.#sampleCount -= words[state + OPEN_COUNT]!;
    this.#releaseOpen(state);
    words[state + OPEN_PLACE] = 0;
    words[state + OPEN_COUNT] = 0;
  }

  #write(state: number, row: number, timeMs: number, low: number, high: number): void {
    const { words, doubles } = this.state;
    const place = words[state + OPEN_PLACE]!;
    const slab = viewOf(this.#views, place).words;
    const at = wordOf(place) + OPEN_HEADER_WORDS + row * OPEN_ROW_WORDS;
    slab[at] = timeMs - doubles[(state + OPEN_BASE) >> 1]!;
    slab[at + 1] = low;
    slab[at + 2] = high;
    words[state + OPEN_COUNT] = row + 1;
    doubles[(state + LAST_TIME) >> 1] = timeMs;
    this.#sampleCount++;
  }

  /** Which row of the open chunk is next, after making one where needed. */
  #roomFor(state: number, timeMs: number, count: number): number {
    const { words, doubles } = this.state;
    if (timeMs - doubles[(state + OPEN_BASE) >> 1]! >= CHUNK_SPAN_MS || count === CHUNK_ROWS) {
      this.#seal(state, count);
      this.#startOpen(state, timeMs, OPEN_CAPACITIES[1]!);
      return 0;
    }
    if (count === words[state + OPEN_CAPACITY]) this.#widen(state, count);
    return count;
  }

  #startOpen(state: number, baseMs: number, capacity: number): void {
    const { words, doubles, batch } = this.state;
    const place = this.#arena.take(openUnits(capacity));
    writeTime(viewOf(this.#views, place).words, wordOf(place), baseMs);
    words[state + OPEN_PLACE] = place;
    words[state + OPEN_COUNT] = 0;
    words[state + OPEN_CAPACITY] = capacity;
    words[state + OPEN_BY] = batch;
    doubles[(state + OPEN_BASE) >> 1] = baseMs;
  }

  #releaseOpen(state: number): void {
    const { words } = this.state;
    this.#arena.release(words[state + OPEN_PLACE]!, openUnits(words[state + OPEN_CAPACITY]!));
  }

  #widen(state: number, count: number): void {
    const { words, doubles } = this.state;
    const old = words[state + OPEN_PLACE]!;
    this.#releaseOpen(state);
    const capacity = OPEN_CAPACITIES.find((wider) => wider > count)!;
    this.#startOpen(state, doubles[(state + OPEN_BASE) >> 1]!, capacity);
    const from = wordOf(old) + OPEN_HEADER_WORDS;
    const to = words[state + OPEN_PLACE]!;
    const target = viewOf(this.#views, to).words;
    const source = viewOf(this.#views, old).words;
    const at = wordOf(to) + OPEN_HEADER_WORDS;
    for (let i = 0; i < count * OPEN_ROW_WORDS; i++) target[at + i] = source[from + i]!;
    words[state + OPEN_COUNT] = count;
  }

  #seal(state: number, count: number): void {
    this.#readOpen(state, count);
    this.#directory.append(state, 0, this.#rows.count);
    this.#releaseOpen(state);
  }

  #readOpen(state: number, count: number): void {
    const place = this.state.words[state + OPEN_PLACE]!;
    this.#rows.count = 0;
    decodeOpen(viewOf(this.#views, place).words, wordOf(place), count, this.#rows);
  }

  #compareLast(state: number, count: number, low: number, high: number): RowVerdict {
    const place = this.state.words[state + OPEN_PLACE]!;
    const slab = viewOf(this.#views, place).words;
    const at = wordOf(place) + OPEN_HEADER_WORDS + (count - 1) * OPEN_ROW_WORDS;
    return isSameValue(this.#views, slab, at + 1, low, high) ? REPEATED : CONFLICTING;
  }

  #insert(state: number, timeMs: number, low: number, high: number): RowVerdict {
    const { words, doubles } = this.state;
    const belongsToOpen =
      timeMs >= doubles[(state + OPEN_BASE) >> 1]! ||
      (words[state + DIRECTORY_COUNT] === 0 &&
        doubles[(state + LAST_TIME) >> 1]! - timeMs < CHUNK_SPAN_MS);
    const verdict = belongsToOpen
      ? this.#insertOpen(state, timeMs, low, high)
      : this.#directory.insert(state, timeMs, low, high);
    if (verdict !== STORED) return verdict;
    const first = (state + FIRST_TIME) >> 1;
    if (timeMs < doubles[first]!) doubles[first] = timeMs;
    this.#sampleCount++;
    return STORED;
  }

  #insertOpen(state: number, timeMs: number, low: number, high: number): RowVerdict {
    const { words } = this.state;
    const count = words[state + OPEN_COUNT]!;
    this.#readOpen(state, count);
    const rows = this.#rows;
    const at = rows.firstAt(timeMs);
    if (rows.timesMs[at] === timeMs && at < count) {
      const isSame = isSameValue(this.#views, rows.valueWords, 2 * at, low, high);
      return isSame ? REPEATED : CONFLICTING;
    }
    this.state.touch(state);
    rows.insert(at, timeMs, low, high);
    if (count === CHUNK_ROWS) this.#sealAllButNewest(state);
    else this.#rewriteOpen(state, 0);
    return STORED;
  }

  /** A full open chunk into which a row came: all but its newest row are sealed. */
  #sealAllButNewest(state: number): void {
    const rows = this.#rows.count;
    this.#directory.append(state, 0, rows - 1);
    this.#rewriteOpen(state, rows - 1);
  }

  /** Writes rows from `start` on as the open chunk: in place if only this batch knows it. */
  #rewriteOpen(state: number, start: number): void {
    const { words, doubles, batch } = this.state;
    const rows = this.#rows;
    const count = rows.count - start;
    const baseMs = rows.timesMs[start]!;
    const isOurs = words[state + OPEN_BY] === batch && words[state + OPEN_CAPACITY]! >= count;
    if (!isOurs) {
      this.#releaseOpen(state);
      this.#startOpen(state, baseMs, OPEN_CAPACITIES.find((capacity) => capacity >= count)!);
    }
    const place = words[state + OPEN_PLACE]!;
    const slab = viewOf(this.#views, place).words;
    writeTime(slab, wordOf(place), baseMs);
    doubles[(state + OPEN_BASE) >> 1] = baseMs;
    let at = wordOf(place) + OPEN_HEADER_WORDS;
    for (let i = start; i < rows.count; i++) {
      slab[at] = rows.timesMs[i]! - baseMs;
      slab[at + 1] = rows.valueWords[2 * i]!;
      slab[at + 2] = rows.valueWords[2 * i + 1]!;
      at += OPEN_ROW_WORDS;
    }
    words[state + OPEN_COUNT] = count;
  }
}
