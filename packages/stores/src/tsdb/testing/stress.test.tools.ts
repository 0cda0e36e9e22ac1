import { type Random, seededRandom } from "@hms-ops/model";

export const STRESS_SERIES = 24;

/** Every sample says by its value where it belongs. */
export function stressValue(series: number, timeMs: number): number {
  return series * 1e9 + (timeMs % 1_000_003) + (timeMs % 7) / 8;
}

/** The times that batch `number` writes to every series: mostly new ones, some late or repeated. */
export function stressTimes(seed: number, number: number): number[] {
  const random: Random = seededRandom(seed * 65_536 + number);
  const newest = number * 10_000;
  return Array.from({ length: 1 + random.below(4) }, (_, i) =>
    random.below(3) === 0 ? random.below(newest + 1) : newest + i * 1_000,
  );
}
