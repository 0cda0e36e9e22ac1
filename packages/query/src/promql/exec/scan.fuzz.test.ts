import {
  type Labels,
  type QueryBudget,
  type QueryValue,
  type Random,
  type Snapshot,
  seededRandom,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { type OfferedScan, prepareQuery, runQuery, type ScanCrew, ScanHelp } from "../../index.ts";

const INTERVAL_MS = 15_000;
const GRID = { startMs: 600_000, stepMs: 30_000, count: 80 };

interface Fleet {
  readonly series: readonly Labels[];
  readonly rows: readonly (readonly (readonly [timeMs: number, value: number])[])[];
}

/** Enough series that a scan of them is cut into slices. */
function randomFleet(random: Random): Fleet {
  const series: Labels[] = [];
  const rows: (readonly [number, number])[][] = [];
  for (let i = 0; i < 500; i++) {
    series.push(["__name__", "m", "a", String(random.below(3)), "b", String(i)]);
    let value = random.below(1_000);
    const own: [number, number][] = [];
    for (let timeMs = random.below(INTERVAL_MS); timeMs < 3_000_000; timeMs += INTERVAL_MS) {
      if (random.below(50) === 0) timeMs += 600_000;
      value = random.below(40) === 0 ? 0 : value + random.next() * 10;
      own.push([timeMs, random.below(500) === 0 ? Number.NaN : value]);
    }
    rows.push(random.below(20) === 0 ? [] : own);
  }
  return { series, rows };
}

function* read({ rows }: Fleet, order: Uint32Array) {
  const columns = [...order].map((k) => rows[k]!);
  const offsets = new Uint32Array(order.length + 1);
  for (const [k, column] of columns.entries()) offsets[k + 1] = offsets[k]! + column.length;
  const all = columns.flat();
  yield {
    first: 0,
    count: order.length,
    offsets,
    timesMs: Float64Array.from(all, ([timeMs]) => timeMs),
    values: Float64Array.from(all, ([, value]) => value),
    stale: new Uint8Array(all.length),
  };
}

function storeOf(fleet: Fleet) {
  const snapshot: Snapshot = {
    series: fleet.series,
    async *read(_, order) {
      yield* read(fleet, order ?? Uint32Array.from(fleet.series, (_labels, k) => k));
    },
    share: () => fleet,
    close: () => {},
  };
  return { snapshot: async () => snapshot };
}

/** Other threads, at work as soon as they hear of a scan; some of their reads fail. */
class RandomCrew implements ScanCrew {
  readonly begin: number;
  offered = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
    this.begin = random.next();
  }

  offer({ snapshot, scan }: OfferedScan): void {
    this.offered++;
    const random = this.#random;
    const helpers = [0, 0.5].map((begin) => new ScanHelp(structuredClone(scan), begin));
    const failing = (_: unknown, order: Uint32Array) => {
      if (random.below(8) === 0) throw new Error("a page is damaged");
      return read(snapshot as Fleet, order);
    };
    for (let slices = random.below(30); slices > 0; slices--) {
      if (!random.pick(helpers).readSlice(failing, UNLIMITED_BUDGET)) return;
    }
  }
}

async function ask(
  text: string,
  fleet: Fleet,
  crew?: ScanCrew,
  budget: QueryBudget = UNLIMITED_BUDGET,
): Promise<QueryValue> {
  const parameters = { grid: GRID, instant: false, lookbackMs: 300_000, defaultStepMs: 15_000 };
  const answer = await runQuery(prepareQuery(text).query!, storeOf(fleet), {
    ...parameters,
    budget,
    ...(crew && { crew }),
  });
  return answer.value;
}

function expectAlike(actual: QueryValue, wanted: QueryValue, text: string): void {
  if (actual.kind !== "matrix" || wanted.kind !== "matrix") expect.fail(text);
  expect(actual.series.map(({ labels }) => labels)).toEqual(
    wanted.series.map(({ labels }) => labels),
  );
  for (const [i, { timesMs, values }] of actual.series.entries()) {
    expect(timesMs).toEqual(wanted.series[i]!.timesMs);
    for (const [at, value] of values.entries()) {
      const other: number = wanted.series[i]!.values[at]!;
      const isAlike =
        Object.is(value, other) ||
        Math.abs(value - other) <= 1e-12 * Math.max(Math.abs(value), Math.abs(other));
      if (!isAlike) expect.fail(`${text} at ${timesMs[at]}: ${value} instead of ${other}`);
    }
  }
}

/** Numbers whose sums are exact in two parts, though each hides the next one; by family of series. */
const HARD = [
  [2 ** 332, 1, -(2 ** 332), -0, 3, 2 ** 332, -(2 ** 332)],
  [1.7e308, 1.6e308, 1.7e308, 9e307],
  [-0, 0, -0, 1, Number.NaN],
  [1, Number.POSITIVE_INFINITY, -5, 1e100],
  [Number.NEGATIVE_INFINITY, 7, Number.POSITIVE_INFINITY],
];

/** All series of a value of `a` are of one family. */
function hardFleet(random: Random): Fleet {
  const series: Labels[] = [];
  const rows: (readonly [number, number])[][] = [];
  for (let i = 0; i < 500; i++) {
    const family = i % HARD.length;
    series.push(["__name__", "m", "a", String(family), "b", String(i)]);
    const own: [number, number][] = [];
    for (let timeMs = 0; timeMs < 3_000_000; timeMs += INTERVAL_MS) {
      own.push([timeMs, random.pick(HARD[family]!)]);
    }
    rows.push(own);
  }
  return { series, rows };
}

const OPERATORS = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"];
const INNER = ["rate(m[2m])", "m", "last_over_time(m[1m])", "increase(m[5m])"];
const GROUPINGS = ["", " by (a)", " by (b)", " without (b)", " by (a, b)"];

describe("a scan that other threads take part in", () => {
  it("answers to the last bit what it answers alone (seed 11)", async () => {
    const random = seededRandom(11);
    const fleet = randomFleet(random);
    for (let round = 0; round < 60; round++) {
      const inner = random.pick(INNER);
      const folded = `${random.pick(OPERATORS)}${random.pick(GROUPINGS)} (${inner})`;
      const text = random.below(4) === 0 ? inner : folded;
      const crew = new RandomCrew(random);
      expect(await ask(text, fleet, crew), text).toEqual(await ask(text, fleet));
      expect(crew.offered, text).toBe(1);
    }
  });

  it("answers what folding whole rows does (seed 12)", async () => {
    const random = seededRandom(12);
    const fleet = randomFleet(random);
    for (const operator of OPERATORS) {
      for (const grouping of GROUPINGS) {
        const fold = (inner: string) => `${operator}${grouping} (${inner})`;
        const wanted = await ask(fold("rate(m[2m]) + 0"), fleet);
        const actual = await ask(fold("rate(m[2m])"), fleet, new RandomCrew(random));
        expectAlike(actual, wanted, fold("rate(m[2m])"));
      }
    }
  });

  it("answers the same of values that cancel out, overflow or are none (seed 16)", async () => {
    const random = seededRandom(16);
    const fleet = hardFleet(random);
    for (const operator of OPERATORS) {
      const fold = (inner: string) => `${operator} by (a) (${inner})`;
      for (const inner of ["m", "last_over_time(m[1m])"]) {
        const wanted = await ask(fold(`sort(${inner})`), fleet);
        const actual = await ask(fold(inner), fleet, new RandomCrew(random));
        expectAlike(actual, wanted, fold(inner));
      }
    }
  });

  it("keeps groups in the order of what is there, however it is cut (seed 17)", async () => {
    const random = seededRandom(17);
    const grid = { startMs: 3_000_000, stepMs: 1, count: 1 };
    for (let round = 0; round < 20; round++) {
      const { series, rows } = randomFleet(random);
      const gone = random.below(400);
      const fleet = {
        series: series.map((labels, i) => labels.with(3, String((i * 7) % 13))),
        rows: rows.map((row, i) => (i < gone && random.below(50) > 0 ? [] : row)),
      };
      const orderOf = async (inner: string, crew?: ScanCrew) => {
        const { query } = prepareQuery(`last_over_time((sum by (a) (${inner}))[40m:30s])`);
        const { value } = await runQuery(query!, storeOf(fleet), {
          ...{ grid, instant: true, lookbackMs: 300_000, defaultStepMs: 15_000 },
          budget: UNLIMITED_BUDGET,
          ...(crew && { crew }),
        });
        return value.kind === "vector" ? value.elements.map(({ labels }) => labels) : value.kind;
      };
      const crew = new RandomCrew(random);
      const wanted = await orderOf("m + 0");
      expect(wanted).toHaveLength(13);
      expect(await orderOf("m", crew)).toEqual(wanted);
      expect(crew.offered).toBe(1);
    }
  });

  it("is not disturbed by a thread that is late for a scan that was broken off", async () => {
    const fleet = randomFleet(seededRandom(15));
    const text = "sum by (a) (rate(m[2m]))";
    let late: ScanHelp | undefined;
    let isOver = false;
    const ending = {
      spend: () => {
        if (isOver) throw new Error("the time is over");
      },
    };
    const first: ScanCrew = {
      begin: 0,
      offer: ({ scan }) => {
        late = new ScanHelp(structuredClone(scan), 0);
        isOver = true;
      },
    };
    await expect(ask(text, fleet, first, ending)).rejects.toThrow("the time is over");
    const wrong = (_: unknown, order: Uint32Array) =>
      read({ ...fleet, rows: fleet.rows.map((row) => row.map(([t]) => [t, t * t])) }, order);
    let lateSlices = 0;
    const second: ScanCrew = {
      begin: 0,
      offer: () => {
        while (late?.readSlice(wrong, UNLIMITED_BUDGET)) lateSlices++;
      },
    };
    expect(await ask(text, fleet, second)).toEqual(await ask(text, fleet));
    expect(lateSlices).toBeGreaterThan(0);
  });

  it.each([
    ["4 * 3600", "14400"],
    ["-(2 ^ 3 ^ 2 % 100)", "-12"],
    ["+90s / (3 > bool 2) atan2 0 * 0", "1.5707963267948966 * 0"],
    ["1 / 0", "Inf"],
  ])("is one of a call whose argument is made of numbers: %s", async (sum, number) => {
    const random = seededRandom(13);
    const fleet = randomFleet(random);
    const crew = new RandomCrew(random);
    const actual = await ask(`predict_linear(m[5m], ${sum})`, fleet, crew);
    expect(crew.offered).toBe(1);
    expect(actual).toEqual(await ask(`predict_linear(m[5m], ${number})`, fleet));
    expectAlike(actual, await ask(`predict_linear(m[5m], ${sum} + 0 * time())`, fleet), sum);
  });

  it("leaves a call to the evaluator whose argument changes from step to step", async () => {
    const random = seededRandom(14);
    const fleet = randomFleet(random);
    const crew = new RandomCrew(random);
    const actual = await ask("predict_linear(m[5m], 60 + 0 * time())", fleet, crew);
    expect(crew.offered).toBe(0);
    expectAlike(actual, await ask("predict_linear(m[5m], 60)", fleet), "60");
  });
});
