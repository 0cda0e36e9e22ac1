import { expect, it } from "vitest";
import { IngestMeter } from "./ingest-meter.ts";

const ack = (accepted: number) => ({ accepted, rejections: [] });

it("waits, is healthy, lags and fails, each with its reason", () => {
  const meter = new IngestMeter();
  expect(meter.health(0, 0, [])).toMatchObject({ state: "waiting", lastSampleMs: null });
  meter.note(ack(100), 1_000);
  expect(meter.health(2_000, 5, [])).toMatchObject({
    state: "healthy",
    reason: "",
    seriesCount: 5,
    lastSampleMs: 1_000,
  });
  expect(meter.health(2_000, 5, [{ atMs: 0, state: "late" }]).state).toBe("lagging");
  const refused = { reason: "too-new", count: 3, example: "x is ahead" } as const;
  meter.note({ accepted: 1, rejections: [refused] }, 3_000);
  expect(meter.health(4_000, 5, []).reason).toContain("3 samples refused: too-new");
  expect(meter.health(90_000, 5, [])).toMatchObject({
    state: "failing",
    reason: "no sample for 87 s",
  });
  meter.noteFailure(new Error("disk full"), 91_000);
  expect(meter.health(91_000, 5, [])).toMatchObject({ state: "failing", reason: "disk full" });
});

it("tells samples a second over the steps that have passed", () => {
  const meter = new IngestMeter();
  for (let nowMs = 0; nowMs < 120_000; nowMs += 1_000) meter.note(ack(10), nowMs);
  expect(meter.health(120_000, 1, []).samplesPerSecond).toBe(10);
});
