import { quote } from "./quoted.ts";

const HEX_START = /0[xX]_?\.?[0-9a-fA-F]?/y;
const START = /0?\.?\d?/y;
const DIGITS = /\d+/y;
const HEX_DIGITS = /[0-9a-fA-F]+/y;

interface Scanned {
  /** Behind what was looked at. */
  readonly to: number;
  /** Whether a number ends there; it may still be none that can be read. */
  readonly isNumber: boolean;
}

/**
 * How far a number goes, as Prometheus' lexer has it. An `e` that is the second digit of a
 * hexadecimal number counts as an exponent there: `0x1e5` is one, `0x1e` at the very end is not.
 */
export function scanNumber(text: string, from: number): Scanned {
  const hexStart = skip(HEX_START, text, from);
  const digits = hexStart > from ? HEX_DIGITS : DIGITS;
  let at = hexStart > from ? hexStart : skip(START, text, from);
  const cut = () => ({ to: Math.min(at + 1, text.length), isNumber: false });
  const stands = (signs: string) => at < text.length && signs.includes(text[at]!);
  for (let hasDot = false, hasExponent = false; ; ) {
    if (stands(".")) {
      if (hasDot) return cut();
      hasDot = true;
      at++;
      if (stands("_.")) return cut();
      if (digits === HEX_DIGITS) return { to: at, isNumber: false };
    } else if (stands("eE_")) {
      const isExponent = !stands("_");
      if (isExponent && hasExponent) return cut();
      hasExponent ||= isExponent;
      at++;
      if (isExponent && stands("+-")) at++;
      if (at === text.length || stands("._eE")) return cut();
    } else {
      const end = skip(digits, text, at);
      if (end === at) return { to: at, isNumber: !/[a-zA-Z0-9_]/.test(text[at] ?? "") };
      at = end;
    }
  }
}

const INTEGER = /^(?:0[xX](?:_?[0-9a-fA-F])+|0(?:_?[0-7])*|[1-9](?:_?\d)*)$/;
const FLOAT = /^(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?$/;
const MOST_INTEGER = 2n ** 63n - 1n;

/** As Go reads it: with a leading zero octal if it can be, hexadecimal up to 64 bits; else why not. */
export function readNumber(written: string): number | "invalid syntax" | "value out of range" {
  const digits = written.replaceAll("_", "");
  if (INTEGER.test(written)) {
    const value = BigInt(/^0\d/.test(digits) ? `0o${digits}` : digits);
    if (value <= MOST_INTEGER) return Number(value);
  }
  if (!FLOAT.test(written)) return "invalid syntax";
  const value = Number(digits);
  return Number.isFinite(value) ? value : "value out of range";
}

/** Seconds and the rest are added up as Go does it: 1118 ms are not quite 1.118. */
export function secondsOfMs(ms: number): number {
  return Math.trunc(ms / 1000) + (ms % 1000) / 1000;
}

const UNITS = ["y", "w", "d", "h", "m", "s", "ms"];
const MOST_COUNT = 2n ** 64n;

/** Why Go reads no duration: the first of its parts that does not fit, or all are too long. */
export function durationProblem(written: string): string {
  const invalid = `not a valid duration string: ${quote(written)}`;
  let last = -1;
  for (const [, count = "", unit = ""] of written.matchAll(/^\D+|(\d+)(\D+)/g)) {
    if (count === "" || BigInt(count) >= MOST_COUNT) return invalid;
    const place = UNITS.indexOf(unit);
    if (place < 0) return `unknown unit ${quote(unit)} in duration ${quote(written)}`;
    if (place <= last) return invalid;
    last = place;
  }
  return "duration out of range";
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
