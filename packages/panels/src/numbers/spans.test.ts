import { expect, it } from "vitest";
import { formatAgo, formatMissionClock, formatSpan } from "./spans.ts";

const MINUTE = 60_000;

it("writes spans in the two greatest units", () => {
  expect(formatSpan(8_000)).toBe("8 s");
  expect(formatSpan(26 * MINUTE)).toBe("26 min");
  expect(formatSpan(124 * MINUTE)).toBe("2 h 4 min");
  expect(formatSpan((6 * 24 + 4) * 60 * MINUTE)).toBe("6 d 4 h");
});

it("writes the mission clock as T+ shows it", () => {
  expect(formatMissionClock(26 * MINUTE + 7_000)).toBe("26:07");
  expect(formatMissionClock(86 * MINUTE + 7_000)).toBe("1:26:07");
});

it("says how long ago up to an hour, then when", () => {
  const now = Date.UTC(2026, 10, 17, 14, 32, 7);
  expect(formatAgo(now - 3_000, now, "UTC")).toBe("3 s ago");
  expect(formatAgo(now - 18 * MINUTE, now, "UTC")).toBe("18 min ago");
  expect(formatAgo(now - 118 * MINUTE, now, "UTC")).toBe("12:34");
  expect(formatAgo(now - 30 * 60 * MINUTE, now, "UTC")).toBe("16 Nov 08:32");
});
