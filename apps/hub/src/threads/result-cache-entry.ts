import type { Labels, MatrixSeries, StepGrid } from "@hms-ops/model";
import type { Generation } from "@hms-ops/stores/tsdb";

/** Steps of a range query as they were answered. In shared memory: it crosses threads as it is. */
export interface CachedSteps {
  /** What was evaluated, short forms replaced. */
  readonly text: string;
  readonly grid: StepGrid;
  /** Of the store, when they were evaluated or last found to hold. */
  readonly generation: Generation;
  /** JSON of all label sets. */
  readonly labels: SharedArrayBuffer;
  /** Of each series the count of its points, then of each point its step. */
  readonly places: SharedArrayBuffer;
  readonly values: SharedArrayBuffer;
}

export function sizeOf({ labels, places, values }: CachedSteps): number {
  return labels.byteLength + places.byteLength + values.byteLength;
}

/** Undefined: larger than `maxBytes`, or there are histograms in it. */
export function packSteps(
  {
    series,
    ...rest
  }: Pick<CachedSteps, "text" | "grid" | "generation"> & {
    readonly series: readonly MatrixSeries[];
  },
  maxBytes: number,
): CachedSteps | undefined {
  if (series.some(({ histograms }) => histograms !== undefined)) return undefined;
  const points = series.reduce((sum, { timesMs }) => sum + timesMs.length, 0);
  if (points * 12 > maxBytes) return undefined;
  const text = new TextEncoder().encode(JSON.stringify(series.map(({ labels }) => labels)));
  if (points * 12 + text.length > maxBytes) return undefined;
  const labels = new SharedArrayBuffer(text.length);
  new Uint8Array(labels).set(text);
  const places = new SharedArrayBuffer((series.length + points) * 4);
  const values = new SharedArrayBuffer(points * 8);
  const placeWords = new Uint32Array(places);
  const numbers = new Float64Array(values);
  const { startMs, stepMs } = rest.grid;
  let at = 0;
  for (const [i, one] of series.entries()) {
    placeWords[i] = one.timesMs.length;
    for (let j = 0; j < one.timesMs.length; j++) {
      placeWords[series.length + at + j] = Math.round(((one.timesMs[j] ?? 0) - startMs) / stepMs);
    }
    numbers.set(one.values, at);
    at += one.timesMs.length;
  }
  return { ...rest, labels, places, values };
}

/** The series with points at the steps `from` to `to`, the latter not included. */
export function unpackSteps(
  { grid, labels, places, values }: CachedSteps,
  from: number,
  to: number,
): readonly MatrixSeries[] {
  // What is shared cannot be decoded in place.
  const text = new TextDecoder().decode(new Uint8Array(labels).slice());
  const all = JSON.parse(text) as readonly Labels[];
  const placeWords = new Uint32Array(places);
  const numbers = new Float64Array(values);
  const series: MatrixSeries[] = [];
  let at = 0;
  for (const [i, one] of all.entries()) {
    const end = at + (placeWords[i] ?? 0);
    const steps = placeWords.subarray(all.length + at, all.length + end);
    const first = firstNotBefore(steps, from);
    const last = firstNotBefore(steps, to);
    if (last > first) {
      const timesMs = Float64Array.from(
        steps.subarray(first, last),
        (step) => grid.startMs + step * grid.stepMs,
      );
      series.push({ labels: one, timesMs, values: numbers.slice(at + first, at + last) });
    }
    at = end;
  }
  return series;
}

function firstNotBefore(steps: Uint32Array, step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((steps[middle] ?? 0) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}
