import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { matcher, type StoreFigure } from "@hms-ops/model";
import { ALL_TIME, appendRows, FakeClock, type Row } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { COMMIT_ROWS_BOUNDS, type ReplayProgress, type Tsdb } from "./index.ts";
import { freshFolder } from "./testing/fresh-folder.test.tools.ts";
import { openTestTsdb } from "./testing/open-store.test.tools.ts";

const DAY_MS = 86_400_000;

async function figures(store: Tsdb): Promise<Readonly<Record<string, number>>> {
  const all = (await store.stats()).figures ?? [];
  const nameOf = ({ name, labels = {} }: StoreFigure) => [name, ...Object.values(labels)].join(" ");
  return Object.fromEntries(all.map((figure) => [nameOf(figure), figure.value]));
}

function rowsFrom(timeMs: number, count: number): readonly Row[] {
  return Array.from({ length: count }, (_, i): Row => [timeMs + 15_000 * i, i]);
}

describe("the figures of a store", () => {
  it("tell of commits: how many, how large, how long", async () => {
    const clock = new FakeClock(1_000_000);
    const store = await openTestTsdb(freshFolder(), { clock });
    await appendRows(store, { __name__: "a" }, rowsFrom(0, 3));
    await appendRows(store, { __name__: "a" }, rowsFrom(60_000, 400));
    const all = (await store.stats()).figures ?? [];
    const rows = all.find(({ name }) => name === "commit_rows");
    expect(rows?.value).toBe(403);
    const bucketOf = (value: number) => COMMIT_ROWS_BOUNDS.findIndex((bound) => value <= bound);
    expect(rows?.buckets?.[bucketOf(3)]).toBe(1);
    expect(rows?.buckets?.[bucketOf(400)]).toBe(1);
    const seconds = all.find(({ name }) => name === "wal_sync_seconds");
    expect(seconds?.buckets?.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(await figures(store)).toMatchObject({ wal_commits_total: 2, head_samples: 403 });
    await store.close();
  });

  it("tell of flushes, compactions, blocks by level, deletions and growth", async () => {
    const store = await openTestTsdb(freshFolder());
    for (let day = 0; day < 2; day++) {
      for (const half of [0, 1]) {
        const timeMs = day * DAY_MS + half * 40_000_000;
        await appendRows(store, { __name__: "a" }, rowsFrom(timeMs, 100));
        await store.maintain({ flush: true });
      }
    }
    const before = await figures(store);
    expect(before).toMatchObject({ blocks: 4, "level_blocks 0": 4, flushes_total: 4 });
    expect(before.flush_written_bytes_total).toBe(before.block_bytes);
    expect(before.growth_bytes_per_day).toBeGreaterThan(0);
    await store.writer.requestCompaction();
    await store.maintain();
    expect(store.writer.blocks).toMatchObject([
      { level: 1, sampleCount: 200, replaces: [expect.any(String), expect.any(String)] },
      { level: 1, sampleCount: 200 },
    ]);
    const after = await figures(store);
    expect(after).toMatchObject({ blocks: 2, "level_blocks 1": 2, compactions_total: 2 });
    expect(after["level_blocks 0"]).toBe(undefined);
    expect(after.compaction_read_bytes_total).toBe(before.block_bytes);
    const { compaction_written_bytes_total: compacted = 0 } = after;
    const { companion_written_bytes_total: summed = 0 } = after;
    expect(compacted + summed).toBe(after["level_block_bytes 1"]);
    const range = { fromMs: 0, toMs: 30_000 };
    await store.delete({ matcherSets: [[matcher("__name__", "=", "a")]], range });
    expect(await figures(store)).toMatchObject({ tombstoned_blocks: 1 });
    await store.close();
  });

  it("tell no growth from less than an hour of samples", async () => {
    const store = await openTestTsdb(freshFolder());
    await appendRows(store, { __name__: "a" }, rowsFrom(0, 100));
    await store.maintain({ flush: true });
    expect(await figures(store)).toMatchObject({ blocks: 1, growth_bytes_per_day: 0 });
    await appendRows(store, { __name__: "a" }, rowsFrom(3_600_000, 100));
    await store.maintain({ flush: true });
    expect((await figures(store)).growth_bytes_per_day).toBeGreaterThan(0);
    await store.close();
  });

  it("name what is damaged", async () => {
    const folder = freshFolder();
    const store = await openTestTsdb(folder);
    await appendRows(store, { __name__: "a" }, rowsFrom(0, 10));
    await store.maintain({ flush: true });
    await store.close();
    const [name = ""] = readdirSync(join(folder, "blocks"));
    const meta = join(folder, "blocks", name, "meta.json");
    writeFileSync(meta, readFileSync(meta, "utf8").replace('"number":', '"nunber":'));
    const again = await openTestTsdb(folder);
    expect((await again.stats()).damaged).toMatchObject([{ name }]);
    expect(await figures(again)).toMatchObject({ damaged_blocks: 1 });
    await again.close();
  });

  it("count pins that took too long, and exemplars that had to go", async () => {
    const clock = new FakeClock(1_000_000);
    const limits = { pinLifeMs: 1_000, exemplarsMax: 2 };
    const store = await openTestTsdb(freshFolder(), { clock, limits });
    await appendRows(store, { __name__: "a" }, rowsFrom(0, 1));
    const snapshot = await store.snapshot({
      matchers: [],
      range: ALL_TIME,
      budget: { spend: () => {} },
    });
    expect(await figures(store)).toMatchObject({ open_pins: 1 });
    await clock.advance(2_000);
    store.writer.revokeExpired();
    expect(await figures(store)).toMatchObject({ "limit_hits_total pinLifeMs": 1 });
    snapshot.close();
    await store.close();
  });
});

describe("a start", () => {
  it("tells of every segment before it reads it", async () => {
    const folder = freshFolder();
    const limits = { segmentBytes: 500 };
    const store = await openTestTsdb(folder, { limits });
    for (let i = 0; i < 20; i++)
      await appendRows(store, { __name__: "a" }, rowsFrom(i * DAY_MS, 50));
    await store.close();
    const told: ReplayProgress[] = [];
    const again = await openTestTsdb(folder, {
      limits,
      onReplay: (progress) => told.push(progress),
    });
    expect(told.length).toBeGreaterThan(2);
    const last = told.length;
    expect(told).toEqual(told.map((_, i) => ({ first: 1, last, current: i + 1 })));
    expect(await figures(again)).toMatchObject({
      recovery_segments: last,
      recovery_samples: 1_000,
    });
    await again.close();
  });
});
