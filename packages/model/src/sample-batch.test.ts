import { describe, expect, it } from "vitest";
import {
  errorTable,
  giveBack,
  NEW_SERIES_BASE,
  OpsError,
  SampleBatchBuilder,
  seededRandom,
} from "./index.ts";

describe("a batch", () => {
  it("keeps its rows when it grows, and counts its own series from the base", () => {
    const builder = new SampleBatchBuilder("test", 2);
    const id = builder.declare({ labels: ["__name__", "up"] });
    for (let i = 0; i < 5; i++) builder.add(id, i, i * 10);
    builder.addStale(7, 5);
    const batch = builder.build({ batchId: "b" });
    expect(id).toBe(NEW_SERIES_BASE);
    expect([...batch.values.subarray(0, 5)]).toEqual([0, 10, 20, 30, 40]);
    expect([...batch.stale]).toEqual([0, 0, 0, 0, 0, 1]);
    expect([...batch.ids.subarray(4)]).toEqual([NEW_SERIES_BASE, 7]);
    expect(batch).toMatchObject({ count: 6, source: "test", batchId: "b" });
  });

  it("starts over in the same arrays, with nothing of the one before", () => {
    const builder = new SampleBatchBuilder("first", 2);
    builder.declare({ labels: ["__name__", "up"] });
    for (let i = 0; i < 5; i++) builder.addStale(i, i);
    const { ids } = builder.build();
    builder.startOver("second");
    builder.add(9, 1, 10);
    const batch = builder.build();
    expect(batch).toMatchObject({ source: "second", count: 1, newSeries: [] });
    expect([batch.ids[0], batch.values[0], batch.stale[0]]).toEqual([9, 10, 0]);
    expect(batch.ids.buffer).toBe(ids.buffer);
  });
});

describe("memory that is given back", () => {
  it("is freed at once, unless others share it", () => {
    const own = new Uint8Array(100);
    const part = own.subarray(10, 20);
    giveBack(part);
    expect(own.length).toBe(100);
    giveBack(part, 100);
    expect(own.length).toBe(0);
  });
});

describe("chance", () => {
  it("is the same for the same seed, and another for another", () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed).next);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it("spreads evenly", () => {
    const random = seededRandom(42);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const digit = random.below(10);
      counts[digit] = (counts[digit] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe("an error for people", () => {
  it("fills its holes and keeps code, status and cure", () => {
    const rows = errorTable({
      full: { code: "OPS-1001", status: 503, message: "disk {path} is full", mend: "free {path}" },
    });
    expect(new OpsError(rows.full, { path: "/data" })).toMatchObject({
      message: "disk /data is full",
      mend: "free /data",
      code: "OPS-1001",
      status: 503,
    });
  });
});
