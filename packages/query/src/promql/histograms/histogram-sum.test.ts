import type { NativeHistogram, ResetHint } from "@hms-ops/model";
import { expect, it } from "vitest";
import { histogramSumOverTime } from "../functions/histogram-over-time.ts";
import { added, divided, scaled, subtracted } from "./arithmetic.ts";
import type { HistogramNote } from "./notes.ts";
import { detectReset } from "./reset.ts";
import { histogramOf } from "./testing/observations.ts";
import { histogramLabel } from "./text.ts";

const LAYOUT = { schema: 0, zeroThreshold: 0.001, customBounds: new Float64Array(0) };

function hinted(resetHint: ResetHint): NativeHistogram {
  return { ...histogramOf([1, 2, 3], LAYOUT), resetHint };
}

it("a sum is a gauge if one of both is, else as sure as the less sure one", () => {
  const hintOf = (a: ResetHint, b: ResetHint) => added(hinted(a), hinted(b))?.histogram.resetHint;
  expect(hintOf("gauge", "reset")).toBe("gauge");
  expect(hintOf("not-reset", "gauge")).toBe("gauge");
  expect(hintOf("unknown", "reset")).toBe("unknown");
  expect(hintOf("not-reset", "not-reset")).toBe("not-reset");
  expect(hintOf("reset", "not-reset")).toBe("unknown");
});

it("hints that contradict each other are told, of two and of many", () => {
  expect(added(hinted("reset"), hinted("not-reset"))?.hintsCollide).toBe(true);
  expect(subtracted(hinted("not-reset"), hinted("reset"))?.hintsCollide).toBe(true);
  expect(added(hinted("reset"), hinted("unknown"))?.hintsCollide).toBe(false);
  const notes: HistogramNote[] = [];
  const histograms = (["reset", "unknown", "not-reset"] as const).map(hinted);
  const window = { timesMs: [1, 2, 3], histograms, startMs: 0, endMs: 3 };
  histogramSumOverTime(window, (note) => notes.push(note));
  expect(notes).toEqual(["collision-in-aggregation"]);
});

it("what is below zero is a gauge", () => {
  expect(scaled(hinted("unknown"), -1).resetHint).toBe("gauge");
  expect(divided(hinted("unknown"), -2).resetHint).toBe("gauge");
  expect(scaled(hinted("reset"), 2).resetHint).toBe("reset");
  expect(subtracted(hinted("reset"), hinted("reset"))?.histogram.resetHint).toBe("gauge");
});

it("a hint decides whether there was a reset, counts where there is none", () => {
  const more = histogramOf([1, 2, 3, 4], LAYOUT);
  expect(detectReset({ ...more, resetHint: "reset" }, hinted("unknown"))).toBe(true);
  expect(detectReset({ ...hinted("not-reset") }, more)).toBe(false);
  expect(detectReset({ ...hinted("gauge") }, more)).toBe(true);
  const other = histogramOf([1, 2, 8, 9], LAYOUT);
  expect(detectReset({ ...other }, more)).toBe(true);
});

it("a zero bucket that grew into a populated bucket was reset", () => {
  const before = histogramOf([0, 1, 2], LAYOUT);
  const cut = histogramOf([0, 1, 2], { ...LAYOUT, zeroThreshold: 1.5 });
  const whole = histogramOf([0, 1, 2], { ...LAYOUT, zeroThreshold: 1 });
  expect(detectReset(cut, before)).toBe(true);
  expect(detectReset(whole, before)).toBe(false);
  expect(detectReset({ ...before }, whole)).toBe(true);
});

it("a histogram as a label names its buckets in order", () => {
  const histogram = histogramOf([-3, 0, 0, 1.5, 1_000_000], LAYOUT);
  expect(histogramLabel(histogram)).toBe(
    "{count:5, sum:999998.5, [-4,-2):1, [-0.001,0.001]:2, (1,2]:1, (524288,1.048576e+06]:1}",
  );
});
