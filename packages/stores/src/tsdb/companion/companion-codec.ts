import type { ByteWriter } from "../block/byte-writer.ts";
import { decodeValues, ValueEncoder } from "../block/value-codec.ts";
import { Columns } from "../memory/columns.ts";
import { type BucketRows, errorOf } from "./companion-rows.ts";

/**
 * One series' buckets; drawn in docs/formats/block.md. Where the samples are decimals, whole numbers
 * that stay small: the least, how far the greatest is above it, and how far the sum is from what
 * these two and the count let expect.
 */
const NOT_KEPT = 0;
const DECIMALS = 1;
const DOUBLES = 2;

/** What is known of a sum beside its 53 bits. */
const EXACT = 0;
/** All samples have one sign: their sum is known to its last bit. */
const ROUNDED = 1;
/** The lost part follows as a column of whole numbers times a quantum. */
const WITH_LOST = 2;

/** Bits of a lost part. */
const LOST_BITS = 15;
/** Products of count and value below this leave room for sums and differences that are exact. */
const WHOLE_MAX = 2 ** 52;
/** More buckets that are no decimals than one in so many: doubles are smaller. */
const ODD_ONE_IN = 8;
const ODD_BYTES = 28;
/** Kind, exponent, what is known of the sums; where four columns and the odd buckets begin. */
const HEADER_BYTES = 3 + 4 * 5;
const LEAST = 0;
const MOST = 1;
const SUM = 2;
const ODD = 3;
const LOST = 4;
const LAST_BIT = 2 ** -52;

const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/** The least power of ten by which all finite samples become whole numbers; undefined if none. */
export function decimalExponent({ values }: Columns, count: number): number | undefined {
  let exponent = 0;
  for (let row = 0; row < count; row++) {
    const value = values[row]!;
    if (!Number.isFinite(value)) continue;
    while (Math.round(value * POWERS[exponent]!) / POWERS[exponent]! !== value) {
      exponent++;
      if (exponent === POWERS.length) return undefined;
    }
    if (Math.abs(value * POWERS[exponent]!) > WHOLE_MAX) return undefined;
  }
  return exponent;
}

/** The power of ten by which `sumUp` should scale. */
export function scaleOf(exponent: number | undefined): number {
  return POWERS[exponent ?? 0]!;
}

/** Encodes series after series; its buffers are re-used. */
export class BucketEncoder {
  readonly #values = new ValueEncoder();
  readonly #column = new Columns();
  readonly #places = new Uint32Array(5);
  readonly #odd: number[] = [];
  /** Sums as a reader will have them. */
  #sums = new Float64Array(0);

  /** For a series whose buckets are not kept: it is answered from its samples. */
  encodeNone(out: ByteWriter): void {
    out.u8(NOT_KEPT);
  }

  /** One bucket or more. `wholes` are sums of the samples times the exponent's power of ten. */
  encode(buckets: BucketRows, exponent: number | undefined, out: ByteWriter): void {
    const { count, counts, minimums, maximums, sums } = buckets;
    const begin = out.room(HEADER_BYTES);
    const column = this.#column;
    column.clear();
    column.reserve(count);
    if (this.#sums.length < count) this.#sums = new Float64Array(count);
    this.#places.fill(0);
    const isDecimal = exponent !== undefined && this.#fits(buckets, scaleOf(exponent));
    this.#writeColumn(counts, count, out);
    if (isDecimal) {
      this.#writeDecimals(buckets, scaleOf(exponent), begin, out);
    } else {
      for (const [i, numbers] of [minimums, maximums, sums].entries()) {
        this.#places[LEAST + i] = out.length - begin;
        this.#writeColumn(numbers, count, out);
      }
      this.#sums.set(sums.subarray(0, count));
    }
    const known = this.#writeLost(buckets, begin, out);
    const view = new DataView(out.buffer.buffer, begin);
    view.setUint8(0, isDecimal ? DECIMALS : DOUBLES);
    view.setUint8(1, isDecimal ? exponent : 0);
    view.setUint8(2, known);
    this.#places.forEach((place, i) => {
      view.setUint32(3 + 4 * i, place, true);
    });
  }

  /** Finds the odd buckets. */
  #fits({ count, counts, minimums, maximums, sums }: BucketRows, scale: number): boolean {
    this.#odd.length = 0;
    for (let i = 0; i < count; i++) {
      const least = minimums[i]!;
      const most = maximums[i]!;
      const isOdd = !Number.isFinite(sums[i]!) || Object.is(least, -0) || Object.is(most, -0);
      if (isOdd) this.#odd.push(i);
      else if (counts[i]! * Math.max(Math.abs(least), Math.abs(most)) * scale > WHOLE_MAX) {
        return false;
      }
    }
    return this.#odd.length <= count / ODD_ONE_IN;
  }

  #writeDecimals(buckets: BucketRows, scale: number, begin: number, out: ByteWriter): void {
    const { count, counts, minimums, maximums, wholes, sums } = buckets;
    const odd = new Set(this.#odd);
    const numbers = new Float64Array(count);
    const least = (i: number) => Math.round(minimums[i]! * scale);
    const span = (i: number) => Math.round(maximums[i]! * scale) - least(i);
    const beside = (i: number) => wholes[i]! - expectedSum(counts[i]!, least(i), span(i));
    for (const [place, numberOf] of [least, span, beside].entries()) {
      // An odd bucket repeats the one before it, so that it does not widen the range.
      let before = 0;
      for (let i = 0; i < count; i++) {
        if (!odd.has(i)) before = numberOf(i) + 0;
        numbers[i] = before;
      }
      this.#places[LEAST + place] = out.length - begin;
      this.#writeColumn(numbers, count, out);
    }
    for (let i = 0; i < count; i++) this.#sums[i] = wholes[i]! / scale;
    this.#places[ODD] = out.length - begin;
    out.u32(this.#odd.length);
    for (const i of this.#odd) {
      this.#sums[i] = sums[i]!;
      out.u32(i);
      out.f64(sums[i]!);
      out.f64(minimums[i]!);
      out.f64(maximums[i]!);
    }
  }

  /** Answers what a reader will know of the sums. */
  #writeLost(buckets: BucketRows, begin: number, out: ByteWriter): number {
    const { count, sums, lows, errors, minimums, maximums } = buckets;
    const lost = new Float64Array(count);
    let [isExact, isBelow, isAbove] = [true, false, false];
    let most = 0;
    for (let i = 0; i < count; i++) {
      if (!Number.isFinite(sums[i]!)) continue;
      if (errors[i]! > 0) isExact = false;
      if (minimums[i]! < 0) isBelow = true;
      if (maximums[i]! > 0) isAbove = true;
      lost[i] = sums[i]! - this.#sums[i]! + lows[i]!;
      most = Math.max(most, Math.abs(lost[i]!));
    }
    if (isExact) return EXACT;
    if (!isBelow || !isAbove) return ROUNDED;
    const quantum = Math.max(2 ** (Math.ceil(Math.log2(most)) - LOST_BITS), Number.MIN_VALUE);
    for (let i = 0; i < count; i++) lost[i] = Math.round(lost[i]! / quantum) + 0;
    this.#places[LOST] = out.length - begin;
    out.f64(quantum);
    this.#writeColumn(lost, count, out);
    return WITH_LOST;
  }

  #writeColumn(numbers: Float64Array, count: number, out: ByteWriter): void {
    this.#column.values.set(numbers.subarray(0, count));
    this.#values.encode(this.#column, 0, count, out);
  }
}

export function isKept(bytes: Uint8Array, at: number): boolean {
  return bytes[at] !== NOT_KEPT;
}

/** Puts a kept series' `count` buckets into `into`; their numbers are there already. */
export class BucketDecoder {
  readonly #column = new Columns();

  decode(bytes: Uint8Array, at: number, count: number, into: BucketRows): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER_BYTES);
    const placeOf = (column: number) => at + view.getUint32(3 + 4 * column, true);
    this.#read(bytes, at + HEADER_BYTES, count, into.counts);
    this.#read(bytes, placeOf(LEAST), count, into.minimums);
    this.#read(bytes, placeOf(MOST), count, into.maximums);
    this.#read(bytes, placeOf(SUM), count, into.sums);
    if (view.getUint8(0) === DECIMALS) {
      settleDecimals(into, count, scaleOf(view.getUint8(1)));
      putOdd(bytes, placeOf(ODD), into);
    }
    const known = view.getUint8(2);
    if (known === WITH_LOST) this.#readLost(bytes, placeOf(LOST), count, into);
    else {
      into.lows.fill(0, 0, count);
      const lastBit = known === EXACT ? 0 : LAST_BIT;
      for (let i = 0; i < count; i++) into.errors[i] = Math.abs(into.sums[i]!) * lastBit;
    }
  }

  #readLost(bytes: Uint8Array, at: number, count: number, into: BucketRows): void {
    const { counts, minimums, maximums, lows, errors } = into;
    const quantum = new DataView(bytes.buffer, bytes.byteOffset + at).getFloat64(0, true);
    this.#read(bytes, at + 8, count, lows);
    for (let i = 0; i < count; i++) {
      const greatest = Math.max(Math.abs(minimums[i]!), Math.abs(maximums[i]!));
      lows[i]! *= quantum;
      errors[i] = quantum + errorOf(counts[i]!, counts[i]! * greatest);
    }
  }

  #read(bytes: Uint8Array, at: number, count: number, into: Float64Array): void {
    const column = this.#column;
    column.clear();
    column.reserve(count);
    decodeValues(bytes, at, count, column);
    into.set(column.values.subarray(0, count));
  }
}

function settleDecimals(into: BucketRows, count: number, scale: number): void {
  const { counts, minimums, maximums, sums } = into;
  for (let i = 0; i < count; i++) {
    const least = minimums[i]!;
    const span = maximums[i]!;
    minimums[i] = least / scale;
    maximums[i] = (least + span) / scale;
    sums[i] = (sums[i]! + expectedSum(counts[i]!, least, span)) / scale;
  }
}

function putOdd(bytes: Uint8Array, at: number, { sums, minimums, maximums }: BucketRows): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const end = 4 + ODD_BYTES * view.getUint32(0, true);
  for (let place = 4; place < end; place += ODD_BYTES) {
    const i = view.getUint32(place, true);
    sums[i] = view.getFloat64(place + 4, true);
    minimums[i] = view.getFloat64(place + 12, true);
    maximums[i] = view.getFloat64(place + 20, true);
  }
}

/** Of values that spread evenly between their least and greatest. */
function expectedSum(count: number, least: number, span: number): number {
  return Math.round(count * (least + span / 2)) + 0;
}
