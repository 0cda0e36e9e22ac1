const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** Digits of which every number is exact as a double. */
const EXACT_DIGITS = 15;
/** Powers of ten up to here are exact as doubles, so one operation rounds once. */
const EXACT_POWER = 22;
const POWERS = Float64Array.from({ length: EXACT_POWER + 1 }, (_, i) => 10 ** i);

const ASCII = new TextDecoder("latin1");

/**
 * Reads numbers as Go's ParseFloat reads decimals: `1`, `.5`, `1.`, `-2e-3`, `NaN`, `+Inf`,
 * `infinity` in any case. Hot: a number of at most 15 digits costs no string.
 */
export class NumberReader {
  /** What the last `read` that answered true has read. */
  value = 0;

  /** Whether bytes[start … end) are one number, whole. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    const first = bytes[at];
    const signed = first === PLUS || first === MINUS;
    if (signed) at++;
    const digitsStart = at;
    let mantissa = 0;
    let digits = 0;
    let exponent = 0;
    let pointAt = -1;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte >= ZERO && byte <= NINE) {
        mantissa = mantissa * 10 + (byte - ZERO);
        if (mantissa > 0) digits++;
        if (pointAt >= 0) exponent--;
      } else if (byte === DOT && pointAt < 0) pointAt = at;
      else break;
    }
    const seen = at - digitsStart - (pointAt >= 0 ? 1 : 0);
    if (seen === 0) return this.#readSpecial(bytes, start, end);
    if (at < end) {
      const written = readExponent(bytes, at, end);
      if (Number.isNaN(written)) return false;
      exponent += written;
    }
    if (digits > EXACT_DIGITS || exponent > EXACT_POWER || exponent < -EXACT_POWER) {
      this.value = Number(ASCII.decode(bytes.subarray(start, end)));
      return true;
    }
    const size = exponent < 0 ? mantissa / POWERS[-exponent]! : mantissa * POWERS[exponent]!;
    this.value = first === MINUS ? -size : size;
    return true;
  }

  #readSpecial(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < 3 || end - start > 9) return false;
    const text = ASCII.decode(bytes.subarray(start, end)).toLowerCase();
    if (text === "nan") this.value = Number.NaN;
    else if (/^\+?inf(inity)?$/.test(text)) this.value = Number.POSITIVE_INFINITY;
    else if (/^-inf(inity)?$/.test(text)) this.value = Number.NEGATIVE_INFINITY;
    else return false;
    return true;
  }
}

/** `e+10` at the end of a number; NaN when it is none. */
function readExponent(bytes: Uint8Array, start: number, end: number): number {
  if ((bytes[start]! | 0x20) !== 0x65) return Number.NaN;
  let at = start + 1;
  const sign = bytes[at];
  if (sign === PLUS || sign === MINUS) at++;
  if (at >= end) return Number.NaN;
  let exponent = 0;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte < ZERO || byte > NINE) return Number.NaN;
    exponent = Math.min(exponent * 10 + (byte - ZERO), 100_000);
  }
  return sign === MINUS ? -exponent : exponent;
}
