import {
  formatLabels,
  type Labels,
  labelsOf,
  matcher,
  type QueryAnswer,
  type Random,
  seededRandom,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { BatchWriter, FakeClock } from "@hms-ops/model/testing";
import { prepareQuery, runQuery } from "@hms-ops/query";
import { describe, expect, it } from "vitest";
import { histogramOf } from "../block/testing/block.test.tools.ts";
import type { Tsdb } from "../index.ts";
import { freshFolder } from "../testing/fresh-folder.test.tools.ts";
import { openTestTsdb } from "../testing/open-store.test.tools.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const FIRST_DAY = 19_000;
const DAYS = 4;
const EVERY_MS = 30_000;
const FUNCTIONS = ["sum", "count", "min", "max", "avg"] as const;
const RANGES = ["5m", "30m", "1h", "1h", "2h", "6h", "6h", "1d", "1d", "90m", "61m"] as const;
const STEPS_MS = [5, 30, 60, 60, 180, 180, 1_440, 7].map((minutes) => minutes * MINUTE_MS);

type Habit = (random: Random, before: number) => number | "stale";

const HABITS: readonly Habit[] = [
  (random, before) => (random.below(3_000) === 0 ? 0 : before + random.below(50)),
  (random, before) => Math.round(before * 10 + random.below(101) - 50) / 10,
  (random) => random.next() * 100,
  (random) => random.next() - 0.5,
  (random) => random.below(21) - 10,
  (random) => random.pick([0, -0, 1, 7, Number.NaN, "stale"] as const),
  (random) =>
    random.below(2_000) === 0 ? random.pick([Infinity, -Infinity]) : random.below(9) / 10,
  (random) => (random.next() - 0.5) * 10 ** random.below(30),
  () => 12.5,
];

async function appendDay(store: Tsdb, random: Random, day: number, shiftMs = 0): Promise<void> {
  for (const [i, habit] of HABITS.entries()) {
    const writer = new BatchWriter(store);
    const id = writer.series(seriesOf(i));
    let value = 0;
    let timeMs = day * DAY_MS + shiftMs + (i % 3 === 0 ? 0 : i * 1_111);
    for (; timeMs < (day + 1) * DAY_MS; timeMs += EVERY_MS) {
      if (random.below(1_000) === 0) timeMs += random.below(4 * HOUR_MS);
      const next = habit(random, value);
      if (next === "stale") {
        writer.builder.addStale(id, timeMs);
        continue;
      }
      writer.builder.add(id, timeMs, next);
      value = Number.isFinite(next) ? next : 0;
    }
    await store.append(writer.builder.build());
  }
}

function seriesOf(i: number): Labels {
  return labelsOf({ __name__: i % 2 ? "odd" : "even", i: String(i) });
}

async function disturb(store: Tsdb, random: Random): Promise<void> {
  const fromMs = FIRST_DAY * DAY_MS + random.below(DAYS * DAY_MS);
  const series = random.below(HABITS.length);
  const writer = new BatchWriter(store);
  const id = writer.series(seriesOf(series));
  switch (random.below(5)) {
    case 0:
      for (let k = 0; k < 1 + random.below(5); k++) {
        writer.builder.add(id, fromMs + random.below(HOUR_MS), random.below(1_000));
      }
      return void (await store.append(writer.builder.build()));
    case 1: {
      const toMs = fromMs + random.below(random.pick([1, 2 * HOUR_MS, DAY_MS]));
      const matcherSets = [[matcher("i", "=", String(series))]];
      const deletion = store.delete({ matcherSets, range: { fromMs, toMs } });
      await store.maintain();
      return deletion;
    }
    case 2:
      if (random.below(2)) return;
      await appendDay(store, random, FIRST_DAY + random.below(DAYS), random.below(EVERY_MS));
      return store.maintain({ flush: random.below(2) === 0 });
    case 3:
      if (random.below(4) > 0) return;
      writer.builder.addHistogram({ id, timeMs: fromMs, histogram: histogramOf(random) });
      return void (await store.append(writer.builder.build()));
    case 4:
      return compact(store);
  }
}

async function compact(store: Tsdb): Promise<void> {
  await store.writer.requestCompaction();
  await store.maintain();
}

interface Question {
  readonly text: string;
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
}

function anyQuestion(random: Random): Question {
  const offset =
    random.below(3) === 0 ? ` offset ${random.pick(["5m", "1h", "3h", "1d", "1m"])}` : "";
  const one = random.below(HABITS.length);
  const name = random.pick(["even", "odd", `{i="${one}"}`, `{i="${one}"}`]);
  const range = random.pick(RANGES);
  const stepMs = random.pick(STEPS_MS);
  const roundMs = random.pick([HOUR_MS, HOUR_MS, HOUR_MS, 5 * MINUTE_MS, MINUTE_MS]);
  const at = FIRST_DAY * DAY_MS + random.below((DAYS + 1) * DAY_MS);
  const isWhole = random.below(8) > 0;
  return {
    text: `${random.pick(FUNCTIONS)}_over_time(${name}[${range}]${offset})`,
    startMs: isWhole ? Math.floor(at / roundMs) * roundMs : at,
    stepMs,
    count: 1 + random.below(random.pick([2, 100, 100])),
  };
}

function ask(store: Tsdb, { text, startMs, stepMs, count }: Question, off = false) {
  const { query } = prepareQuery(text);
  if (!query) throw new Error(`${text} cannot be read`);
  return runQuery(query, store, {
    grid: { startMs, stepMs, count },
    instant: false,
    lookbackMs: 300_000,
    budget: UNLIMITED_BUDGET,
    defaultStepMs: 60_000,
    ...(off && { companions: "off" }),
  });
}

function pointsOf({ value }: QueryAnswer): Map<string, number> {
  if (value.kind !== "matrix") throw new Error("no matrix");
  const points = new Map<string, number>();
  for (const { labels, timesMs, values } of value.series) {
    timesMs.forEach((timeMs, i) => {
      points.set(`${formatLabels(labels)} ${timeMs}`, values[i] ?? 0);
    });
  }
  return points;
}

function expectAlike(kept: QueryAnswer, plain: QueryAnswer, isExact: boolean, what: string): void {
  const got = pointsOf(kept);
  const wanted = pointsOf(plain);
  expect([...got.keys()], what).toEqual([...wanted.keys()]);
  for (const [point, value] of wanted) {
    const answer = got.get(point) ?? 0;
    const isAlike =
      Object.is(answer, value) || (!isExact && Math.abs(answer - value) <= 1e-12 * Math.abs(value));
    if (!isAlike) expect.fail(`${what}: ${answer} instead of ${value} at ${point}`);
  }
}

async function openStore(): Promise<Tsdb> {
  const folder = freshFolder();
  const clock = new FakeClock((FIRST_DAY + DAYS + 1) * DAY_MS);
  return openTestTsdb(folder, { clock });
}

describe("companions", () => {
  it.each([1, 2, 3, 4])("[COMP4] answer what the samples do, seed %d", async (seed) => {
    const random = seededRandom(seed);
    const store = await openStore();
    let used = 0;
    for (let day = FIRST_DAY; day < FIRST_DAY + DAYS; day++) {
      await appendDay(store, random, day);
      if (random.below(2)) await compact(store);
    }
    for (let round = 0; round < 12; round++) {
      await disturb(store, random);
      for (let k = 0; k < 25; k++) {
        const question = anyQuestion(random);
        const kept = await ask(store, question);
        const plain = await ask(store, question, true);
        const what = `seed ${seed}, round ${round}, ${JSON.stringify(question)}`;
        expectAlike(kept, plain, !/^(sum|avg)/.test(question.text), what);
        if (kept.stats.samplesRead < plain.stats.samplesRead) used++;
      }
    }
    expect(used).toBeGreaterThan(60);
    await store.close();
  });

  it("[COMP5] are used where they should be, say so, and stay out of what they may not touch", async () => {
    const store = await openStore();
    const random = seededRandom(9);
    for (let day = FIRST_DAY; day < FIRST_DAY + DAYS; day++) await appendDay(store, random, day);
    await compact(store);
    const startMs = (FIRST_DAY + 1) * DAY_MS;
    const whole = { startMs, stepMs: HOUR_MS, count: 48 };
    const told = ["PromQL info: answered from 1h companions (1:1)"];
    for (const name of FUNCTIONS) {
      const question = { ...whole, text: `${name}_over_time({i="1"}[1d])` };
      const kept = await ask(store, question);
      const plain = await ask(store, question, true);
      expect(kept.infos, name).toEqual(told);
      expect(plain.infos).toEqual([]);
      expect(plain.stats.samplesRead).toBeGreaterThan(80 * kept.stats.samplesRead);
    }
    const fine = await ask(store, { ...whole, text: `sum_over_time({i="1"}[1h] offset 5m)` });
    expect(fine.infos).toEqual(["PromQL info: answered from 5m companions (1:1)"]);
    const inside = `max_over_time(avg_over_time({i="1"}[1h])[1d:1h])`;
    expect((await ask(store, { ...whole, text: inside })).infos).toEqual([
      "PromQL info: answered from 1h companions (1:15)",
    ]);
    for (const text of [
      `rate({i="1"}[1d])`,
      `quantile_over_time(0.5, {i="1"}[1d])`,
      `last_over_time({i="1"}[1d])`,
      `present_over_time({i="1"}[1d])`,
      `sum_over_time({i="1"}[1d] offset 1m)`,
      `sum_over_time({i="1"}[121m])`,
      `sum_over_time({i="1"}[1d:1h])`,
    ]) {
      const kept = await ask(store, { ...whole, text });
      const plain = await ask(store, { ...whole, text }, true);
      expect(kept.stats.samplesRead, text).toBe(plain.stats.samplesRead);
      expect(kept.infos.join(), text).not.toContain("companions");
    }
    await store.close();
  });
});
