/** Times and values of one series, as every picture has them. */
export interface Points {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

export interface PointSummary {
  /** NaN when there is no finite value. */
  readonly last: number;
  readonly lastMs: number;
  readonly least: number;
  readonly mean: number;
  readonly most: number;
}

/** Of the finite values. */
export function summarize({ timesMs, values }: Points): PointSummary {
  let last = Number.NaN;
  let lastMs = Number.NaN;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    last = value;
    lastMs = timesMs[i] ?? Number.NaN;
    if (value < least) least = value;
    if (value > most) most = value;
    sum += value;
    count++;
  }
  if (count === 0) {
    return { last, lastMs, least: Number.NaN, mean: Number.NaN, most: Number.NaN };
  }
  return { last, lastMs, least, mean: sum / count, most };
}

export interface PointFigures {
  readonly last: number;
  readonly least: number;
  readonly mean: number;
  readonly most: number;
}

/**
 * Of all that was answered, infinite values too; NaN counts only where it is the last value or the
 * only one. Undefined when there is no point.
 */
export function figuresOf({ values }: Points): PointFigures | undefined {
  const last = values.at(-1);
  if (last === undefined) return undefined;
  let least = Number.NaN;
  let most = Number.NaN;
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (!(value >= least)) least = value;
    if (!(value <= most)) most = value;
    sum += value;
    count++;
  }
  return { last, least, mean: sum / count, most };
}

export function median(values: Float64Array): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The value at a moment, if a point lies within half a step of it. */
export function valueAt(points: Points, timeMs: number, stepMs: number): number | undefined {
  const { timesMs, values } = points;
  const index = nearestIndex(timesMs, timeMs);
  if (index < 0 || Math.abs((timesMs[index] ?? 0) - timeMs) > stepMs / 2) return undefined;
  return values[index];
}

/** −1 when there are no points. */
function nearestIndex(timesMs: Float64Array, timeMs: number): number {
  let low = 0;
  let high = timesMs.length - 1;
  if (high < 0) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timesMs[middle] ?? 0) < timeMs) low = middle + 1;
    else high = middle;
  }
  const before = low - 1;
  if (before < 0) return low;
  const toLow = Math.abs((timesMs[low] ?? 0) - timeMs);
  const toBefore = Math.abs((timesMs[before] ?? 0) - timeMs);
  return toBefore <= toLow ? before : low;
}
