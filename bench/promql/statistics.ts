/** The middle one, or the mean of the two in the middle; NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Whatever is no positive number is left out; NaN of nothing. */
export function geometricMeanOf(values: readonly (number | undefined)[]): number {
  const logs = values
    .filter((value) => value !== undefined && value > 0)
    .map((v) => Math.log(v ?? 1));
  if (logs.length === 0) return Number.NaN;
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

/** The items in an order that begins with each of them in turn. */
export function rotated<T>(items: readonly T[], turn: number): readonly T[] {
  const at = items.length === 0 ? 0 : turn % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
