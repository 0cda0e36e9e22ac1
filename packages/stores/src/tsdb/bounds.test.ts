import { labelsOf, matcher, seededRandom, UNLIMITED_BUDGET } from "@hms-ops/model";
import {
  ALL_TIME,
  appendRows,
  BatchWriter,
  FakeClock,
  type Row,
  readRows,
  type SeriesRecord,
} from "@hms-ops/model/testing";
import { describe, expect, it, vi } from "vitest";
import { directLink, openReader, type Tsdb } from "./index.ts";
import { freshFolder } from "./testing/fresh-folder.test.tools.ts";
import { openTestTsdb } from "./testing/open-store.test.tools.ts";

const UP = { __name__: "up" };
const ALL = { matchers: [], range: ALL_TIME, budget: UNLIMITED_BUDGET };

async function detail(store: Tsdb, name: string): Promise<number> {
  return (await store.stats()).details[name] ?? Number.NaN;
}

describe("memory", () => {
  it("[KEEP1] stays within its limit: what is too much is flushed, nothing is lost", async () => {
    const folder = freshFolder();
    const limits = { headBytes: 150_000, segmentBytes: 50_000 };
    const store = await openTestTsdb(folder, { limits });
    const random = seededRandom(3);
    const all: Row[] = [];
    for (let batch = 0; batch < 60; batch++) {
      const rows = Array.from({ length: 1_000 }, (_, i): Row => [batch * 1_000 + i, random.next()]);
      all.push(...rows);
      await appendRows(store, UP, rows);
      expect(await detail(store, "head_bytes")).toBeLessThan(2_000_000);
    }
    await store.maintain();
    expect(await detail(store, "flushes_total")).toBeGreaterThan(2);
    expect(await detail(store, "wal_bytes")).toBeLessThan(700_000);
    expect((await readRows(store)).up).toEqual(all);
    await store.close();
    const again = await openTestTsdb(folder, { limits });
    expect((await readRows(again)).up).toEqual(all);
    expect((await again.stats()).sampleCount).toBeGreaterThanOrEqual(60_000);
    await again.close();
  });

  it("[KEEP1] that a freeze of many series needs is made while groups go on", async () => {
    const clock = new FakeClock();
    const store = await openTestTsdb(freshFolder(), { clock, limits: { headBytes: 1_000_000 } });
    const writer = new BatchWriter(store);
    for (let i = 0; i < 40_000; i++) writer.add(labelsOf({ ...UP, i: String(i) }), [[1_000, i]]);
    await store.append(writer.builder.build());
    // The clock stands still: whoever waits for a turn waits, and these do not.
    for (let i = 2; i < 5; i++) await appendRows(store, UP, [[i * 1_000, i]]);
    expect(await detail(store, "frozen_heads")).toBe(0);
    await clock.advance(0);
    await appendRows(store, UP, [[5_000, 5]]);
    await vi.waitFor(async () => expect(await detail(store, "frozen_heads")).toBe(1));
    await store.maintain();
    expect(await detail(store, "flushes_total")).toBe(1);
    const rows = await readRows(store);
    expect(Object.keys(rows)).toHaveLength(40_001);
    expect(rows.up).toHaveLength(4);
    await store.close();
  });

  it("[HEAD3] is not taken by refused batches", async () => {
    const store = await openTestTsdb(freshFolder());
    await appendRows(store, UP, [
      [1_000, 1],
      [500_000, 2],
    ]);
    const refuse = async () => {
      const batch = new BatchWriter(store).add(
        labelsOf(UP),
        Array.from({ length: 300 }, (_, i): Row => [i * 1_000 + 1_000, i + 5]),
      );
      const ack = await store.append(batch.builder.build({ allOrNothing: true }));
      expect(ack.accepted).toBe(0);
    };
    await refuse();
    const before = await detail(store, "head_bytes");
    for (let i = 0; i < 20; i++) await refuse();
    expect(await detail(store, "head_bytes")).toBe(before);
    expect(await readRows(store)).toEqual({
      up: [
        [1_000, 1],
        [500_000, 2],
      ],
    });
    await store.close();
  });
});

describe("times and counts", () => {
  it("[KEEP2] older than the retention are refused, and forgotten with their segments", async () => {
    const clock = new FakeClock(1_000_000_000);
    const options = {
      clock,
      retentionMs: 86_400_000,
      limits: { segmentBytes: 2_000, aheadMs: 1_000 },
    };
    const folder = freshFolder();
    const store = await openTestTsdb(folder, options);
    const early = await appendRows(store, UP, [[1_000_000_000 - 86_400_001, 1]]);
    expect(early.rejections).toMatchObject([{ reason: "too-old", count: 1 }]);
    expect(early.rejections[0]?.example).toMatch(/ sent by test: older than the retention$/);
    const inSeconds = await appendRows(store, UP, [[1_000_000, 1]]);
    expect(inSeconds.rejections[0]?.example).toMatch(/; times .* milliseconds, .* seconds$/);
    for (let hour = 0; hour < 72; hour++) {
      const rows = Array.from({ length: 60 }, (_, i): Row => [clock.now() + i, hour + i / 7]);
      await appendRows(store, UP, rows);
      await clock.advance(3_600_000);
    }
    const rows = (await readRows(store)).up ?? [];
    expect(rows.length).toBeGreaterThanOrEqual(24 * 60);
    // Blocks go whole, and the oldest one that is left began up to a day before.
    expect(rows.length).toBeLessThan(50 * 60);
    expect(await detail(store, "dropped_blocks_total")).toBeGreaterThan(1);
    await store.close();
  });

  it("[KEEP3] too far ahead of the clock are refused", async () => {
    const clock = new FakeClock(1_000_000);
    const store = await openTestTsdb(freshFolder(), { clock, limits: { aheadMs: 600_000 } });
    const ack = await appendRows(store, UP, [
      [1_600_000, 1],
      [1_600_001, 2],
    ]);
    expect(ack.accepted).toBe(1);
    expect(ack.rejections).toMatchObject([{ reason: "too-new", count: 1 }]);
    await store.close();
  });

  it("[KEEP4] beyond the series limit are refused while known series go on", async () => {
    const store = await openTestTsdb(freshFolder(), { limits: { seriesMax: 2 } });
    for (const name of ["a", "b"]) await appendRows(store, { __name__: name }, [[1, 1]]);
    const unknown: SeriesRecord[] = [{ __name__: "c" }, { __name__: "a", extra: "1" }];
    for (const series of unknown) {
      const ack = await appendRows(store, series, [[1, 1]]);
      expect(ack.rejections).toMatchObject([{ reason: "series-limit", count: 1 }]);
    }
    expect((await appendRows(store, { __name__: "a" }, [[2, 2]])).accepted).toBe(1);
    expect((await store.stats()).seriesCount).toBe(2);
    await store.close();
  });

  it("[KEEP5] more rows than may wait are refused", async () => {
    const store = await openTestTsdb(freshFolder(), { limits: { queuedRowsMax: 2 } });
    const first = appendRows(store, UP, [
      [1, 1],
      [2, 2],
    ]);
    const second = appendRows(store, UP, [[3, 3]]);
    await expect(second).rejects.toMatchObject({ code: "OPS-1304", status: 503 });
    expect((await first).accepted).toBe(2);
    expect((await appendRows(store, UP, [[3, 3]])).accepted).toBe(1);
    await store.close();
  });

  it("[RAW2] raw keys are forgotten over their limit and learnt again", async () => {
    const store = await openTestTsdb(freshFolder(), { limits: { rawKeyBytes: 1_200_000 } });
    for (let round = 0; round < 3; round++) {
      const batch = new BatchWriter(store);
      for (let i = 0; i < 10_000; i++) {
        batch.add(labelsOf({ __name__: "many", i: `${i}`.repeat(20) }), [[round, i]]);
      }
      expect((await store.append(batch.builder.build())).accepted).toBe(10_000);
    }
    expect((await store.stats()).seriesCount).toBe(10_000);
    await store.close();
  });
});

describe("pins", () => {
  it("[PIN3] hold matching series that the reader had not heard of", async () => {
    const store = await openTestTsdb(freshFolder());
    const reader = openReader(store.writer.shared(), directLink(store.writer));
    for (let i = 0; i < 50; i++) {
      await appendRows(store, { __name__: "known", i: String(i) }, [[i, i]]);
      const found = await readRows(reader, [matcher("__name__", "=~", "k.*")]);
      expect(Object.keys(found)).toHaveLength(i + 1);
      expect(await readRows(reader, [matcher("i", "=", String(i))])).toEqual({
        [`known{i="${i}"}`]: [[i, i]],
      });
    }
    await store.close();
  });

  it("[PIN3] hold them also where series come in faster than the reader asks", async () => {
    const store = await openTestTsdb(freshFolder());
    const reader = openReader(store.writer.shared(), {
      ...directLink(store.writer),
      pin: async (request) => {
        const name = `new${(await store.stats()).seriesCount}`;
        await appendRows(store, { __name__: name, all: "yes" }, [[1, 1]]);
        return store.writer.pin(request);
      },
    });
    const found = await readRows(reader, [matcher("all", "=", "yes")]);
    expect(Object.keys(found)).toHaveLength((await store.stats()).seriesCount);
    await store.close();
  });

  it("[PIN5] past their deadline end the read", async () => {
    const clock = new FakeClock();
    const store = await openTestTsdb(freshFolder(), { clock, limits: { pinLifeMs: 1_000 } });
    await appendRows(store, UP, [[1, 1]]);
    const snapshot = await store.snapshot(ALL);
    await clock.advance(1_001);
    await appendRows(store, UP, [[2, 2]]);
    const read = async () => {
      for await (const _ of snapshot.read(ALL_TIME));
    };
    await expect(read()).rejects.toMatchObject({ code: "OPS-1306" });
    snapshot.close();
    expect(await detail(store, "open_pins")).toBe(0);
    expect(await readRows(store)).toEqual({
      up: [
        [1, 1],
        [2, 2],
      ],
    });
    await store.close();
  });

  it("[PIN6] of a reader that is gone are dropped, and what they held is used again", async () => {
    const store = await openTestTsdb(freshFolder());
    const handles = store.writer.shared();
    const reader = openReader(handles, directLink(store.writer));
    await appendRows(store, UP, [[1, 1]]);
    await reader.snapshot(ALL);
    await reader.snapshot(ALL);
    const before = await detail(store, "head_bytes");
    for (let i = 0; i < 100; i++) await appendRows(store, UP, [[1_000 - i, i]]);
    expect(await detail(store, "head_bytes")).toBeGreaterThan(before + 10_000);
    expect(await detail(store, "open_pins")).toBe(2);
    store.writer.dropReader(handles.readerId);
    await appendRows(store, UP, [[5_000, 5]]);
    expect(await detail(store, "open_pins")).toBe(0);
    expect(await detail(store, "head_bytes")).toBeLessThan(before + 4_000);
    await store.close();
  });
});
