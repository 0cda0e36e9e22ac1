import { labelsOf, type MetricStore, matcher, type Random, seededRandom } from "@hms-ops/model";
import { BatchWriter, type Row, readRows, type SeriesRecord } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { openMemoryStore } from "../memory/index.ts";
import { freshFolder } from "./testing/fresh-folder.test.tools.ts";
import { openTestTsdb } from "./testing/open-store.test.tools.ts";

const STEPS = 120;
const DAY_MS = 86_400_000;

/** One series' habits, so that chunks of every form come about. */
interface Habit {
  readonly series: SeriesRecord;
  readonly value: (random: Random) => number;
  nextMs: number;
}

const VALUES: readonly ((random: Random) => number)[] = [
  (random) => random.below(3),
  (random) => random.next(),
  (random) => random.below(100_000) / 1_000,
  (random) => 2 ** 45 + random.below(100_000),
  (random) => random.pick([0, -0, Number.NaN, Number.POSITIVE_INFINITY, -1.5]),
];

function habits(random: Random): Habit[] {
  return Array.from({ length: 12 }, (_, i) => ({
    series: { __name__: random.pick(["a", "b"]), i: String(i), ...(i % 3 ? { job: "x" } : {}) },
    value: random.pick(VALUES),
    nextMs: random.pick([0, 1_000, 1_600_000_000_000]),
  }));
}

function timeOf(random: Random, habit: Habit): number {
  switch (random.below(12)) {
    case 0:
      return Math.max(0, habit.nextMs - random.below(2_000_000));
    case 1:
      return random.below(1_000_000);
    case 2:
      habit.nextMs += random.below(40 * DAY_MS);
      return habit.nextMs;
    default:
      habit.nextMs += 15_000 + (random.below(4) === 0 ? random.below(20) : 0);
      return habit.nextMs;
  }
}

function rowsOf(random: Random, habit: Habit): Row[] {
  const most = random.pick([1, 3, 90]);
  return Array.from({ length: 1 + random.below(most) }, () => [
    timeOf(random, habit),
    random.below(30) === 0 ? "stale" : habit.value(random),
  ]);
}

/** The same batch to both, whose answers must agree. */
async function appendBoth(random: Random, all: readonly Habit[], stores: readonly MetricStore[]) {
  const parts = Array.from({ length: 1 + random.below(4) }, () => random.pick(all)).map(
    (habit) => [labelsOf(habit.series), rowsOf(random, habit)] as const,
  );
  const hasId = random.below(6) === 0;
  const options = {
    allOrNothing: random.below(4) === 0,
    ...(hasId ? { batchId: String(random.below(20)) } : {}),
  };
  const acks = stores.map((store) => {
    const batch = new BatchWriter(store);
    for (const [labels, rows] of parts) batch.add(labels, rows);
    return store.append(batch.builder.build(options));
  });
  const counts = (await Promise.all(acks)).map(({ accepted, rejections }) => ({
    accepted,
    // A repeated id says what was accepted, also after a restart; rejections are told once.
    rejected: hasId ? [] : rejections.map(({ reason, count }) => `${reason} ${count}`),
  }));
  expect(counts[0]).toEqual(counts[1]);
}

async function compareReads(random: Random, tsdb: MetricStore, twin: MetricStore) {
  const fromMs = random.pick([
    Number.MIN_SAFE_INTEGER,
    0,
    random.below(2_000_000),
    1_600_000_000_000,
  ]);
  const toMs = fromMs + random.pick([0, 1_000_000, DAY_MS, Number.MAX_SAFE_INTEGER]);
  const matchers = random.pick([
    [],
    [matcher("__name__", "=", "a")],
    [matcher("job", "=", "")],
    [matcher("i", "=~", "1.|[3-5]"), matcher("job", "!=", "")],
    [matcher("i", "!~", "1.*")],
  ]);
  const range = { fromMs, toMs };
  expect(await readRows(tsdb, matchers, range)).toEqual(await readRows(twin, matchers, range));
}

async function agree(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const folder = freshFolder();
  const twin = openMemoryStore();
  let tsdb = await openTestTsdb(folder, { limits: { segmentBytes: 20_000 } });
  const all = habits(random);
  for (let step = 0; step < STEPS; step++) {
    await appendBoth(random, all, [tsdb, twin]);
    if (random.below(4) === 0) await compareReads(random, tsdb, twin);
    if (random.below(25) > 0) continue;
    await tsdb.close();
    tsdb = await openTestTsdb(folder, { limits: { segmentBytes: 20_000 } });
  }
  expect(await readRows(tsdb)).toEqual(await readRows(twin));
  await tsdb.close();
}

describe("[HEAD2] the tsdb agrees with the naive twin, restarts included", () => {
  for (const seed of [1, 2, 3, 4, 5]) it(`seed ${seed}`, () => agree(seed));

  it("a fresh seed", async () => {
    const seed = Number(process.env.HMS_OPS_SEED ?? Date.now() % 1_000_000);
    try {
      await agree(seed);
    } catch (error) {
      throw new Error(`seed ${seed} fails: set HMS_OPS_SEED=${seed}`, { cause: error });
    }
  });
});
