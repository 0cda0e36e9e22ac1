import { type QueryAnswer, type Random, seededRandom } from "@hms-ops/model";
import { expect, test } from "vitest";
import { formatSampleValue, formatTimestamp, writeQueryAnswer } from "./index.ts";

const STATS = { samplesRead: 0, seriesSelected: 0, parseMs: 0, readMs: 0, evaluateMs: 0 };
const ROUNDS = 40;
const POINTS = 2_000;

const power = (random: Random, from: number, to: number) => 10 ** (from + random.below(to - from));

/** One unit in the last place more or less, or a few. */
function nudged(value: number, random: Random): number {
  return value * (1 + (random.below(7) - 3) * 2 ** -52);
}

const KINDS: Readonly<Record<string, (random: Random) => number>> = {
  anyBits: (random) => {
    const words = Uint32Array.of(random.next() * 2 ** 32, random.next() * 2 ** 32);
    return new Float64Array(words.buffer)[0] ?? 0;
  },
  anySize: (random) => (random.next() - 0.5) * power(random, -10, 24),
  decimals: (random) =>
    Math.round(random.next() * power(random, 0, 18)) / power(random, 0, 18) - random.below(2),
  wholes: (random) => Math.round((random.next() - 0.3) * power(random, 0, 18)),
  powersOfTwo: (random) => nudged(2 ** (random.below(120) - 60), random),
  powersOfTen: (random) => nudged(power(random, -9, 23), random),
  dyadics: (random) => random.below(2 ** 30) * 2 ** -random.below(40),
  thousandths: (random) => nudged(random.below(10 ** random.below(14)) / 1_000, random),
  means: (random) => random.below(1_000_000) / (1 + random.below(1_000)),
  odd: (random) => random.pick([0, -0, Number.NaN, Number.POSITIVE_INFINITY, -1e-6, 1e15, 1e16]),
};

function matrix(series: readonly { timesMs: Float64Array; values: Float64Array }[]): QueryAnswer {
  const value = { kind: "matrix", series: series.map((one) => ({ labels: [], ...one })) } as const;
  return { value, warnings: [], infos: [], stats: STATS };
}

/** The same, number by number. */
function naive(series: readonly { timesMs: Float64Array; values: Float64Array }[]): string {
  const texts = series.map(({ timesMs, values }) => {
    const points = [...timesMs].map(
      (timeMs, i) => `[${formatTimestamp(timeMs)},"${formatSampleValue(values[i]!)}"]`,
    );
    return `{"metric":{},"values":[${points.join(",")}]}`;
  });
  const data = `{"resultType":"matrix","result":[${texts.join(",")}]}`;
  return `{"status":"success","data":${data}}`;
}

const written = (answer: QueryAnswer) => new TextDecoder().decode(writeQueryAnswer(answer));

test.each(Object.entries(KINDS))("numbers are written as they are formatted: %s", (_, draw) => {
  const random = seededRandom(11);
  for (let round = 0; round < ROUNDS; round++) {
    const values = Float64Array.from({ length: POINTS }, () => draw(random));
    const series = [{ timesMs: new Float64Array(POINTS), values }];
    if (written(matrix(series)) === naive(series)) continue;
    const wrong = values.find((value) => {
      const one = [{ timesMs: Float64Array.of(0), values: Float64Array.of(value) }];
      return written(matrix(one)) !== naive(one);
    });
    expect.fail(`round ${round}: ${wrong}`);
  }
});

test("series with gaps of each other's times are written as one by one (seed 12)", () => {
  const random = seededRandom(12);
  for (let round = 0; round < 300; round++) {
    const startMs = random.pick([0, -5_000, 1_700_000_000_000, 99_999_999_999_123, 1.5e15]);
    const stepMs = random.pick([1, 250, 15_000]);
    const steps = Array.from({ length: random.below(50) }, (_, step) => startMs + step * stepMs);
    const series = Array.from({ length: 1 + random.below(6) }, () => {
      const share = random.pick([0, 0.1, 0.9, 1]);
      const timesMs = Float64Array.from(steps.filter(() => random.next() < share));
      return { timesMs, values: timesMs.map(() => random.below(1_000) / 8) };
    });
    expect(written(matrix(series))).toBe(naive(series));
  }
});
