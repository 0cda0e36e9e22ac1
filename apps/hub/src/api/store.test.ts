import { describe, expect, it } from "vitest";
import { forecast } from "./store.ts";

const DAY_MS = 86_400_000;
const moment = { nowMs: 0, retentionMs: 100 * DAY_MS };
const details = { block_bytes: 1_000, wal_bytes: 50, growth_bytes_per_day: 100 };

describe("the forecast of the disk", () => {
  it("is full in as many days as what is free lasts", () => {
    expect(forecast({ freeBytes: 2_000, totalBytes: 9_000 }, details, moment)).toEqual({
      freeBytes: 2_000,
      totalBytes: 9_000,
      usedBytes: 1_050,
      growthBytesPerDay: 100,
      expectedBytes: 10_050,
      fullAtMs: 20 * DAY_MS,
    });
  });

  it("is never full where retention ends the growth before", () => {
    const { fullAtMs } = forecast({ freeBytes: 9_000, totalBytes: 9_000 }, details, moment);
    expect(fullAtMs).toBe(null);
  });

  it("knows nothing before the first flush", () => {
    const young = { block_bytes: 0, wal_bytes: 50, growth_bytes_per_day: 0 };
    expect(forecast({ freeBytes: 1, totalBytes: 9 }, young, moment)).toMatchObject({
      expectedBytes: null,
      fullAtMs: null,
    });
  });
});
