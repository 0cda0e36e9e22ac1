import { divideWide, REST_DIGITS_MAX } from "./wide-division.ts";

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const LOWER_E = 0x65;
const TO_LOWER = 0x20;

/** Below it another digit leaves at most 15, of which every number is exact as a double. */
const EXACT_BELOW = 1e14;
/** Powers of ten up to here are exact as doubles, so one operation rounds once. */
const EXACT_POWER = 22;
const POWERS = Float64Array.from({ length: EXACT_POWER + 1 }, (_, i) => 10 ** i);
const EXPONENT_MAX = 100_000;
const SPECIAL_BYTES_MAX = "-infinity".length;

const ASCII = new TextDecoder("latin1");

/**
 * Reads numbers as Go's ParseFloat reads decimals: `1`, `.5`, `1.`, `-2e-3`, `NaN`, `+Inf`,
 * `infinity` in any case. Hot: a number of at most 19 digits costs no string.
 */
export class NumberReader {
  /** What was read last. */
  value = 0;
  #exponent = 0;

  /** Whether bytes[start … end) are one number, whole. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    return this.scan(bytes, start, end) === end;
  }

  /** Where the number that begins at `start` ends; −1 where none begins. Hot. */
  scan(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    const first = bytes[at];
    if (first === PLUS || first === MINUS) at++;
    const digitsStart = at;
    let pointAt = -1;
    let mantissa = 0;
    let rest = 0;
    let restDigits = 0;
    for (; at < end; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) {
        if (digit !== DOT - ZERO || pointAt >= 0) break;
        pointAt = at;
      } else if (mantissa < EXACT_BELOW) mantissa = mantissa * 10 + digit;
      else {
        rest = rest * 10 + digit;
        restDigits++;
      }
    }
    const hasPoint = pointAt >= 0;
    if (at - digitsStart === (hasPoint ? 1 : 0)) return this.#scanSpecial(bytes, start, end);
    let exponent = hasPoint ? pointAt + 1 - at : 0;
    if (at < end && (bytes[at]! | TO_LOWER) === LOWER_E) {
      at = this.#scanExponent(bytes, at + 1, end);
      if (at < 0) return -1;
      exponent += this.#exponent;
    }
    const size =
      restDigits === 0 ? scaled(mantissa, exponent) : wide(mantissa, rest, restDigits, exponent);
    if (Number.isNaN(size)) this.value = Number(ASCII.decode(bytes.subarray(start, at)));
    else this.value = first === MINUS ? -size : size;
    return at;
  }

  /** The end of the digits behind an `e` and their sign; −1 if there are none. */
  #scanExponent(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    const sign = bytes[at];
    if (sign === PLUS || sign === MINUS) at++;
    const digitsStart = at;
    let exponent = 0;
    for (; at < end; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      exponent = Math.min(exponent * 10 + digit, EXPONENT_MAX);
    }
    this.#exponent = sign === MINUS ? -exponent : exponent;
    return at === digitsStart ? -1 : at;
  }

  #scanSpecial(bytes: Uint8Array, start: number, end: number): number {
    const limit = Math.min(end, start + SPECIAL_BYTES_MAX + 1);
    let at = start;
    while (at < limit && isSignOrLetter(bytes[at]!)) at++;
    const text = ASCII.decode(bytes.subarray(start, at)).toLowerCase();
    if (text === "nan") this.value = Number.NaN;
    else if (/^\+?inf(inity)?$/.test(text)) this.value = Number.POSITIVE_INFINITY;
    else if (/^-inf(inity)?$/.test(text)) this.value = Number.NEGATIVE_INFINITY;
    else return -1;
    return at;
  }
}

/** NaN where it cannot be told with one rounding. */
function scaled(mantissa: number, exponent: number): number {
  if (exponent === 0) return mantissa;
  if (exponent < -EXACT_POWER || exponent > EXACT_POWER) return Number.NaN;
  return exponent < 0 ? mantissa / POWERS[-exponent]! : mantissa * POWERS[exponent]!;
}

function wide(mantissa: number, rest: number, restDigits: number, exponent: number): number {
  if (restDigits > REST_DIGITS_MAX || exponent > 0 || exponent < -EXACT_POWER) return Number.NaN;
  return divideWide(mantissa, rest, POWERS[restDigits]!, POWERS[-exponent]!);
}

function isSignOrLetter(byte: number): boolean {
  const lower = byte | TO_LOWER;
  return byte === PLUS || byte === MINUS || (lower >= 0x61 && lower <= 0x7a);
}
