import type { Unit } from "@hms-ops/model";
import { formatClock, formatDayOfYear, isMoment, zoneName } from "../time/clock-text.ts";
import { type NumberScale, scaleOf } from "./units.ts";

/** A number as it is shown: `7.8` and `%`, so that the unit can be set smaller. */
export interface ShownNumber {
  /** `1,240`; `–` when there is none. */
  readonly number: string;
  /** `%`, `s`, `/min`; empty for bare counts and for missing numbers. */
  readonly unit: string;
  /** Both together, as a sentence writes them: `7.8 %`, `1,240/min`, `no data`. */
  readonly text: string;
}

export const MISSING_NUMBER: ShownNumber = { number: "–", unit: "", text: "no data" };

/**
 * `formatValue(1240, "per-minute")` is 1,240 and /min. Undefined is missing; NaN and ±Inf have no
 * unit. The zone is that of a timestamp's date and time.
 */
export function formatValue(value: number | undefined, unit: Unit, zone = "UTC"): ShownNumber {
  if (value === undefined) return MISSING_NUMBER;
  if (unit === "timestamp" && isMoment(value * 1000)) return writeTimestamp(value * 1000, zone);
  return writeScaled(value, scaleOf(unit, Math.abs(value)));
}

/** A limit is a round number that somebody set: `2 s`, not `2.00 s`. */
export function formatLimit(value: number, unit: Unit): string {
  const { number, unit: unitText, text } = formatValue(value, unit);
  const short = withoutZeros(number);
  return short === number ? text : `${short} ${unitText}`;
}

/**
 * Values of one column or sentence: one unit, the same decimals, so that they can be compared. A
 * value too small for these is written by itself: only 0 is "0".
 */
export function formatTogether(
  values: readonly (number | undefined)[],
  unit: Unit,
  zone = "UTC",
): readonly ShownNumber[] {
  if (unit === "timestamp") return values.map((value) => formatValue(value, unit, zone));
  const greatest = greatestMagnitude(values);
  const scale = scaleOf(unit, greatest);
  const decimals = sharedDecimals(values, scale, greatest / scale.divideBy);
  const least = decimals === undefined ? 0 : 0.5 * 10 ** -decimals;
  return values.map((value) => {
    if (value === undefined) return MISSING_NUMBER;
    const vanishes = value !== 0 && Math.abs(value) / scale.divideBy < least;
    return vanishes ? formatValue(value, unit) : writeScaled(value, scale, decimals);
  });
}

/** `17 Nov 2026 14:32:07` and `UTC`. */
function writeTimestamp(timeMs: number, zone: string): ShownNumber {
  const number = `${formatDayOfYear(timeMs, zone)} ${formatClock(timeMs, zone, "seconds")}`;
  const unit = zoneName(zone);
  return { number, unit, text: `${number} ${unit}` };
}

/** Three digits of a number below 0.000001 stand behind more zeros than anybody counts. */
const MOST_DECIMALS = 8;

/**
 * Three digits of the greatest value, less the zeros that all of them end in. Undefined when each
 * is best written with a power of ten.
 */
function sharedDecimals(
  values: readonly (number | undefined)[],
  { divideBy }: NumberScale,
  greatest: number,
): number | undefined {
  const most = greatest === 0 ? 2 : Math.max(0, 2 - Math.floor(Math.log10(greatest)));
  if (most > MOST_DECIMALS) return undefined;
  const fixed = values.filter(isFiniteNumber).map((value) => (value / divideBy).toFixed(most));
  let decimals = most;
  while (decimals > 0 && fixed.every((text) => text.at(decimals - most - 1) === "0")) decimals--;
  return decimals;
}

/** In a given scale; `decimals` fixes how many digits follow the point. */
export function writeScaled(value: number, scale: NumberScale, decimals?: number): ShownNumber {
  if (!isFiniteNumber(value)) return writeNotFinite(value);
  const number = writeNumber(value / scale.divideBy, scale, decimals);
  const space = scale.unit === "" || scale.unit.startsWith("/") ? "" : " ";
  return { number, unit: scale.unit, text: `${number}${space}${scale.unit}` };
}

/** As the API and PromQL write them, so that they are found again there. */
function writeNotFinite(value: number): ShownNumber {
  const number = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  return { number, unit: "", text: number };
}

/** A change, with its sign: `+ 6.9 points`, `− 12 ms`. */
export function formatDifference(difference: number, unit: Unit): string {
  if (Number.isNaN(difference)) return MISSING_NUMBER.text;
  const scale = scaleOf(unit, Math.abs(difference));
  const shown = writeScaled(Math.abs(difference), scale);
  const sign = difference < 0 ? "− " : "+ ";
  const text = unit === "share" || unit === "percent" ? `${shown.number} points` : shown.text;
  return difference === 0 ? text : sign + text;
}

function writeNumber(value: number, scale: NumberScale, decimals: number | undefined): string {
  if (scale.style === "yes-no") return value === 0 ? "no" : "yes";
  const size = Math.abs(value);
  const digits = decimals ?? decimalsFor(size, scale);
  const small = decimals === undefined && size > 0 && size < (scale.style === "money" ? 0.01 : 0.1);
  const text = small ? String(Number(size.toPrecision(3))) : group(size.toFixed(digits));
  const kept = decimals === undefined && !keepsZeros(scale) ? withoutZeros(text) : text;
  const negative = value < 0 && !/^[0.,]*$/.test(kept);
  return `${negative ? "−" : ""}${scale.prefix}${kept}`;
}

/** Digits after the point for three in all, or as many as the kind of number is worth. */
function decimalsFor(size: number, { style }: NumberScale): number {
  if (style === "share") {
    if (size > 99 && size < 100) return 2;
    return size >= 10 ? 1 : size >= 0.995 ? 1 : 2;
  }
  if (style === "milliseconds") return size >= 10 ? 0 : size >= 1 ? 1 : 2;
  if (style === "money") return size >= 100 ? 0 : 2;
  if (size >= 100) return 0;
  if (size >= 10) return 1;
  return size >= 0.9995 || size === 0 ? 2 : 3;
}

/** 2.90 s stays so: a reading of a stopwatch; 7.8 % loses nothing by being short. */
function keepsZeros({ style }: NumberScale): boolean {
  return style === "seconds" || style === "money";
}

function withoutZeros(text: string): string {
  return text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text;
}

function group(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function greatestMagnitude(values: readonly (number | undefined)[]): number {
  let greatest = 0;
  for (const value of values) {
    if (isFiniteNumber(value)) greatest = Math.max(greatest, Math.abs(value));
  }
  return greatest;
}

function isFiniteNumber(value: number | undefined): value is number {
  return Number.isFinite(value);
}
