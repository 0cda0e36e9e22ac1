import { type Random, seededRandom } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { type CumulativeBucket, FineBuckets, ListedBuckets } from "./buckets.ts";

/** What a query does with buckets: finds the one that holds the rank, interpolates in it. */
function quantile(buckets: readonly CumulativeBucket[], total: number, q: number): number {
  const rank = q * total;
  const place = buckets.findIndex(({ count }) => count >= rank);
  const bucket = buckets[place];
  if (!bucket) return Number.POSITIVE_INFINITY;
  const below = buckets[place - 1];
  if (!below) return bucket.upperBound;
  const share = (rank - below.count) / (bucket.count - below.count);
  return below.upperBound + (bucket.upperBound - below.upperBound) * share;
}

function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}

const DISTRIBUTIONS: Readonly<Record<string, (random: Random) => number>> = {
  "microseconds to hours, evenly in the logarithm": (random) => 10 ** (-6 + 9.5 * random.next()),
  "latencies in ms, log-normal": (random) => 80 * Math.exp(0.6 * normal(random)),
  "a steady clock": () => 812.5,
  "exactly at a bound": () => 1024,
  "two modes, a cache and a database": (random) =>
    random.next() < 0.7 ? 0.3 + 0.1 * random.next() : 900 + 200 * random.next(),
  "heavy tail": (random) => 2 * (1 - random.next()) ** (-1 / 1.2),
  "even in seconds": (random) => 0.5 + 3 * random.next(),
  "waiting times": (random) => -0.004 * Math.log(1 - random.next()),
  "below zero": (random) => -5 - 3 * random.next(),
};

describe("fine buckets", () => {
  for (const [name, draw] of Object.entries(DISTRIBUTIONS)) {
    it(`keeps every quantile within 5 %: ${name}`, () => {
      const random = seededRandom(20260414);
      const buckets = new FineBuckets();
      const values = Float64Array.from({ length: 20_000 }, () => draw(random));
      for (const value of values) buckets.observe(value);
      values.sort();
      const exposed = buckets.cumulative();
      for (const q of [0.01, 0.1, 0.25, 0.5, 0.65, 0.75, 0.9, 0.95, 0.99, 0.999]) {
        const exact = values[Math.ceil(q * values.length) - 1]!;
        const error = Math.abs(quantile(exposed, values.length, q) - exact) / Math.abs(exact);
        expect(error, `quantile ${q}`).toBeLessThan(0.05);
      }
    });
  }

  it("shows what was hit with its lower neighbour, in few lines", () => {
    const buckets = new FineBuckets();
    for (let i = 0; i < 3; i++) buckets.observe(1000);
    expect(buckets.cumulative().length).toBeLessThan(70);
    buckets.observe(1);
    const exposed = buckets.cumulative();
    for (const value of [1, 1000]) {
      const place = exposed.findIndex(({ upperBound }) => upperBound >= value);
      const [below, own] = [exposed[place - 1]!, exposed[place]!];
      expect(own.upperBound / below.upperBound).toBeCloseTo(2 ** (1 / 16), 12);
      expect(own.count - below.count).toBe(value === 1 ? 1 : 3);
    }
  });

  it("shows what a rate needs: buckets that were there before they rose", () => {
    for (const [factor, within] of [
      [1, 0.05],
      [2, 0.05],
      [0.5, 0.05],
      [14, 1],
    ] as const) {
      const random = seededRandom(7);
      const buckets = new FineBuckets();
      buckets.observe(180);
      const before = new Map(buckets.cumulative().map((one) => [one.upperBound, one.count]));
      const values = Float64Array.from({ length: 4_000 }, () => 180 + 40 * random.next());
      for (const value of values) buckets.observe(value * factor);
      const rises = buckets.cumulative().flatMap(({ upperBound, count }) => {
        const known = before.get(upperBound);
        return known === undefined ? [] : [{ upperBound, count: count - known }];
      });
      const exact = values.sort()[Math.ceil(0.95 * values.length) - 1]! * factor;
      const error = Math.abs(quantile(rises, values.length, 0.95) - exact) / exact;
      expect(error, `${factor} times as much`).toBeLessThan(within);
    }
  });

  it("takes zeros, the smallest and the largest numbers", () => {
    const buckets = new FineBuckets();
    for (const value of [0, -0, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE])
      buckets.observe(value);
    const exposed = buckets.cumulative();
    const zero = exposed.find(({ upperBound }) => upperBound === 0);
    expect(zero?.count).toBe(3);
    expect(exposed.at(-1)?.count).toBe(4);
    expect(exposed.every(({ upperBound }) => Number.isFinite(upperBound))).toBe(true);
  });

  it("puts a value at a bound into the bucket of that bound", () => {
    for (let i = -400; i <= 600; i += 7) {
      const value = 2 ** (i / 16);
      const buckets = new FineBuckets();
      buckets.observe(value);
      const bound = buckets.cumulative().find(({ count }) => count === 1)!.upperBound;
      expect(bound).toBeGreaterThanOrEqual(value);
      expect(bound / value).toBeLessThan(1 + 1e-12 + (2 ** (1 / 16) - 1));
    }
  });
});

describe("listed buckets", () => {
  it("counts up to and with each bound", () => {
    const buckets = new ListedBuckets([1, 5, 10]);
    for (const value of [0.5, 1, 1.1, 10, 11]) buckets.observe(value);
    expect(buckets.cumulative().map(({ count }) => count)).toEqual([2, 3, 4]);
  });
});
