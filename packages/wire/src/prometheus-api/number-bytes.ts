import { formatSampleValue } from "../number-text.ts";
import { formatTimestamp } from "./numbers.ts";

/*
 * Numbers as UTF-8, straight into the answer: the same text as `formatSampleValue`, without a
 * string a sample.
 *
 * What is a whole number of thousandths is known by dividing them again. Any other number v between
 * 1e-6 and 1e15 is scaled by the power of ten that makes it x of 16 digits before the point. As
 * 10^k is a double for k ≤ 22, x is known exactly as the sum of two doubles (Dekker 1971), and so
 * is h, half the distance to v's neighbours. Every decimal between x − h and x + h reads back as v,
 * and as 0.05 < h < 1.2 the shortest one is the multiple of ten that lies there, else the nearest
 * whole number if that does, else x rounded to a tenth. Where this comes too close to a border to
 * be judged, or v is a power of two, the long way is taken.
 */

/** No number is longer than `-0.0000012345678901234567`. */
export const NUMBER_BYTES_MAX = 25;

const ZERO = 48;
const MINUS = 45;
const POINT = 46;
/** Digits of the two halves. */
const HALF = 8;
const HALF_BASE = 1e8;
const DIGITS = 2 * HALF;
const LEAST_HIGH = 1e7;
const LEAST = 1e-6;
const MOST = 1e15;
/** Below it thousandths have less than 15 digits, of which no two decimals are one number. */
const MOST_IN_THOUSANDTHS = 1e9;
/** Sums of the two doubles are good to 2^-52. */
const UNCERTAINTY = 1e-12;
const MOST_POWER = 22;
const SPLIT = 2 ** 27 + 1;
const EXPONENT_BIAS = 1023;
const MANTISSA_BITS = 52;

const POWERS = Float64Array.from({ length: MOST_POWER + 1 }, (_, k) => Number(`1e${k}`));
/** Each power's first 26 bits; the rest is the difference. */
const POWER_HEADS = POWERS.map((power) => power * SPLIT - (power * SPLIT - power));
/** By exponent bits: the k that gives the least number of that exponent 16 digits. */
const POWER_OF_EXPONENT = Int8Array.from({ length: 2048 }, (_, bits) => {
  const least = 2 ** (bits - EXPONENT_BIAS);
  const inRange = least >= LEAST / 2 && least < MOST;
  return inRange ? DIGITS - 1 - Math.floor(Math.log10(least)) : 0;
});
/** By exponent bits: half of what lies between two numbers. */
const HALF_STEPS = Float64Array.from(
  { length: 2048 },
  (_, bits) => 2 ** (bits - EXPONENT_BIAS - MANTISSA_BITS - 1),
);
/** The digits of 00 … 99. */
const PAIRS = Uint8Array.from(
  { length: 200 },
  (_, i) => ZERO + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10),
);

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** Writes a sample's value at `at`, which must have room; answers where it ends. Hot. */
export function writeSampleValue(bytes: Uint8Array, at: number, value: number): number {
  const size = Math.abs(value);
  if (size >= LEAST && size < MOST) {
    if (value < 0) bytes[at] = MINUS;
    const end = writeUsual(bytes, value < 0 ? at + 1 : at, size);
    if (end > 0) return end;
  }
  return writeAscii(bytes, at, formatSampleValue(value));
}

/** From 1e-6 to 1e15. 0 = it was not written. */
function writeUsual(bytes: Uint8Array, at: number, size: number): number {
  const whole = Math.floor(size);
  if (whole === size) return writeWhole(bytes, at, whole);
  const thousandths = Math.floor(size * 1_000 + 0.5);
  if (thousandths / 1_000 === size && size < MOST_IN_THOUSANDTHS) {
    return writeThousandths(bytes, at, whole, thousandths - whole * 1_000);
  }
  double[0] = size;
  const high = words[HIGH_WORD]!;
  const isPowerOfTwo = words[1 - HIGH_WORD] === 0 && (high & 0xf_ffff) === 0;
  return isPowerOfTwo ? 0 : writeShortest(bytes, at, size, high >>> 20);
}

/** 0 = too close to call. */
function writeShortest(bytes: Uint8Array, at: number, size: number, exponent: number): number {
  let k = POWER_OF_EXPONENT[exponent]!;
  if (size * POWERS[k]! >= 1e16) k--;
  const power = POWERS[k]!;
  const scaled = size * power;
  const rest = productRest(size, k, scaled);
  const halfStep = HALF_STEPS[exponent]! * power;
  let high = Math.floor(scaled * 1e-8);
  const low = scaled - high * HALF_BASE;
  if (high < LEAST_HIGH || low < 0 || low >= HALF_BASE) return 0;

  // `Math.round` takes longer, for halves, and what is too near to one is refused below.
  let digits = Math.floor(low * 0.1 + 0.5) * 10;
  let count = DIGITS;
  const off = Math.abs(low - digits + rest);
  if (off >= halfStep - UNCERTAINTY) {
    if (off <= halfStep + UNCERTAINTY) return 0;
    digits = Math.floor(low + 0.5);
    let beside = low - digits + rest;
    if (beside > 0.5) {
      digits++;
      beside--;
    } else if (beside < -0.5) {
      digits--;
      beside++;
    }
    const distance = Math.abs(beside);
    if (distance > 0.5 - UNCERTAINTY || Math.abs(distance - halfStep) < UNCERTAINTY) return 0;
    if (distance > halfStep) {
      const tenth = Math.floor(beside * 10 + 0.5);
      if (Math.abs(beside * 10 - tenth) > 0.5 - 10 * UNCERTAINTY) return 0;
      digits = digits * 10 + tenth;
      count = DIGITS + 1;
    }
  }
  const lowBase = count === DIGITS ? HALF_BASE : 10 * HALF_BASE;
  if (digits < 0) return 0;
  if (digits >= lowBase) {
    digits -= lowBase;
    if (++high === HALF_BASE) return 0;
  }
  return writeDigits(bytes, at, high, digits, count, DIGITS - k);
}

/** What the double `scaled` lacks to be size · 10^k. */
function productRest(size: number, k: number, scaled: number): number {
  const large = size * SPLIT;
  const head = large - (large - size);
  const tail = size - head;
  const powerHead = POWER_HEADS[k]!;
  const powerTail = POWERS[k]! - powerHead;
  return head * powerHead - scaled + head * powerTail + tail * powerHead + tail * powerTail;
}

/**
 * Writes `count` digits, 8 of them in `high`, less the zeros at their end; `before` of them stand
 * before the point.
 */
function writeDigits(
  bytes: Uint8Array,
  at: number,
  high: number,
  low: number,
  count: number,
  before: number,
): number {
  let first = at;
  if (before <= 0) {
    bytes[first++] = ZERO;
    bytes[first++] = POINT;
    for (let i = before; i < 0; i++) bytes[first++] = ZERO;
  } else first++;
  writeEight(bytes, first, high | 0);
  let end = first + count;
  if (low === 0) end = first + HALF;
  else if (count === DIGITS) writeEight(bytes, first + HALF, low | 0);
  else {
    const head = (low / 10) | 0;
    writeEight(bytes, first + HALF, head);
    bytes[end - 1] = ZERO + ((low | 0) - head * 10);
  }
  while (bytes[end - 1] === ZERO) end--;
  if (before <= 0) return end;
  for (let i = 0; i < before; i++) bytes[at + i] = bytes[at + i + 1]!;
  bytes[at + before] = POINT;
  return end;
}

/** Exactly eight digits. */
function writeEight(bytes: Uint8Array, at: number, value: number): void {
  const high = (value / 10_000) | 0;
  writeFour(bytes, at, high);
  writeFour(bytes, at + 4, value - high * 10_000);
}

function writeFour(bytes: Uint8Array, at: number, value: number): void {
  const head = (value / 100) | 0;
  const tail = value - head * 100;
  bytes[at] = PAIRS[2 * head]!;
  bytes[at + 1] = PAIRS[2 * head + 1]!;
  bytes[at + 2] = PAIRS[2 * tail]!;
  bytes[at + 3] = PAIRS[2 * tail + 1]!;
}

/** A fraction of 1 to 999 thousandths, without the zeros at its end. */
function writeThousandths(
  bytes: Uint8Array,
  at: number,
  whole: number,
  thousandths: number,
): number {
  const end = writeWhole(bytes, at, whole);
  const first = (thousandths / 100) | 0;
  const tail = thousandths - first * 100;
  bytes[end] = POINT;
  bytes[end + 1] = ZERO + first;
  bytes[end + 2] = PAIRS[2 * tail]!;
  bytes[end + 3] = PAIRS[2 * tail + 1]!;
  if (tail === 0) return end + 2;
  return bytes[end + 3] === ZERO ? end + 3 : end + 4;
}

/** A whole number from 0 to 1e15. */
function writeWhole(bytes: Uint8Array, at: number, value: number): number {
  if (value < 10) {
    bytes[at] = ZERO + value;
    return at + 1;
  }
  if (value >= HALF_BASE) {
    const high = Math.floor(value / HALF_BASE);
    const end = writeWhole(bytes, at, high);
    writeEight(bytes, end, (value - high * HALF_BASE) | 0);
    return end + HALF;
  }
  let count = 2;
  for (let bound = 100; bound <= value; bound *= 10) count++;
  let left = value | 0;
  let place = at + count;
  while (left >= 10) {
    const next = (left / 100) | 0;
    const pair = left - next * 100;
    bytes[--place] = PAIRS[2 * pair + 1]!;
    bytes[--place] = PAIRS[2 * pair]!;
    left = next;
  }
  if (place > at) bytes[at] = ZERO + left;
  return at + count;
}

/** A time as `formatTimestamp` writes it. Hot. */
export function writeTimestamp(bytes: Uint8Array, at: number, timeMs: number): number {
  if (!(timeMs >= 0 && timeMs < MOST)) return writeAscii(bytes, at, formatTimestamp(timeMs));
  const seconds = Math.floor(timeMs / 1_000);
  const end = writeWhole(bytes, at, seconds);
  const fraction = timeMs - seconds * 1_000;
  if (fraction === 0) return end;
  bytes[end] = POINT;
  bytes[end + 1] = ZERO + ((fraction / 100) | 0);
  const tail = fraction % 100;
  bytes[end + 2] = PAIRS[2 * tail]!;
  bytes[end + 3] = PAIRS[2 * tail + 1]!;
  return end + 4;
}

function writeAscii(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}
