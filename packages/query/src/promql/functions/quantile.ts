/** Quantile of numbers in any order, which are sorted in place; NaN ranks before all others. */
export function quantileOf(values: Float64Array, phi: number): number {
  values.sort();
  let count = values.length;
  while (count > 0 && Number.isNaN(values[count - 1])) count--;
  return quantileOfSorted(values, count, values.length - count, phi);
}

/**
 * Of the first `count` numbers, which rise, and of so many NaN before them: linear between
 * neighbours at rank φ·(n − 1); beyond 0 … 1 the infinities.
 */
export function quantileOfSorted(
  sorted: Float64Array,
  count: number,
  nans: number,
  phi: number,
): number {
  const n = count + nans;
  if (n === 0 || Number.isNaN(phi)) return Number.NaN;
  if (phi < 0) return Number.NEGATIVE_INFINITY;
  if (phi > 1) return Number.POSITIVE_INFINITY;
  const rank = phi * (n - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(n - 1, lower + 1);
  if (lower < nans) return Number.NaN;
  const weight = rank - Math.floor(rank);
  return sorted[lower - nans]! * (1 - weight) + sorted[upper - nans]! * weight;
}
