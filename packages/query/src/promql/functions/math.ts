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
function datePart(part: (date: Date) => number): MathFunction {
  return (seconds) => {
    const date = new Date(Math.trunc(seconds) * 1000);
    return Number.isNaN(date.getTime()) ? Number.NaN : part(date);
  };
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
export const year = datePart((date) => date.getUTCFullYear());
