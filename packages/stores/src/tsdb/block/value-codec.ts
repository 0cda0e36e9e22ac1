import { type Columns, HISTOGRAM_HIGH } from "../memory/columns.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { planesOf, readPlanes, writePlanes } from "./planes.ts";

/**
 * One chunk's values; drawn in docs/formats/block.md. The smallest form that gives every bit back:
 * constant, whole numbers after decimal scaling (plain, as differences, or as differences of
 * differences), or the words themselves.
 */
const CONSTANT = 0;
const DECIMAL = 1;
const WORDS = 2;
const HISTOGRAMS = 3;

const PLAIN = 0;
const DELTA = 1;
const DELTA_OF_DELTA = 2;

const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
/** Differences of differences of whole numbers below this are exact. */
const WHOLE_MAX = 2 ** 50;
/** More values that are no decimals than one in so many: words are smaller. */
const EXCEPTIONS_ONE_IN = 8;

/** Encodes chunks one after the other; its buffers are re-used. */
export class ValueEncoder {
  #whole = new Float64Array(0);
  #delta = new Float64Array(0);
  #second = new Float64Array(0);
  readonly #exceptions: number[] = [];
  #exponent = 0;

  /** Appends rows [from, from + count) of the columns; count is 1 or more. */
  encode(columns: Columns, from: number, count: number, out: ByteWriter): void {
    const { valueWords: words } = columns;
    if (isConstant(words, from, count)) {
      out.u8(CONSTANT);
      out.u32(words[2 * from]!);
      out.u32(words[2 * from + 1]!);
      return;
    }
    this.#reserve(count);
    if (this.#scale(columns, from, count)) this.#writeDecimal(words, from, count, out);
    else writeWords(columns, from, count, out);
  }

  #reserve(count: number): void {
    if (count <= this.#whole.length) return;
    this.#whole = new Float64Array(count);
    this.#delta = new Float64Array(count);
    this.#second = new Float64Array(count);
  }

  /** Fills `#whole` with the values times a power of ten, exactly; false if there is none. */
  #scale({ values, valueWords }: Columns, from: number, count: number): boolean {
    const most = count / EXCEPTIONS_ONE_IN;
    for (this.#exponent = 0; this.#exponent < POWERS.length; this.#exponent++) {
      const fit = this.#tryScale(values, valueWords, from, count, most);
      if (fit !== "finer") return fit === "fits";
    }
    return false;
  }

  /** "finer": some value has more decimals than this exponent gives. */
  #tryScale(
    values: Float64Array,
    words: Uint32Array,
    from: number,
    count: number,
    mostExceptions: number,
  ): "fits" | "finer" | "never" {
    const scale = POWERS[this.#exponent]!;
    const whole = this.#whole;
    const exceptions = this.#exceptions;
    exceptions.length = 0;
    let previous = 0;
    for (let i = 0; i < count; i++) {
      const value = values[from + i]!;
      const scaled = Math.round(value * scale);
      if (scaled / scale === value && Math.abs(scaled) <= WHOLE_MAX && !isMinusZero(value)) {
        previous = scaled;
      } else if (Number.isFinite(value) && !isMinusZero(value)) {
        return Math.abs(scaled) > WHOLE_MAX ? "never" : "finer";
      } else {
        if (words[2 * (from + i) + 1] === HISTOGRAM_HIGH) return "never";
        exceptions.push(i);
        if (exceptions.length > mostExceptions) return "never";
      }
      whole[i] = previous;
    }
    // Leading exceptions repeat what follows, so that they do not widen the range.
    let lead = 0;
    while (exceptions[lead] === lead) lead++;
    whole.fill(whole[lead] ?? 0, 0, lead);
    return "fits";
  }

  #writeDecimal(words: Uint32Array, from: number, count: number, out: ByteWriter): void {
    const whole = this.#whole;
    const delta = this.#delta;
    const second = this.#second;
    for (let i = 0; i + 1 < count; i++) delta[i] = whole[i + 1]! - whole[i]!;
    for (let i = 0; i + 2 < count; i++) second[i] = delta[i + 1]! - delta[i]!;
    const plain = rangeOf(whole, count);
    const first = rangeOf(delta, count - 1);
    const twice = rangeOf(second, count - 2);
    const mode = twice < first / 2 && count > 2 ? DELTA_OF_DELTA : first <= plain ? DELTA : PLAIN;
    out.u8(DECIMAL);
    out.u8(this.#exponent | (mode << 4));
    if (mode >= DELTA) out.f64(whole[0]!);
    if (mode === DELTA_OF_DELTA) out.f64(delta[0]!);
    const numbers = mode === PLAIN ? whole : mode === DELTA ? delta : second;
    writeNumbers(numbers, count - mode, out);
    out.u32(this.#exceptions.length);
    for (const i of this.#exceptions) {
      out.u32(i);
      out.u32(words[2 * (from + i)]!);
      out.u32(words[2 * (from + i) + 1]!);
    }
  }
}

/** Adds the `count` values of a chunk behind the rows that the columns have; `count` is not moved. */
export function decodeValues(bytes: Uint8Array, at: number, count: number, into: Columns): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = into.count;
  const { valueWords } = into;
  switch (view.getUint8(at)) {
    case CONSTANT: {
      const low = view.getUint32(at + 1, true);
      const high = view.getUint32(at + 5, true);
      for (let i = start; i < start + count; i++) {
        valueWords[2 * i] = low;
        valueWords[2 * i + 1] = high;
      }
      into.note(start, 1);
      return;
    }
    case DECIMAL:
      decodeDecimal(bytes, view, at + 1, count, into);
      return;
    case WORDS:
      decodeWords(bytes, at + 1, count, valueWords, start);
      into.note(start, count);
      return;
    case HISTOGRAMS:
      into.isFinite = false;
      decodeWords(bytes, at + 1, count, valueWords, start);
      takeBlobs(bytes, view, at + 1 + 8 * count, into, start);
      return;
    default:
      throw new RangeError("a chunk of a kind that its version does not have");
  }
}

function decodeDecimal(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  count: number,
  into: Columns,
): void {
  const { values, valueWords, count: start } = into;
  const form = view.getUint8(at);
  const mode = form >>> 4;
  let place = at + 1;
  for (let i = 0; i < mode; i++, place += 8) values[start + i] = view.getFloat64(place, true);
  const planes = view.getUint8(place);
  const least = view.getFloat64(place + 1, true);
  readPlanes(bytes, place + 9, planes, least, values, start + mode, count - mode);
  place += 9 + planes * (count - mode);
  for (let level = mode; level > 0; level--) {
    let sum = values[start + level - 1]!;
    for (let i = start + level; i < start + count; i++) {
      sum += values[i]!;
      values[i] = sum;
    }
  }
  const scale = POWERS[form & 0xf]!;
  if (scale > 1) for (let i = start; i < start + count; i++) values[i]! /= scale;
  const exceptions = view.getUint32(place, true);
  if (exceptions > 0) into.isFinite = false;
  for (let left = exceptions; left > 0; left--, place += 12) {
    const row = start + view.getUint32(place + 4, true);
    valueWords[2 * row] = view.getUint32(place + 8, true);
    valueWords[2 * row + 1] = view.getUint32(place + 12, true);
  }
}

function writeNumbers(numbers: Float64Array, count: number, out: ByteWriter): void {
  let least = count > 0 ? numbers[0]! : 0;
  let greatest = least;
  for (let i = 1; i < count; i++) {
    if (numbers[i]! < least) least = numbers[i]!;
    if (numbers[i]! > greatest) greatest = numbers[i]!;
  }
  const planes = planesOf(greatest - least);
  out.u8(planes);
  out.f64(least);
  for (let i = 0; i < count; i++) numbers[i]! -= least;
  const at = out.room(planes * count);
  writePlanes(numbers, count, planes, out.buffer, at);
}

/** Each word pair as what differs from the one before, byte plane by byte plane. */
function writeWords(columns: Columns, from: number, count: number, out: ByteWriter): void {
  const { valueWords: words, blobs } = columns;
  let blobCount = 0;
  for (let i = from; i < from + count; i++) if (words[2 * i + 1] === HISTOGRAM_HIGH) blobCount++;
  out.u8(blobCount > 0 ? HISTOGRAMS : WORDS);
  const at = out.room(8 * count);
  const bytes = out.buffer;
  let low = 0;
  let high = 0;
  let blob = 0;
  for (let i = 0; i < count; i++) {
    const nextHigh = words[2 * (from + i) + 1]!;
    const nextLow = nextHigh === HISTOGRAM_HIGH ? blob++ : words[2 * (from + i)]!;
    for (let plane = 0; plane < 4; plane++) {
      bytes[at + plane * count + i] = (nextLow ^ low) >>> (8 * plane);
      bytes[at + (plane + 4) * count + i] = (nextHigh ^ high) >>> (8 * plane);
    }
    low = nextLow;
    high = nextHigh;
  }
  if (blobCount === 0) return;
  out.u32(blobCount);
  for (let i = from; i < from + count; i++) {
    if (words[2 * i + 1] !== HISTOGRAM_HIGH) continue;
    const bytesOfRow = blobs[words[2 * i]!]!;
    out.u32(bytesOfRow.length);
    out.bytes(bytesOfRow);
  }
}

function decodeWords(
  bytes: Uint8Array,
  at: number,
  count: number,
  words: Uint32Array,
  start: number,
): void {
  let low = 0;
  let high = 0;
  for (let i = 0; i < count; i++) {
    const from = at + i;
    low ^=
      bytes[from]! |
      (bytes[from + count]! << 8) |
      (bytes[from + 2 * count]! << 16) |
      (bytes[from + 3 * count]! << 24);
    high ^=
      bytes[from + 4 * count]! |
      (bytes[from + 5 * count]! << 8) |
      (bytes[from + 6 * count]! << 16) |
      (bytes[from + 7 * count]! << 24);
    words[2 * (start + i)] = low;
    words[2 * (start + i) + 1] = high;
  }
}

/** The low words of histograms count the chunk's own; those of the columns count theirs. */
function takeBlobs(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  { valueWords, blobs }: Columns,
  start: number,
): void {
  let place = at + 4;
  let row = start;
  for (let left = view.getUint32(at, true); left > 0; left--) {
    while (valueWords[2 * row + 1] !== HISTOGRAM_HIGH) row++;
    const length = view.getUint32(place, true);
    valueWords[2 * row++] = blobs.length;
    blobs.push(bytes.slice(place + 4, place + 4 + length));
    place += 4 + length;
  }
}

function isConstant(words: Uint32Array, from: number, count: number): boolean {
  const low = words[2 * from];
  const high = words[2 * from + 1];
  if (high === HISTOGRAM_HIGH) return false;
  for (let i = from + 1; i < from + count; i++) {
    if (words[2 * i] !== low || words[2 * i + 1] !== high) return false;
  }
  return true;
}

function rangeOf(numbers: Float64Array, count: number): number {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    if (numbers[i]! < least) least = numbers[i]!;
    if (numbers[i]! > greatest) greatest = numbers[i]!;
  }
  return greatest - least;
}

function isMinusZero(value: number): boolean {
  return value === 0 && 1 / value < 0;
}
