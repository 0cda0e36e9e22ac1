/** Rising, NaN first, as Prometheus ranks them. Sorts in place. */
export function sortNumbers(values: Float64Array): Float64Array {
  values.sort();
  let numbers = values.length;
  while (numbers > 0 && Number.isNaN(values[numbers - 1])) numbers--;
  const nans = values.length - numbers;
  if (nans > 0) {
    values.copyWithin(nans, 0, numbers);
    values.fill(Number.NaN, 0, nans);
  }
  return values;
}

/** Of the first n: linear between neighbours at rank φ·(n − 1); beyond 0 … 1 the infinities. */
export function quantileOfSorted(sorted: Float64Array, n: number, phi: number): number {
  if (n === 0 || Number.isNaN(phi)) return Number.NaN;
  if (phi < 0) return Number.NEGATIVE_INFINITY;
  if (phi > 1) return Number.POSITIVE_INFINITY;
  const rank = phi * (n - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(n - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  return sorted[lower]! * (1 - weight) + sorted[upper]! * weight;
}
