import { CUSTOM_BOUNDS_SCHEMA, type Random, seededRandom } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { added, equalHistograms, scaled, subtracted } from "./arithmetic.ts";
import { HistogramSum } from "./histogram-sum.ts";
import { nativeFraction, nativeQuantile } from "./quantile.ts";
import { detectReset } from "./reset.ts";
import { histogramOf, type Layout } from "./testing/observations.ts";
import { trimmed } from "./trim.ts";

const NO_BOUNDS = new Float64Array(0);

function randomLayout(random: Random): Layout {
  const zeroThreshold = random.pick([0, 0, 0.001, 0.25, 0.3, 1, 3]);
  return { schema: random.below(13) - 4, zeroThreshold, customBounds: NO_BOUNDS };
}

function randomCustom(random: Random): Layout {
  const bounds = [-5, -1, 0, 0.5, 1, 2, 4, 8, 100].filter(() => random.below(3) > 0);
  const customBounds = Float64Array.from(bounds);
  return { schema: CUSTOM_BOUNDS_SCHEMA, zeroThreshold: 0, customBounds };
}

/** Halves and quarters, so that sums are exact; some lie on bounds. */
function randomValues(random: Random, most = 40): readonly number[] {
  const sign = () => (random.below(4) === 0 ? -1 : 1);
  return Array.from({ length: random.below(most) }, () => {
    return random.pick([0, 0.25, 0.5, 1, 2, 3, 100.25, random.below(4_000) / 64]) * sign();
  });
}

describe("native histograms", () => {
  it("of two lots of observations add up to that of all (seed 21)", () => {
    const random = seededRandom(21);
    for (let round = 0; round < 2_000; round++) {
      const [left, right] = [randomValues(random), randomValues(random)];
      const make = random.below(4) === 0 ? randomCustom : randomLayout;
      const layouts = [make(random), make(random)];
      // A finer one on the right may be counted twice where the zero bucket grows, as in Prometheus.
      const [finer, coarser] = layouts.toSorted((one, other) => other.schema - one.schema);
      const [a, b] = [histogramOf(left, finer!), histogramOf(right, coarser!)];
      const sum = added(a, b)!.histogram;
      const { schema, zeroThreshold, customBounds } = sum;
      expect(schema).toBe(Math.min(a.schema, b.schema));
      expect(zeroThreshold).toBeGreaterThanOrEqual(Math.max(a.zeroThreshold, b.zeroThreshold));
      const all = histogramOf([...left, ...right], { schema, zeroThreshold, customBounds });
      if (!equalHistograms(sum, all)) expect(sum, `round ${round}`).toEqual(all);
      const rest = subtracted(sum, b)!.histogram;
      const back = histogramOf(left, { schema, zeroThreshold, customBounds });
      if (!equalHistograms(rest, back)) expect(rest, `round ${round}`).toEqual(back);
    }
  });

  it("that only grew were not reset, others were (seed 22)", () => {
    const random = seededRandom(22);
    for (let round = 0; round < 2_000; round++) {
      const before = randomValues(random);
      const more = randomValues(random, 5);
      const layout = random.below(4) === 0 ? randomCustom(random) : randomLayout(random);
      const small = histogramOf(before, layout);
      const large = histogramOf([...before, ...more], layout);
      expect(detectReset(large, small), `round ${round}`).toBe(false);
      expect(detectReset(small, large), `round ${round}`).toBe(more.length > 0);
      const coarser = { ...layout, schema: layout.schema - random.below(2) };
      if (coarser.schema >= -4) {
        expect(detectReset(histogramOf(before, coarser), small), `round ${round}`).toBe(false);
      }
      const hinted = { ...small, resetHint: "not-reset" as const };
      expect(detectReset(hinted, large)).toBe(false);
    }
  });

  it("have as fraction below a quantile what was asked for (seed 23)", () => {
    const random = seededRandom(23);
    for (let round = 0; round < 2_000; round++) {
      const values = randomValues(random);
      if (values.length === 0) continue;
      const histogram = histogramOf(values, { ...randomLayout(random), zeroThreshold: 0.001 });
      const phi = random.next();
      const { value } = nativeQuantile(phi, histogram);
      const higher = nativeQuantile(Math.min(1, phi + 0.1), histogram).value;
      expect(higher, `round ${round}`).toBeGreaterThanOrEqual(value);
      const fraction = nativeFraction(Number.NEGATIVE_INFINITY, value, histogram).value;
      expect(fraction, `round ${round}`).toBeCloseTo(phi, 9);
    }
  });

  it("are parted by a value without loss (seed 24)", () => {
    const random = seededRandom(24);
    for (let round = 0; round < 2_000; round++) {
      const histogram = histogramOf(randomValues(random), randomLayout(random));
      const at = (random.below(400) - 200) / 32;
      const below = trimmed(histogram, at, "below");
      const above = trimmed(histogram, at, "above");
      expect(below.count + above.count, `round ${round}`).toBeCloseTo(histogram.count, 9);
      if (histogram.count === 0) continue;
      const share = nativeFraction(Number.NEGATIVE_INFINITY, at, histogram).value;
      // A zero bucket without width is at its value, on no side of it.
      if (histogram.zeroThreshold === 0 && at === 0) continue;
      if (histogram.zeroThreshold > 0) continue;
      expect(below.count, `round ${round}`).toBeCloseTo(share * histogram.count, 9);
    }
  });

  it("keep small counts that plain sums would lose", () => {
    const one = histogramOf([1], { schema: 0, zeroThreshold: 0, customBounds: NO_BOUNDS });
    const sum = new HistogramSum(scaled(one, 1e16));
    for (let i = 0; i < 10; i++) sum.add(one);
    sum.add(scaled(one, -1e16));
    const { count, positive } = sum.result();
    expect([count, positive.counts[0]]).toEqual([10, 10]);
  });
});
