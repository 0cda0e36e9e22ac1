import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDurationMs, parseDurationMs, parseTimestampMs } from "./index.ts";

describe("durations", () => {
  const reads = (text: string, ms: number | undefined) => expect(parseDurationMs(text)).toBe(ms);

  it("are integers with units, largest first, each once", () => {
    reads("15s", 15_000);
    reads("1h30m", 5_400_000);
    reads("500ms", 500);
    reads("1y2w3d", 31_536_000_000 + 2 * 604_800_000 + 3 * 86_400_000);
    reads("5m10ms", 300_010);
    reads("0", 0);
  });

  it("are refused in every other shape", () => {
    for (const text of ["", "5", "1.5h", "30m1h", "1h1h", "1ns", "-5m", " 5m"]) {
      reads(text, undefined);
    }
  });

  it("survive being written and read again", () => {
    fc.assert(
      fc.property(fc.nat(), (ms) => parseDurationMs(formatDurationMs(ms)) === ms),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe("times", () => {
  const reads = (text: string, ms: number | undefined) => expect(parseTimestampMs(text)).toBe(ms);

  it("are decimal seconds, rounded to milliseconds", () => {
    reads("1700000000", 1_700_000_000_000);
    reads("1700000000.1236", 1_700_000_000_124);
    reads("-1.5", -1500);
    reads("1.0005", 1000);
    reads("-0.0015", -2);
    reads("1e3", 1_000_000);
  });

  it("are RFC 3339, cut to milliseconds", () => {
    reads("2023-11-14T22:13:20Z", 1_700_000_000_000);
    reads("2023-11-14T22:13:20.123456789Z", 1_700_000_000_123);
    reads("2023-11-14T22:13:20.1234567890123Z", 1_700_000_000_123);
    reads("2023-11-14T22:13:20,5Z", 1_700_000_000_500);
    reads("2024-02-29T00:00:00Z", 1_709_164_800_000);
    reads("2023-11-14T23:13:20+01:00", 1_700_000_000_000);
  });

  it("are cut where numbers stop being whole", () => {
    reads("9223372036854775.807", Number.MAX_SAFE_INTEGER);
    reads("-9223372036854775.808", Number.MIN_SAFE_INTEGER);
    reads("1e15", Number.MAX_SAFE_INTEGER);
  });

  it("know the two texts that mean all of time", () => {
    reads("-292273086-05-16T16:47:06Z", Number.MIN_SAFE_INTEGER);
    reads("292277025-08-18T07:12:54.999999999Z", Number.MAX_SAFE_INTEGER);
  });

  it("are refused in every other shape", () => {
    for (const text of ["", "now", "2023-11-14", "1e999", "1e16", "NaN", "2023-11-14T22:13:20"]) {
      reads(text, undefined);
    }
    for (const text of [
      "2023-11-14t22:13:20z",
      "2023-11-14T24:00:00Z",
      "2023-11-14T22:13:60Z",
      "2023-02-29T00:00:00Z",
      "2024-02-30T00:00:00Z",
      "2023-13-01T00:00:00Z",
    ]) {
      reads(text, undefined);
    }
  });
});
