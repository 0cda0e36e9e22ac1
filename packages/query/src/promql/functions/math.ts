/** Element by element over an instant vector; further arguments are scalars at the step. */
export type MathFunction = (value: number, ...parameters: number[]) => number;

/** Go's math.Max and math.Min: infinity wins over NaN. */
export function max(a: number, b: number): number {
  if (a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY)
    return Number.POSITIVE_INFINITY;
  return Math.max(a, b);
}

export function min(a: number, b: number): number {
  if (a === Number.NEGATIVE_INFINITY || b === Number.NEGATIVE_INFINITY)
    return Number.NEGATIVE_INFINITY;
  return Math.min(a, b);
}

/** IEEE pow as Go has it: 1 to any power is 1, and so is −1 to an infinite one. */
export function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY) return 1;
  return base ** exponent;
}

/** Ties go up. */
export function round(value: number, nearest = 1): number {
  const inverse = 1 / nearest;
  return Math.floor(value * inverse + 0.5) / inverse;
}

export const radians = (degrees: number): number => (degrees * Math.PI) / 180;
export const degrees = (angle: number): number => (angle * 180) / Math.PI;
export const sign = (value: number): number => (value > 0 ? 1 : value < 0 ? -1 : value);

/** A part of a UTC date; the argument is seconds since the epoch, fractions are cut. */
function datePart(part: (date: Date, cycles: number) => number): MathFunction {
  return (seconds) => {
    const whole = Math.trunc(seconds);
    if (!(Math.abs(whole) <= Number.MAX_SAFE_INTEGER)) return farDatePart(whole, part);
    const cycles = Math.floor(whole / CYCLE_S);
    return part(new Date((whole - cycles * CYCLE_S) * 1000), cycles);
  };
}

/** 400 years, after which the calendar repeats itself, weekdays too: dates are told in 1970 … 2369. */
const CYCLE_YEARS = 400;
const CYCLE_S = 146_097 * 86_400;
/** What Go takes seconds that 64 bits don't hold, and NaN, for (on amd64). */
const NO_SECONDS = -(2n ** 63n);
/** Go counts from a year before all others, in 64 bits without a sign. */
const BEFORE_EPOCH_S = 9_223_372_028_741_760_000n;

function farDatePart(seconds: number, part: (date: Date, cycles: number) => number): number {
  const isHeld = seconds >= -(2 ** 63) && seconds < 2 ** 63;
  const counted = BigInt.asUintN(64, (isHeld ? BigInt(seconds) : NO_SECONDS) + BEFORE_EPOCH_S);
  const cycle = BigInt(CYCLE_S);
  const sinceEpoch = counted - BEFORE_EPOCH_S;
  const rest = ((sinceEpoch % cycle) + cycle) % cycle;
  return part(new Date(Number(rest) * 1000), Number((sinceEpoch - rest) / cycle));
}

const DAY_MS = 86_400_000;
export const minute = datePart((date) => date.getUTCMinutes());
export const hour = datePart((date) => date.getUTCHours());
export const dayOfMonth = datePart((date) => date.getUTCDate());
export const dayOfWeek = datePart((date) => date.getUTCDay());
export const dayOfYear = datePart(
  (date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS) + 1,
);
export const daysInMonth = datePart((date) =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
);
export const month = datePart((date) => date.getUTCMonth() + 1);
export const year = datePart((date, cycles) => date.getUTCFullYear() + cycles * CYCLE_YEARS);
