import { bug, type SeriesBatch } from "@hms-ops/model";
import { extrapolation } from "../functions/rate.ts";
import { isSlidingWorth } from "../functions/slider.ts";
import type { RangeFunction, Window } from "../functions/window.ts";
import { type LineShape, rangeHow, type ScanSource } from "../plan/scans.ts";

/** The values of one series at every step; where `present` is 0 there is none. Re-used. */
export class Line {
  readonly values: Float64Array;
  readonly present: Uint8Array;

  constructor(steps: number) {
    this.values = new Float64Array(steps);
    this.present = new Uint8Array(steps);
  }
}

/** Makes lines of the series of a batch. Hot. */
export interface LineMaker {
  /** Must come before the first series of each batch. */
  begin(batch: SeriesBatch): void;
  /** False if there is no value at any step. */
  fill(k: number, line: Line): boolean;
}

export function lineMaker(shape: LineShape): LineMaker {
  return shape.source.kind === "instant"
    ? new InstantLines(shape.times, shape.source.lookbackMs)
    : new RangeLines(shape, shape.source);
}

/** Newest sample in (t − lookback, t], nothing where it is a stale marker. */
class InstantLines implements LineMaker {
  readonly #times: Float64Array;
  readonly #lookbackMs: number;
  #batch: SeriesBatch | undefined;

  constructor(times: Float64Array, lookbackMs: number) {
    this.#times = times;
    this.#lookbackMs = lookbackMs;
  }

  begin(batch: SeriesBatch): void {
    this.#batch = batch;
  }

  fill(k: number, { values, present }: Line): boolean {
    const batch = this.#batch!;
    const { timesMs, stale } = batch;
    const from = batch.offsets[k]!;
    const last = batch.offsets[k + 1]!;
    const times = this.#times;
    const lookbackMs = this.#lookbackMs;
    let next = from;
    let isAny = false;
    for (let step = 0; step < times.length; step++) {
      const time = times[step]!;
      while (next < last && timesMs[next]! <= time) next++;
      const newest = next - 1;
      if (newest < from || timesMs[newest]! <= time - lookbackMs || stale[newest] === 1) {
        present[step] = 0;
        continue;
      }
      present[step] = 1;
      values[step] = batch.values[newest]!;
      isAny = true;
    }
    return isAny;
  }
}

type RangeSource = Extract<ScanSource, { kind: "range" }>;

/** A range function at every step: two ends slide over the samples. */
class RangeLines implements LineMaker {
  readonly #ends: Float64Array;
  readonly #stepTimes: Float64Array;
  readonly #rangeMs: number;
  readonly #window: Window;
  readonly #evaluate: RangeFunction;
  /** 0 = a function that is more than a change. */
  readonly #riseDivisor: number;
  #batch: SeriesBatch | undefined;
  /** A series' samples without its stale markers. */
  #liveTimesMs = new Float64Array(256);
  #liveValues = new Float64Array(256);

  constructor({ times, stepTimes }: LineShape, { name, rangeMs, parameters }: RangeSource) {
    this.#ends = times;
    this.#stepTimes = stepTimes;
    this.#rangeMs = rangeMs;
    const { evaluate, slide, riseDivisor } = rangeHow(name) ?? bug(`${name} is over no range`);
    this.#riseDivisor = riseDivisor?.(rangeMs) ?? 0;
    this.#evaluate = slide && isSlidingWorth(times, rangeMs) ? slide() : evaluate;
    this.#window = {
      timesMs: this.#liveTimesMs,
      values: this.#liveValues,
      series: 0,
      from: 0,
      to: 0,
      startMs: 0,
      endMs: 0,
      timeMs: 0,
      parameters: [...parameters],
    };
  }

  begin(batch: SeriesBatch): void {
    this.#batch = batch;
  }

  fill(k: number, line: Line): boolean {
    const window = this.#window;
    const end = this.#load(this.#batch!, k);
    if (this.#riseDivisor > 0 && neverFalls(window.values, window.from, end)) {
      return this.#fillRises(end, line);
    }
    const { values, present } = line;
    const { timesMs } = window;
    const ends = this.#ends;
    const rangeMs = this.#rangeMs;
    const evaluate = this.#evaluate;
    let { from, to } = window;
    let isAny = false;
    for (let step = 0; step < ends.length; step++) {
      present[step] = 0;
      const endMs = ends[step]!;
      const startMs = endMs - rangeMs;
      while (to < end && timesMs[to]! <= endMs) to++;
      while (from < to && timesMs[from]! <= startMs) from++;
      if (to === from) continue;
      window.from = from;
      window.to = to;
      window.startMs = startMs;
      window.endMs = endMs;
      window.timeMs = this.#stepTimes[step]!;
      const value = evaluate(window);
      if (value === undefined) continue;
      present[step] = 1;
      values[step] = value;
      isAny = true;
    }
    return isAny;
  }

  /**
   * `rate` and `increase` of a counter that is never set back, which most are: the same numbers
   * without a call a window.
   */
  #fillRises(end: number, { values, present }: Line): boolean {
    const { timesMs, values: samples, from: first } = this.#window;
    const ends = this.#ends;
    const rangeMs = this.#rangeMs;
    const divisor = this.#riseDivisor;
    let from = first;
    let to = first;
    let isAny = false;
    for (let step = 0; step < ends.length; step++) {
      const endMs = ends[step]!;
      const startMs = endMs - rangeMs;
      while (to < end && timesMs[to]! <= endMs) to++;
      while (from < to && timesMs[from]! <= startMs) from++;
      if (to - from < 2) {
        present[step] = 0;
        continue;
      }
      const before = samples[from]!;
      const change = samples[to - 1]! - before;
      const zeroShare = change > 0 && before >= 0 ? before / change : Number.POSITIVE_INFINITY;
      const samplesCount = to - from;
      const lastMs = timesMs[to - 1]!;
      const factor = extrapolation(timesMs[from]!, lastMs, samplesCount, startMs, endMs, zeroShare);
      present[step] = 1;
      values[step] = change * (factor / divisor);
      isAny = true;
    }
    return isAny;
  }

  /** Puts the window before the series' first sample; answers where its last one ends. */
  #load(batch: SeriesBatch, k: number): number {
    const window = this.#window;
    const from = batch.offsets[k]!;
    const end = batch.offsets[k + 1]!;
    window.series++;
    for (let row = from; row < end; row++) {
      if (batch.stale[row] === 1) return this.#loadLive(batch, from, end);
    }
    window.timesMs = batch.timesMs;
    window.values = batch.values;
    window.from = from;
    window.to = from;
    return end;
  }

  #loadLive({ timesMs, values, stale }: SeriesBatch, from: number, end: number): number {
    if (end - from > this.#liveTimesMs.length) {
      this.#liveTimesMs = new Float64Array(2 * (end - from));
      this.#liveValues = new Float64Array(2 * (end - from));
    }
    let count = 0;
    for (let row = from; row < end; row++) {
      if (stale[row] === 1) continue;
      this.#liveTimesMs[count] = timesMs[row]!;
      this.#liveValues[count++] = values[row]!;
    }
    const window = this.#window;
    window.timesMs = this.#liveTimesMs;
    window.values = this.#liveValues;
    window.from = 0;
    window.to = 0;
    return count;
  }
}

function neverFalls(values: Float64Array, from: number, end: number): boolean {
  for (let row = from + 1; row < end; row++) if (values[row]! < values[row - 1]!) return false;
  return true;
}
