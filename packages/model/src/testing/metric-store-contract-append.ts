import { expect, it } from "vitest";
import { type Labels, labelsOf } from "../labels.ts";
import { type MetricStore, UNLIMITED_BUDGET } from "../metric-store.ts";
import { seededRandom } from "../random.ts";
import { UNKNOWN_SERIES } from "../sample-batch.ts";
import {
  ALL_TIME,
  appendRows,
  BatchWriter,
  named,
  type Row,
  rawKeyOf,
  readRows,
  type StatedLacks,
} from "./metric-store-contract-tools.ts";

const UP = { __name__: "up", job: "a" };
const UP_TEXT = 'up{job="a"}';

export function appendContract(open: () => Promise<MetricStore>, cannot: StatedLacks): void {
  const test = (title: string, run: (store: MetricStore) => Promise<void>, lacks?: string) =>
    it.skipIf(lacks !== undefined)(lacks ? `${title} (cannot: ${lacks})` : title, async () => {
      const store = await open();
      try {
        await run(store);
      } finally {
        await store.close();
      }
    });
  valueTests(test, cannot);
  orderTests(test);
  duplicateTests(test);
  refusalTests(test, cannot);
  resolverTests(test, cannot);
  lifeTests(open, test, cannot);
}

type Test = (title: string, run: (store: MetricStore) => Promise<void>, lacks?: string) => void;

/** NaNs that differ in sign and payload, none of them the marker. */
const NAN_BITS = [
  0x7ff8000000000000n,
  0x7ff8000000000001n,
  0xfff8000000000000n,
  0x7ffabcdef0123456n,
];

async function nanPayloadTest(store: MetricStore): Promise<void> {
  const values = new Float64Array(new BigUint64Array(NAN_BITS).buffer);
  const batch = new BatchWriter(store);
  const id = batch.series(labelsOf(UP));
  for (let i = 0; i < NAN_BITS.length; i++) batch.builder.add(id, i * 1_000, 0);
  await store.append({ ...batch.builder.build(), values });
  const found: bigint[] = [];
  const request = { matchers: [], range: ALL_TIME, budget: UNLIMITED_BUDGET };
  const snapshot = await store.snapshot(request);
  for await (const { offsets, values: read } of snapshot.read(ALL_TIME)) {
    const bits = new BigUint64Array(read.buffer, read.byteOffset, read.length);
    found.push(...bits.subarray(0, offsets[1]));
  }
  snapshot.close();
  expect(found).toEqual(NAN_BITS);
}

function valueTests(test: Test, cannot: StatedLacks): void {
  test("keeps a NaN's sign and payload", nanPayloadTest, cannot["nan-payloads"]);

  test("shows a sample once it is acknowledged", async (store) => {
    const ack = await appendRows(store, UP, [[1_000, 1]]);
    expect(ack).toEqual({ accepted: 1, rejections: [] });
    expect(await readRows(store)).toEqual({ [UP_TEXT]: [[1_000, 1]] });
  });

  test("keeps every double as it is", async (store) => {
    const values = [
      0,
      -0,
      1,
      -1,
      0.1,
      1e-320,
      5e-324,
      2 ** 53,
      -(2 ** 53),
      2 ** 53 - 1,
      1.7976931348623157e308,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      123456.789,
      1e21,
      65_535,
      65_536,
      4_294_967_295,
      4_294_967_296,
    ];
    const rows = values.map((value, i): Row => [i * 1_000, value]);
    await appendRows(store, UP, rows);
    const read = (await readRows(store))[UP_TEXT] ?? [];
    expect(read.map(([, value]) => value)).toStrictEqual(values);
  });

  test("keeps staleness markers apart from NaN", async (store) => {
    const rows: Row[] = [
      [1, Number.NaN],
      [2, "stale"],
      [3, 0],
      [4, "stale"],
      [5, Number.NaN],
    ];
    await appendRows(store, UP, rows);
    expect(await readRows(store)).toEqual({ [UP_TEXT]: rows });
  });

  test("keeps the shapes that metrics have: steady, jittering, counting, decimal", async (store) => {
    const random = seededRandom(11);
    const shapes: Record<string, (i: number) => number> = {
      constant: () => 42.5,
      counter: (i) => i * 17,
      large: (i) => 2 ** 40 + i * 3,
      decimal: (i) => Math.round(Math.sin(i) * 1_000) / 1_000,
      noise: () => random.next(),
      falling: (i) => -i,
    };
    const expected: Record<string, Row[]> = {};
    const batch = new BatchWriter(store);
    for (const [name, value] of Object.entries(shapes)) {
      const rows: Row[] = [];
      for (let i = 0; i < 700; i++) {
        rows.push([
          1_700_000_000_000 + i * 15_000 + random.below(name === "noise" ? 900 : 2),
          value(i),
        ]);
      }
      expected[name] = rows;
      batch.add(labelsOf({ __name__: name }), rows);
    }
    await store.append(batch.builder.build());
    expect(await readRows(store)).toEqual(expected);
  });
}

function orderTests(test: Test): void {
  test("takes samples in any order, from epoch 0 on", async (store) => {
    await appendRows(store, UP, [[5_000, 5]]);
    await appendRows(store, UP, [
      [0, 0],
      [9_000, 9],
      [3_000, 3],
    ]);
    await appendRows(store, UP, [
      [4_000, 4],
      [1_700_000_000_000, 17],
    ]);
    expect((await readRows(store))[UP_TEXT]).toEqual([
      [0, 0],
      [3_000, 3],
      [4_000, 4],
      [5_000, 5],
      [9_000, 9],
      [1_700_000_000_000, 17],
    ]);
  });

  test("takes times from before 1970 and years of back-fill", async (store) => {
    const DAY_MS = 86_400_000;
    await appendRows(store, UP, [[1_700_000_000_000, 3]]);
    const past = Array.from({ length: 40 }, (_, i): Row => [i * 97 * DAY_MS - 2e12, i]);
    await appendRows(store, UP, past.slice(20));
    await appendRows(store, UP, past.slice(0, 20).toReversed());
    await appendRows(store, UP, [
      [-1, 1],
      [-62_135_596_800_000, 0],
    ]);
    const rows: Row[] = [[-62_135_596_800_000, 0], ...past, [-1, 1], [1_700_000_000_000, 3]];
    expect((await readRows(store))[UP_TEXT]).toEqual(rows.sort((a, b) => a[0] - b[0]));
    const range = { fromMs: -2e12, toMs: -2e12 + 97 * DAY_MS };
    expect((await readRows(store, [], range))[UP_TEXT]).toEqual(past.slice(0, 2));
  });

  test("takes a long series backwards, shuffled and with great gaps", async (store) => {
    const random = seededRandom(7);
    const times = Array.from({ length: 1_000 }, (_, i) => i * 15_000 + (i > 500 ? 1e12 : 0));
    const backwards = times.toReversed().map((timeMs): Row => [timeMs, timeMs + 1]);
    const shuffled = times.map((timeMs): Row => [timeMs, timeMs + 2]);
    shuffled.sort(() => random.next() - 0.5);
    for (let i = 0; i < 1_000; i += 100) {
      await appendRows(store, { __name__: "back" }, backwards.slice(i, i + 100));
      await appendRows(store, { __name__: "mixed" }, shuffled.slice(i, i + 100));
    }
    expect(await readRows(store)).toEqual({
      back: times.map((timeMs) => [timeMs, timeMs + 1]),
      mixed: times.map((timeMs) => [timeMs, timeMs + 2]),
    });
  });
}

function duplicateTests(test: Test): void {
  test("takes a repeat in silence and refuses another value for the same time", async (store) => {
    await appendRows(store, UP, [
      [1_000, 1],
      [2_000, Number.NaN],
      [3_000, "stale"],
    ]);
    const repeat = await appendRows(store, UP, [
      [3_000, "stale"],
      [2_000, Number.NaN],
      [1_000, 1],
    ]);
    expect(repeat).toEqual({ accepted: 3, rejections: [] });
    const other = await appendRows(store, UP, [
      [3_000, 3],
      [2_000, 2],
      [1_000, 1.5],
      [4_000, 4],
    ]);
    expect(other.accepted).toBe(1);
    expect(other.rejections).toMatchObject([{ reason: "duplicate", count: 3 }]);
    expect(other.rejections[0]?.example).toContain(UP_TEXT);
    expect((await readRows(store))[UP_TEXT]).toEqual([
      [1_000, 1],
      [2_000, Number.NaN],
      [3_000, "stale"],
      [4_000, 4],
    ]);
  });

  test("tells 0 from -0 as bits do", async (store) => {
    await appendRows(store, UP, [[1_000, 0]]);
    const ack = await appendRows(store, UP, [[1_000, -0]]);
    expect(ack.rejections).toMatchObject([{ reason: "duplicate", count: 1 }]);
  });

  test("keeps the first of two values within one batch", async (store) => {
    const ack = await appendRows(store, UP, [
      [1_000, 1],
      [1_000, 2],
      [500, 5],
      [500, 6],
    ]);
    expect(ack.accepted).toBe(2);
    expect((await readRows(store))[UP_TEXT]).toEqual([
      [500, 5],
      [1_000, 1],
    ]);
  });

  test("finds repeats deep in a long series", async (store) => {
    const rows = Array.from({ length: 500 }, (_, i): Row => [i * 1_000, i]);
    await appendRows(store, UP, rows);
    const again = await appendRows(store, UP, rows);
    expect(again).toEqual({ accepted: 500, rejections: [] });
    const others = await appendRows(
      store,
      UP,
      rows.map(([timeMs]): Row => [timeMs, -1]),
    );
    expect(others.rejections).toMatchObject([{ reason: "duplicate", count: 500 }]);
    expect((await readRows(store))[UP_TEXT]).toEqual(rows);
  });
}

function refusalTests(test: Test, cannot: StatedLacks): void {
  test(
    "refuses an all-or-nothing batch whole",
    async (store) => {
      await appendRows(store, UP, [[1_000, 1]]);
      const batch = new BatchWriter(store)
        .add(labelsOf(UP), [
          [500, 0],
          [2_000, 2],
          [1_000, 7],
          [3_000, 3],
        ])
        .add(labelsOf({ __name__: "other" }), [[1_000, 1]]);
      const ack = await store.append(batch.builder.build({ allOrNothing: true }));
      expect(ack.accepted).toBe(0);
      expect(ack.rejections).toMatchObject([{ reason: "duplicate", count: 1 }]);
      expect(await readRows(store)).toEqual({ [UP_TEXT]: [[1_000, 1]] });
      const good = new BatchWriter(store).add(labelsOf(UP), [
        [1_000, 1],
        [2_000, 2],
      ]);
      const second = await store.append(good.builder.build({ allOrNothing: true }));
      expect(second).toEqual({ accepted: 2, rejections: [] });
    },
    cannot["all-or-nothing"],
  );

  test("refuses label sets that are none, and takes the rest", async (store) => {
    const sets: Labels[] = [
      [],
      ["b", "1", "a", "1"],
      ["a", "1", "a", "2"],
      ["a", ""],
      ["", "x"],
      ["a", "\ud800"],
      ["a"],
    ];
    const batch = new BatchWriter(store);
    for (const labels of sets) batch.builder.add(batch.builder.declare({ labels }), 1_000, 1);
    batch.add(labelsOf(UP), [[1_000, 1]]);
    const ack = await store.append(batch.builder.build());
    expect(ack.accepted).toBe(1);
    expect(ack.rejections).toMatchObject([{ reason: "invalid-labels", count: sets.length }]);
    expect(await readRows(store)).toEqual({ [UP_TEXT]: [[1_000, 1]] });
  });
}

function resolverTests(test: Test, cannot: StatedLacks): void {
  test(
    "finds a series by the raw bytes of its source",
    async (store) => {
      const labels = labelsOf(UP);
      const rawKey = rawKeyOf(labels);
      const find = (source: string) => store.resolver(source).find(rawKey, 0, rawKey.length);
      expect(find("test")).toBe(UNKNOWN_SERIES);
      await appendRows(store, UP, [[1_000, 1]]);
      expect(find("test")).not.toBe(UNKNOWN_SERIES);
      expect(find("another")).toBe(UNKNOWN_SERIES);
      const padded = new Uint8Array(rawKey.length + 5);
      padded.set(rawKey, 3);
      expect(store.resolver("test").find(padded, 3, 3 + rawKey.length)).toBe(find("test"));
      expect(store.resolver("test").find(rawKey, 0, rawKey.length - 1)).toBe(UNKNOWN_SERIES);
    },
    cannot["raw-keys"],
  );

  test("knows one series however often and by whom it is declared", async (store) => {
    const labels = labelsOf(UP);
    const twice = new BatchWriter(store, "one");
    twice.builder.add(twice.builder.declare({ labels, rawKey: new Uint8Array([1]) }), 1_000, 1);
    twice.builder.add(twice.builder.declare({ labels, rawKey: new Uint8Array([2]) }), 2_000, 2);
    await store.append(twice.builder.build());
    const other = new BatchWriter(store, "two");
    other.builder.add(other.builder.declare({ labels }), 3_000, 3);
    await store.append(other.builder.build());
    expect(await readRows(store)).toEqual({
      [UP_TEXT]: [
        [1_000, 1],
        [2_000, 2],
        [3_000, 3],
      ],
    });
    expect((await store.stats()).seriesCount).toBe(1);
  });

  test("takes a thousand series in one batch and finds them in the next", async (store) => {
    for (const timeMs of [1_000, 2_000]) {
      const batch = new BatchWriter(store);
      for (let i = 0; i < 1_000; i++) {
        batch.add(labelsOf({ __name__: "many", i: String(i) }), [[timeMs, i]]);
      }
      await store.append(batch.builder.build());
    }
    const read = await readRows(store, named("many"));
    expect(Object.keys(read)).toHaveLength(1_000);
    expect(read['many{i="77"}']).toEqual([
      [1_000, 77],
      [2_000, 77],
    ]);
  });
}

function lifeTests(open: () => Promise<MetricStore>, test: Test, cannot: StatedLacks): void {
  test(
    "acknowledges a repeated batch id and stores it once",
    async (store) => {
      const build = (value: number) =>
        new BatchWriter(store)
          .add(labelsOf(UP), [[1_000, value]])
          .builder.build({ batchId: "collector-7/1" });
      expect((await store.append(build(1))).accepted).toBe(1);
      const again = await store.append(build(2));
      expect(again).toEqual({ accepted: 1, rejections: [] });
      expect((await readRows(store))[UP_TEXT]).toEqual([[1_000, 1]]);
    },
    cannot["idempotent-batches"],
  );

  test("takes an empty batch", async (store) => {
    const ack = await store.append(new BatchWriter(store).builder.build());
    expect(ack).toEqual({ accepted: 0, rejections: [] });
  });

  test("stores nothing of a batch whose caller is gone", async (store) => {
    const batch = new BatchWriter(store).add(labelsOf(UP), [[1_000, 1]]).builder.build();
    await expect(store.append(batch, AbortSignal.abort())).rejects.toThrow();
    expect(await readRows(store)).toEqual({});
  });

  it("finishes what was appended before it closes, and takes nothing afterwards", async () => {
    const store = await open();
    const pending = appendRows(store, UP, [[1_000, 1]]);
    await store.close();
    expect((await pending).accepted).toBe(1);
    await expect(appendRows(store, UP, [[2_000, 2]])).rejects.toMatchObject({ code: "OPS-1302" });
    await store.close();
  });
}
