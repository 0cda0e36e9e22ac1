import { expect, it } from "vitest";
import { labelsOf } from "../labels.ts";
import { type MetricStore, SERIES_PER_BATCH, UNLIMITED_BUDGET } from "../metric-store.ts";
import {
  ALL_TIME,
  ANY_SERIES,
  appendRows,
  BatchWriter,
  type Row,
  readRows,
  rowsOf,
} from "./metric-store-contract-tools.ts";

const UP = { __name__: "up", job: "a" };
const UP_TEXT = 'up{job="a"}';

export function readContract(open: () => Promise<MetricStore>): void {
  const test: Test = (title, run) =>
    it(title, async () => {
      const store = await open();
      try {
        await run(store);
      } finally {
        await store.close();
      }
    });
  snapshotTests(test);
  batchTests(test);
  rangeTests(test);
}

type Test = (title: string, run: (store: MetricStore) => Promise<void>) => void;

function snapshotTests(test: Test): void {
  const all = { matchers: ANY_SERIES, range: ALL_TIME, budget: UNLIMITED_BUDGET };

  test("a snapshot stands still while samples come in, early and late ones too", async (store) => {
    await appendRows(store, UP, [
      [1_000, 1],
      [5_000, 5],
    ]);
    const snapshot = await store.snapshot(all);
    for (let i = 0; i < 300; i++)
      await appendRows(store, UP, [
        [6_000 + i, i],
        [2_000 + i, i],
      ]);
    await appendRows(store, { __name__: "new" }, [[1_000, 1]]);
    expect(snapshot.series).toEqual([labelsOf(UP)]);
    expect(await rowsOf(snapshot)).toEqual({
      [UP_TEXT]: [
        [1_000, 1],
        [5_000, 5],
      ],
    });
    snapshot.close();
    snapshot.close();
    expect((await readRows(store))[UP_TEXT]).toHaveLength(602);
  });

  test("a snapshot sees a batch whole or not at all", async (store) => {
    const appends: Promise<unknown>[] = [];
    const reads: Promise<Record<string, Row[]>>[] = [];
    for (let i = 0; i < 100; i++) {
      const batch = new BatchWriter(store);
      for (const side of ["left", "middle", "right"]) {
        batch.add(labelsOf({ __name__: side }), [
          [i * 1_000, i],
          [-i * 1_000 - 1, i],
        ]);
      }
      appends.push(store.append(batch.builder.build()));
      if (i % 5 === 0) reads.push(readRows(store));
      if (i % 20 === 0) await appends.at(-1);
    }
    await Promise.all(appends);
    for (const read of await Promise.all(reads)) {
      expect(read.left).toEqual(read.middle);
      expect(read.left).toEqual(read.right);
    }
    expect((await readRows(store)).left).toHaveLength(200);
  });

  test("a snapshot can be read more than once", async (store) => {
    const rows = Array.from({ length: 400 }, (_, i): Row => [i * 1_000, i]);
    await appendRows(store, UP, rows);
    const snapshot = await store.snapshot(all);
    const part = { fromMs: 100_000, toMs: 199_000 };
    expect((await rowsOf(snapshot, part))[UP_TEXT]).toEqual(rows.slice(100, 200));
    expect((await rowsOf(snapshot))[UP_TEXT]).toEqual(rows);
    snapshot.close();
  });
}

function batchTests(test: Test): void {
  test("series come in batches of bounded size, in order, each once", async (store) => {
    const count = SERIES_PER_BATCH * 2 + 10;
    const writer = new BatchWriter(store);
    for (let i = 0; i < count; i++) {
      writer.add(labelsOf({ __name__: "many", i: String(i) }), [
        [i, i],
        [i + 1, -i],
      ]);
    }
    await store.append(writer.builder.build());
    const snapshot = await store.snapshot({
      matchers: ANY_SERIES,
      range: ALL_TIME,
      budget: UNLIMITED_BUDGET,
    });
    expect(snapshot.series).toHaveLength(count);
    let next = 0;
    for await (const batch of snapshot.read(ALL_TIME)) {
      expect(batch.first).toBe(next);
      expect(batch.count).toBeLessThanOrEqual(SERIES_PER_BATCH);
      expect(batch.offsets[0]).toBe(0);
      for (let k = 0; k < batch.count; k++) {
        const from = batch.offsets[k] ?? 0;
        const i = Number(snapshot.series[next + k]?.at(-1));
        expect((batch.offsets[k + 1] ?? 0) - from).toBe(2);
        expect([...batch.timesMs.subarray(from, from + 2)]).toEqual([i, i + 1]);
        expect(batch.values[from]).toBe(i);
      }
      next += batch.count;
    }
    expect(next).toBe(count);
    snapshot.close();
  });

  test("some series are read in an order that was asked for", async (store) => {
    const writer = new BatchWriter(store);
    for (let i = 0; i < 10; i++) {
      writer.add(labelsOf({ __name__: "many", i: String(i) }), [[1_000, i]]);
    }
    await store.append(writer.builder.build());
    const request = { matchers: ANY_SERIES, range: ALL_TIME, budget: UNLIMITED_BUDGET };
    const snapshot = await store.snapshot(request);
    const order = Uint32Array.of(7, 2, 9);
    const values: number[] = [];
    for await (const { first, count, values: read } of snapshot.read(ALL_TIME, order)) {
      expect(first).toBe(values.length);
      values.push(...read.subarray(0, count));
    }
    expect(values).toEqual([...order].map((k) => Number(snapshot.series[k]?.at(-1))));
    snapshot.close();
  });

  test("a budget ends a read", async (store) => {
    const rows = Array.from({ length: 5_000 }, (_, i): Row => [i * 1_000, i]);
    await appendRows(store, UP, rows);
    let spent = 0;
    const budget = {
      spend: (samples: number) => {
        spent += samples;
        if (spent > 2_000) throw new Error("enough");
      },
    };
    await expect(readRows(store, ANY_SERIES, ALL_TIME, budget)).rejects.toThrow("enough");
    expect(spent).toBeLessThanOrEqual(4_000);
  });
}

function rangeTests(test: Test): void {
  test("both ends of a range belong to it", async (store) => {
    const rows = Array.from({ length: 1_000 }, (_, i): Row => [i * 10, i]);
    await appendRows(store, UP, rows);
    const within = async (fromMs: number, toMs: number) =>
      (await readRows(store, ANY_SERIES, { fromMs, toMs }))[UP_TEXT] ?? [];
    expect(await within(10, 30)).toEqual([
      [10, 1],
      [20, 2],
      [30, 3],
    ]);
    expect(await within(11, 29)).toEqual([[20, 2]]);
    expect(await within(9_990, 99_999)).toEqual([[9_990, 999]]);
    expect(await within(-5, 0)).toEqual([[0, 0]]);
    expect(await within(9_991, 99_999)).toEqual([]);
    expect(await within(-9, -1)).toEqual([]);
    expect(await within(3_000, 6_990)).toEqual(rows.slice(300, 700));
  });

  test("counts what it holds", async (store) => {
    expect(await store.stats()).toMatchObject({ seriesCount: 0, sampleCount: 0, range: undefined });
    await appendRows(store, UP, [
      [5_000, 1],
      [1_000, 1],
      [5_000, 1],
    ]);
    await appendRows(store, { __name__: "other", job: "a" }, [[9_000, "stale"]]);
    expect(await store.stats()).toMatchObject({
      seriesCount: 2,
      sampleCount: 3,
      labelPairCount: 3,
      range: { fromMs: 1_000, toMs: 9_000 },
    });
  });
}
