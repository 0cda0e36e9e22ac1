/**
 * A time as vectors and matrices carry it: seconds, whole or with exactly three decimals, never
 * an exponent. From whole milliseconds.
 */
export function formatTimestamp(timeMs: number): string {
  const size = Math.abs(timeMs);
  const fraction = size % 1_000;
  const text = String(Math.floor(size / 1_000));
  const sign = timeMs < 0 ? "-" : "";
  if (fraction === 0) return sign + text;
  return `${sign}${text}.${String(fraction).padStart(3, "0")}`;
}

/** A time beside a scalar or string: seconds in the shortest form. */
export function formatShortTimestamp(timeMs: number): string {
  const text = formatTimestamp(timeMs);
  return text.includes(".") ? text.replace(/0+$/, "") : text;
}
