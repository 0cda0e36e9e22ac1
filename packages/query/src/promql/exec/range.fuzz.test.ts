import {
  type Random,
  SampleBatchBuilder,
  type Snapshot,
  type StepGrid,
  seededRandom,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { prepareQuery, runQuery } from "../../index.ts";

interface Sample {
  readonly timeMs: number;
  readonly value: number;
}

type Naive = (
  inside: readonly Sample[],
  startMs: number,
  endMs: number,
  timeMs: number,
) => number | undefined;

const values = (inside: readonly Sample[]) => inside.map(({ value }) => value);

/** Neumaier's sum, as the language asks for. */
function sum(numbers: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const number of numbers) {
    const next = total + number;
    if (Number.isFinite(next)) {
      lost += Math.abs(total) >= Math.abs(number) ? total - next + number : number - next + total;
    } else lost = 0;
    total = next;
  }
  return Number.isFinite(total) ? total + lost : total;
}

/** Goes on with a running mean, compensated, from where the sum would be infinite. */
function mean(numbers: readonly number[]): number {
  const from = numbers.findIndex((_, i) => Math.abs(plain(numbers.slice(0, i + 1))) === Infinity);
  if (from < 1) return sum(numbers) / numbers.length;
  const head = numbers.slice(0, from);
  let average = plain(head) / from;
  let lost = (sum(head) - plain(head)) / from;
  for (let i = from; i < numbers.length; i++) {
    const [before, added] = [(i / (i + 1)) * average, numbers[i]! / (i + 1)];
    average = before + added;
    if (Number.isFinite(average)) lost = (i / (i + 1)) * lost + sum([before, added, -average]);
    else lost = 0;
  }
  return average + lost;
}

function plain(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function quantile(phi: number, numbers: readonly number[]): number {
  const rank = (value: number) => (Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value);
  const sorted = numbers.toSorted((a, b) =>
    Number.isNaN(a) || Number.isNaN(b)
      ? Number(Number.isNaN(b)) - Number(Number.isNaN(a))
      : rank(a) < rank(b)
        ? -1
        : 1,
  );
  const at = phi * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  const high = sorted[Math.min(sorted.length - 1, Math.floor(at) + 1)]!;
  return low * (1 - (at - Math.floor(at))) + high * (at - Math.floor(at));
}

/** Welford's, with compensation. */
function variance(numbers: readonly number[]): number {
  let mean = 0;
  let meanLost = 0;
  const squares = numbers.map((number, i) => {
    const distance = number - (mean + meanLost);
    const next = mean + distance / (i + 1);
    if (Number.isFinite(next)) meanLost += sum([mean, distance / (i + 1), -next]);
    mean = next;
    return distance * (number - (mean + meanLost));
  });
  return sum(squares) / numbers.length;
}

function increase(inside: readonly Sample[], startMs: number, endMs: number): number | undefined {
  if (inside.length < 2) return undefined;
  const first = inside[0]!;
  const last = inside.at(-1)!;
  const drops = inside.slice(1).filter(({ value }, i) => value < inside[i]!.value);
  const lost = drops.map((sample) => inside[inside.indexOf(sample) - 1]!.value);
  const change = lost.reduce((all, one) => all + one, last.value - first.value);
  const span = last.timeMs - first.timeMs;
  const gap = span / (inside.length - 1);
  let before = first.timeMs - startMs >= gap * 1.1 ? gap / 2 : first.timeMs - startMs;
  if (change > 0 && first.value >= 0) before = Math.min(before, span * (first.value / change));
  const after = endMs - last.timeMs >= gap * 1.1 ? gap / 2 : endMs - last.timeMs;
  return change * ((span + before + after) / span);
}

/** Slope and intercept of the line through the samples, times in seconds after an origin. */
function line(inside: readonly Sample[], originMs: number): readonly [number, number] {
  const n = inside.length;
  const [first = 0] = values(inside);
  if (inside.every(({ value }) => value === first)) {
    return Number.isFinite(first) ? [0, first] : [Number.NaN, Number.NaN];
  }
  const times = inside.map(({ timeMs }) => (timeMs - originMs) / 1000);
  const x = sum(times);
  const y = sum(values(inside));
  const xy = sum(inside.map(({ value }, i) => times[i]! * value));
  const xx = sum(times.map((time) => time * time));
  const slope = (xy - (x * y) / n) / (xx - (x * x) / n);
  return [slope, y / n - (slope * x) / n];
}

/** Of equals (0 and −0) the first one stays. */
const orNaN = (numbers: readonly number[], isBetter: (best: number, one: number) => boolean) => {
  const real = numbers.filter((value) => !Number.isNaN(value));
  return real.length > 0
    ? real.reduce((best, one) => (isBetter(best, one) ? one : best))
    : Number.NaN;
};

/** The whole language of windows in the fewest words; nothing here is fast. */
const NAIVE: Readonly<Record<string, Naive>> = {
  "sum_over_time(m[R])": (inside) => sum(values(inside)),
  "avg_over_time(m[R])": (inside) => mean(values(inside)),
  "min_over_time(m[R])": (inside) => orNaN(values(inside), (best, one) => one < best),
  "max_over_time(m[R])": (inside) => orNaN(values(inside), (best, one) => one > best),
  "stdvar_over_time(m[R])": (inside) => variance(values(inside)),
  "stddev_over_time(m[R])": (inside) => Math.sqrt(variance(values(inside))),
  "count_over_time(m[R])": (inside) => inside.length,
  "last_over_time(m[R])": (inside) => inside.at(-1)?.value,
  "first_over_time(m[R])": (inside) => inside[0]?.value,
  "quantile_over_time(0.3, m[R])": (inside) => quantile(0.3, values(inside)),
  "changes(m[R])": (inside) =>
    inside.slice(1).filter(({ value }, i) => !Object.is(value + 0, inside[i]!.value + 0)).length,
  "resets(m[R])": (inside) =>
    inside.slice(1).filter(({ value }, i) => value < inside[i]!.value).length,
  "increase(m[R])": increase,
  "deriv(m[R])": (inside) => (inside.length < 2 ? undefined : line(inside, inside[0]!.timeMs)[0]),
  "predict_linear(m[R], 60)": (inside, _, __, timeMs) => {
    if (inside.length < 2) return undefined;
    const [slope, intercept] = line(inside, timeMs);
    return slope * 60 + intercept;
  },
  "rate(m[R])": (inside, startMs, endMs) => {
    const change = increase(inside, startMs, endMs);
    return change === undefined ? undefined : change / ((endMs - startMs) / 1000);
  },
};

/** A store with one series; every read gives all of it. */
function storeOf(samples: readonly Sample[]) {
  const builder = new SampleBatchBuilder("fuzz");
  for (const { timeMs, value } of samples) builder.add(0, timeMs, value);
  const { timesMs, values: column, stale, count } = builder.build();
  const snapshot: Snapshot = {
    series: [["__name__", "m"]],
    async *read() {
      yield {
        first: 0,
        count: 1,
        offsets: Uint32Array.of(0, count),
        timesMs,
        values: column,
        stale,
      };
    },
    close: () => {},
  };
  return { snapshot: async () => snapshot };
}

function randomValue(random: Random, kind: number): number {
  if (kind === 0) return random.below(30) === 0 ? Number.NaN : random.pick([-0, 0, 1, 2]);
  if (kind === 1)
    return random.pick([0, 0, 0, 1e300, -1e300, 1.7e285, 1e-5, Number.POSITIVE_INFINITY, 7]);
  if (kind === 5) return random.pick([1.7e308, -1.7e308, 1e308, -1e308, 0, -0, 5]);
  if (kind === 2) return (random.next() - 0.5) * 1000;
  if (kind === 3) return random.below(20) === 0 ? 1 : random.below(1000) + 0.1;
  return random.below(20) === 0 ? 0.5 : random.pick([-1, 1, 7]) * random.below(2 ** 38);
}

function randomSamples(random: Random): readonly Sample[] {
  const kind = random.below(6);
  // Mostly as scrapers do: some whole seconds after each other.
  const unitMs = random.pick([1, 1_000]);
  let timeMs = random.below(50_000);
  return Array.from({ length: random.below(80) }, () => {
    const gapMs = random.below(10) === 0 ? 60_000 : 6_000;
    timeMs += unitMs * (1 + random.below(gapMs / unitMs)) + Number(random.below(200) === 0);
    return { timeMs, value: randomValue(random, kind) };
  });
}

function alike(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined || a === 0 || b === 0) return Object.is(a, b);
  if (Object.is(a, b)) return true;
  return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
}

async function answered(samples: readonly Sample[], text: string, grid: StepGrid) {
  const { query } = prepareQuery(text);
  const parameters = { grid, instant: false, lookbackMs: 300_000, defaultStepMs: 15_000 };
  const { value } = await runQuery(query!, storeOf(samples), {
    ...parameters,
    budget: UNLIMITED_BUDGET,
  });
  const series = value.kind === "matrix" ? value.series[0] : undefined;
  return Array.from({ length: grid.count }, (_, step) => {
    const at = series?.timesMs.indexOf(grid.startMs + step * grid.stepMs) ?? -1;
    return series?.values[at];
  });
}

describe("range functions", () => {
  it("answer at every step as a naive evaluator does (seed 3)", async () => {
    const random = seededRandom(3);
    for (let round = 0; round < 2000; round++) {
      const samples = randomSamples(random);
      const stepMs = random.pick([1_000, 5_000, 30_000]);
      const rangeMs = random.pick([2_000, 20_000, 90_000, 600_000]);
      const offsetMs = random.pick([0, 0, 10_000, -10_000]);
      const grid = { startMs: random.below(100_000), stepMs, count: 1 + random.below(60) };
      const template = random.pick(Object.keys(NAIVE));
      const shift = offsetMs === 0 ? "" : ` offset ${offsetMs / 1000}`;
      const text = template.replace("[R]", `[${rangeMs / 1000}]${shift}`);
      const actual = await answered(samples, text, grid);
      for (const [step, found] of actual.entries()) {
        const endMs = grid.startMs + step * stepMs - offsetMs;
        const inside = samples.filter(({ timeMs }) => timeMs > endMs - rangeMs && timeMs <= endMs);
        const naive = NAIVE[template];
        const wanted =
          inside.length > 0 ? naive?.(inside, endMs - rangeMs, endMs, endMs + offsetMs) : undefined;
        // Which zero is taken out of a sorted window is no one's business.
        const areZeros = template.startsWith("quantile") && found === 0 && wanted === 0;
        if (!areZeros && !alike(found, wanted)) {
          expect.fail(`round ${round}, ${text}, step ${step}: ${found}, naively ${wanted}`);
        }
      }
    }
  });
});
