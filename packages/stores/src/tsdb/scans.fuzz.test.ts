import {
  type Labels,
  labelsOf,
  type MetricStore,
  type QueryAnswer,
  type Random,
  type StepGrid,
  seededRandom,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { BatchWriter, FakeClock } from "@hms-ops/model/testing";
import { prepareQuery, runQuery } from "@hms-ops/query";
import { expect, it } from "vitest";
import { openMemoryStore } from "../memory/index.ts";
import { freshFolder } from "./testing/fresh-folder.test.tools.ts";
import { openTestTsdb } from "./testing/open-store.test.tools.ts";

const START_MS = 1_700_000_000_000;
const SPAN_MS = 3_600_000;
const EVERY_MS = 15_000;

const HABITS: readonly ((random: Random, before: number) => number | "stale")[] = [
  (random, before) => before + random.below(9),
  (random, before) => (random.below(60) === 0 ? random.below(4) : before + random.next()),
  (random) => (random.next() - 0.5) * 10 ** random.below(20),
  (random) => random.pick([0, -0, 1, Number.NaN, "stale"] as const),
  (random) => random.pick([1e308, -1e308, 1, Infinity, -Infinity]),
  () => 7,
];
const OPERATORS = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"] as const;
const GROUPINGS = [
  "",
  "by (job)",
  "by (zone, none)",
  "by (__name__)",
  "without (id)",
  "without ()",
];
const INNER = [
  "m",
  "m offset 7m",
  "rate(m[5m])",
  "increase(m[1m])",
  "rate(m[20m])",
  "delta(m[5m])",
  "resets(m[10m])",
  "sum_over_time(m[9m])",
  "avg_over_time(m[2m])",
  "max_over_time(m[30m] offset 2m)",
  "stddev_over_time(m[3m])",
  "last_over_time(m[1m])",
];

function seriesOf(i: number, random: Random): Labels {
  const zone = random.pick(["a", "b", ""]);
  return labelsOf({ __name__: "m", id: String(i), job: `job-${i % 3}`, zone });
}

async function fill(store: MetricStore, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const writer = new BatchWriter(store);
  for (let i = 0; i < 30; i++) {
    const id = writer.series(seriesOf(i, random));
    const habit = random.pick(HABITS);
    let value = 0;
    for (let timeMs = START_MS + i; timeMs < START_MS + SPAN_MS; timeMs += EVERY_MS) {
      if (random.below(80) === 0) timeMs += random.below(900_000);
      const next = habit(random, value);
      if (next === "stale") writer.builder.addStale(id, timeMs);
      else writer.builder.add(id, timeMs, next);
      value = typeof next === "number" && Number.isFinite(next) ? next : 0;
    }
  }
  await store.append(writer.builder.build());
}

function run(store: MetricStore, expr: string, grid: StepGrid): Promise<QueryAnswer> {
  const { query } = prepareQuery(expr);
  if (!query) throw new Error(`not a query: ${expr}`);
  return runQuery(query, store, {
    grid,
    instant: grid.count === 1,
    lookbackMs: 300_000,
    budget: UNLIMITED_BUDGET,
    defaultStepMs: 60_000,
  });
}

/** By label set, every value to the last bit. */
function cells({ value }: QueryAnswer): string[] {
  if (value.kind === "vector") {
    return value.elements.map((one) => `${one.labels} ${bits(one.value)}`).sort();
  }
  if (value.kind !== "matrix") throw new Error(value.kind);
  return value.series.map((one) => `${one.labels} ${one.timesMs} ${[...one.values].map(bits)}`);
}

function bits(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** What a scan folds while it reads, and the same where a function between them forbids it. */
async function compare(store: MetricStore, random: Random): Promise<void> {
  const operator = random.pick(OPERATORS);
  const grouping = random.pick(GROUPINGS);
  const inner = random.pick(INNER);
  const stepMs = random.pick([15_000, 60_000, 300_000]);
  const count = random.below(4) === 0 ? 1 : 2 + random.below(12);
  const grid = { startMs: START_MS + random.below(SPAN_MS), stepMs, count };
  const folded = await run(store, `${operator} ${grouping} (${inner})`, grid);
  const kept = `label_replace(${inner}, "kept", "", "", "")`;
  const apart = await run(store, `${operator} ${grouping} (${kept})`, grid);
  expect(cells(folded), `${operator} ${grouping} (${inner})`).toEqual(cells(apart));
}

it.each([1, 2, 3, 4, 5, 6])(
  "[READ8] folds series as if they stood side by side, seed %i",
  async (seed) => {
    const random = seededRandom(seed);
    const folder = freshFolder();
    const clock = new FakeClock(START_MS + SPAN_MS);
    const stores = [await openTestTsdb(folder, { clock }), openMemoryStore()];
    for (const store of stores) await fill(store, seed);
    for (let i = 0; i < 150; i++) for (const store of stores) await compare(store, random);
    for (const store of stores) await store.close();
  },
);
