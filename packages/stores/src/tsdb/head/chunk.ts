import { UNIT_WORDS } from "../memory/arena.ts";
import type { Columns } from "../memory/columns.ts";
import type { SlabView } from "../memory/slabs.ts";

/**
 * Chunks of one series' samples in a slab.
 *
 * Open, rows appended in place:
 *   | base time, 2 words | spare, 2 words | row: offset from base, value low, value high | row …
 *
 * Sealed, written once:
 *   | count : 8, time width : 4, value width : 4, exponent : 4 | step | least residual
 *   | base value, 2 words | time residuals, padded | values, padded |
 * Row i is at first + i · step + least + residual[i]; first stands in the directory. A width is in
 * bytes, 0 = all alike. Values of width 1, 2 and 4 are (base + offset) / 10^exponent, exact by trial;
 * 8 is the value's own words.
 *
 * Hot: nothing here may allocate per row.
 */
export const OPEN_HEADER_WORDS = 4;
export const OPEN_ROW_WORDS = 3;
export const CHUNK_ROWS = 64;
/** What an insertion may make of a chunk before it is split. */
export const CHUNK_ROWS_MAX = 2 * CHUNK_ROWS;
/** A chunk covers less: offsets are 32-bit. */
export const CHUNK_SPAN_MS = 0x7fff_ffff;

const SEALED_HEADER_WORDS = 5;
const POWERS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
const RAW = 8;

export function openUnits(capacity: number): number {
  return Math.ceil((OPEN_HEADER_WORDS + capacity * OPEN_ROW_WORDS) / UNIT_WORDS);
}

const timeCell = new Float64Array(1);
const timeWords = new Uint32Array(timeCell.buffer);

export function writeTime(words: Uint32Array, at: number, timeMs: number): void {
  timeCell[0] = timeMs;
  words[at] = timeWords[0]!;
  words[at + 1] = timeWords[1]!;
}

export function readTime(words: Uint32Array, at: number): number {
  timeWords[0] = words[at]!;
  timeWords[1] = words[at + 1]!;
  return timeCell[0]!;
}

/** Adds the first `count` rows of an open chunk. */
export function decodeOpen(words: Uint32Array, at: number, count: number, into: Columns): void {
  into.reserve(count);
  const baseMs = readTime(words, at);
  const { timesMs, valueWords } = into;
  let row = at + OPEN_HEADER_WORDS;
  for (let i = into.count; i < into.count + count; i++) {
    timesMs[i] = baseMs + words[row]!;
    valueWords[2 * i] = words[row + 1]!;
    valueWords[2 * i + 1] = words[row + 2]!;
    row += OPEN_ROW_WORDS;
  }
  into.note(into.count, count);
  into.count += count;
}

export function sealedCount(words: Uint32Array, at: number): number {
  return words[at]! & 0xff;
}

/** Adds all rows of a sealed chunk. */
export function decodeSealed(view: SlabView, at: number, firstMs: number, into: Columns): void {
  const { words } = view;
  const header = words[at]!;
  const count = header & 0xff;
  const timeWidth = (header >>> 8) & 0xf;
  into.reserve(count);
  const start = into.count;
  const step = words[at + 1]!;
  let timeMs = firstMs + (words[at + 2]! | 0);
  const { timesMs } = into;
  for (let i = start; i < start + count; i++) {
    timesMs[i] = timeMs;
    timeMs += step;
  }
  const data = at + SEALED_HEADER_WORDS;
  addOffsets(view, data, timeWidth, timesMs, start, count);
  decodeValues(view, at, data + packedWords(count, timeWidth), into, start, count);
  into.count += count;
}

function decodeValues(
  view: SlabView,
  at: number,
  data: number,
  into: Columns,
  start: number,
  count: number,
): void {
  const header = view.words[at]!;
  const width = (header >>> 12) & 0xf;
  const { values, valueWords } = into;
  if (width === RAW) {
    valueWords.set(view.words.subarray(data, data + 2 * count), 2 * start);
    into.note(start, count);
    return;
  }
  const low = view.words[at + 3]!;
  const high = view.words[at + 4]!;
  if (width === 0) {
    for (let i = start; i < start + count; i++) {
      valueWords[2 * i] = low;
      valueWords[2 * i + 1] = high;
    }
    into.note(start, 1);
    return;
  }
  values.fill(readTime(view.words, at + 3), start, start + count);
  addOffsets(view, data, width, values, start, count);
  const scale = POWERS[(header >>> 16) & 0xf]!;
  if (scale > 1) for (let i = start; i < start + count; i++) values[i]! /= scale;
}

function addOffsets(
  view: SlabView,
  data: number,
  width: number,
  into: Float64Array,
  start: number,
  count: number,
): void {
  if (width === 0) return;
  const cells = cellsOf(view, width);
  const from = data * (4 / width);
  for (let i = 0; i < count; i++) into[start + i]! += cells[from + i]!;
}

function cellsOf(view: SlabView, width: number): Uint8Array | Uint16Array | Uint32Array {
  if (width === 1) return view.bytes;
  return width === 2 ? view.halves : view.words;
}

function packedWords(count: number, width: number): number {
  return Math.ceil((count * width) / 4);
}

/**
 * Finds the smallest form for rows [from, from + count) of columns, then writes it where the caller
 * made room. One rows' plan at a time.
 */
export class ChunkSealer {
  #columns: Columns | undefined;
  #from = 0;
  #count = 0;
  #step = 0;
  #leastResidual = 0;
  #timeWidth = 0;
  #valueWidth = 0;
  #exponent = 0;
  #leastValue = 0;

  /** Units of room that `write` needs. Count 1 … CHUNK_ROWS_MAX, span below CHUNK_SPAN_MS. */
  plan(columns: Columns, from: number, count: number): number {
    this.#columns = columns;
    this.#from = from;
    this.#count = count;
    this.#planTimes(columns.timesMs);
    this.#planValues(columns.values, columns.valueWords);
    const data = packedWords(count, this.#timeWidth) + packedWords(count, this.#valueWidth);
    return roundedUnits(Math.ceil((SEALED_HEADER_WORDS + data) / UNIT_WORDS));
  }

  write(view: SlabView, at: number): void {
    const columns = this.#columns!;
    const { words } = view;
    words[at] =
      this.#count | (this.#timeWidth << 8) | (this.#valueWidth << 12) | (this.#exponent << 16);
    words[at + 1] = this.#step;
    words[at + 2] = this.#leastResidual;
    const data = at + SEALED_HEADER_WORDS;
    this.#writeTimes(view, data, columns.timesMs);
    this.#writeValues(view, at, data + packedWords(this.#count, this.#timeWidth), columns);
  }

  #planTimes(timesMs: Float64Array): void {
    const firstMs = timesMs[this.#from]!;
    const last = this.#from + this.#count - 1;
    this.#step = this.#count > 1 ? Math.round((timesMs[last]! - firstMs) / (this.#count - 1)) : 0;
    let least = 0;
    let greatest = 0;
    let expected = firstMs;
    for (let i = this.#from; i <= last; i++) {
      const residual = timesMs[i]! - expected;
      if (residual < least) least = residual;
      if (residual > greatest) greatest = residual;
      expected += this.#step;
    }
    this.#leastResidual = least;
    this.#timeWidth = widthOf(greatest - least);
  }

  #planValues(values: Float64Array, words: Uint32Array): void {
    const from = this.#from;
    const last = from + this.#count - 1;
    this.#exponent = 0;
    this.#valueWidth = 0;
    let i = from + 1;
    while (
      i <= last &&
      words[2 * i] === words[2 * from] &&
      words[2 * i + 1] === words[2 * from + 1]
    )
      i++;
    if (i > last) return;
    this.#valueWidth = RAW;
    for (let exponent = 0; exponent < POWERS.length; exponent++) {
      if (!this.#fits(values, exponent)) continue;
      this.#exponent = exponent;
      return;
    }
  }

  /** Whether all values are whole numbers after scaling, and come back exactly. */
  #fits(values: Float64Array, exponent: number): boolean {
    const scale = POWERS[exponent]!;
    let least = Number.POSITIVE_INFINITY;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let i = this.#from; i < this.#from + this.#count; i++) {
      const value = values[i]!;
      const whole = Math.round(value * scale);
      if (whole / scale !== value || !(Math.abs(whole) <= Number.MAX_SAFE_INTEGER)) return false;
      if (value === 0 && 1 / value < 0) return false;
      if (whole < least) least = whole;
      if (whole > greatest) greatest = whole;
    }
    const width = widthOf(greatest - least);
    if (width === RAW) return false;
    this.#leastValue = least;
    this.#valueWidth = width;
    return true;
  }

  #writeTimes(view: SlabView, data: number, timesMs: Float64Array): void {
    if (this.#timeWidth === 0) return;
    const cells = cellsOf(view, this.#timeWidth);
    const cell = data * (4 / this.#timeWidth);
    let expected = timesMs[this.#from]! + this.#leastResidual;
    for (let i = 0; i < this.#count; i++) {
      cells[cell + i] = timesMs[this.#from + i]! - expected;
      expected += this.#step;
    }
  }

  #writeValues(view: SlabView, at: number, data: number, columns: Columns): void {
    const { values, valueWords } = columns;
    const { words } = view;
    const from = this.#from;
    if (this.#valueWidth === RAW) {
      words.set(valueWords.subarray(2 * from, 2 * (from + this.#count)), data);
      return;
    }
    if (this.#valueWidth === 0) {
      words[at + 3] = valueWords[2 * from]!;
      words[at + 4] = valueWords[2 * from + 1]!;
      return;
    }
    writeTime(words, at + 3, this.#leastValue);
    const cells = cellsOf(view, this.#valueWidth);
    const cell = data * (4 / this.#valueWidth);
    const scale = POWERS[this.#exponent]!;
    for (let i = 0; i < this.#count; i++) {
      cells[cell + i] = Math.round(values[from + i]! * scale) - this.#leastValue;
    }
  }
}

/** Bytes that hold 0 … span. */
function widthOf(span: number): number {
  if (span === 0) return 0;
  if (span <= 0xff) return 1;
  if (span <= 0xffff) return 2;
  return span <= 0xffff_ffff ? 4 : RAW;
}

/** Few sizes, so that what one chunk leaves fits the next. */
function roundedUnits(units: number): number {
  return units <= 8 ? units : Math.ceil(units / 4) * 4;
}
