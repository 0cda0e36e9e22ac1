import { describe, expect, it } from "vitest";
import { formatMoment } from "./clock-text.ts";
import { resolveTime, type TimeEdge } from "./grammar.ts";
import { readTimeInput } from "./input.ts";
import { readPageTime, writePageTime } from "./page-time.ts";
import { describeRange, describeTime, resolveTimeRange, shiftTime, zoomOutTime } from "./range.ts";
import { chooseStepMs, expandMacros, stepGrid } from "./step.ts";
import { timeTicks } from "./ticks.ts";

const NOW = Date.UTC(2026, 10, 17, 14, 32, 7);
const HOUR = 3_600_000;

function iso(text: string, edge: TimeEdge = "from", zone = "UTC"): string | undefined {
  const timeMs = resolveTime(text, edge, { nowMs: NOW, zone });
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString();
}

describe("the time grammar", () => {
  function means(text: string, edge: TimeEdge, expected: string, zone = "UTC") {
    it(`reads ${text} as ${edge} in ${zone}`, () => {
      expect(iso(text, edge, zone)).toBe(expected);
    });
  }
  means("now", "to", "2026-11-17T14:32:07.000Z");
  means("now-6h", "from", "2026-11-17T08:32:07.000Z");
  means("now-1h30m", "from", "2026-11-17T13:02:07.000Z");
  means("now/d", "from", "2026-11-17T00:00:00.000Z");
  means("now/d", "to", "2026-11-17T23:59:59.999Z");
  means("now-1d/d", "from", "2026-11-16T00:00:00.000Z");
  means("now/w", "from", "2026-11-16T00:00:00.000Z");
  means("now-1M/M", "from", "2026-10-01T00:00:00.000Z");
  means("now/Q", "from", "2026-10-01T00:00:00.000Z");
  means("now/y", "from", "2026-01-01T00:00:00.000Z");
  means("now/d", "from", "2026-11-17T05:00:00.000Z", "America/New_York");
  means("2026-04-14 08:00", "from", "2026-04-14T12:00:00.000Z", "America/New_York");
  means("2026-04-14T08:00:00+02:00", "from", "2026-04-14T06:00:00.000Z");
  means("2026-04-14", "to", "2026-04-15T00:00:00.000Z");
  means("1794925927000", "from", "2026-11-17T14:32:07.000Z");
  means("1794925927", "from", "2026-11-17T14:32:07.000Z");

  it("keeps the last day of a month that is too short", () => {
    const setting = { nowMs: Date.UTC(2026, 2, 31, 12), zone: "UTC" };
    const timeMs = resolveTime("now-1M", "from", setting) ?? 0;
    expect(new Date(timeMs).toISOString()).toBe("2026-02-28T12:00:00.000Z");
  });

  it("understands nothing else", () => {
    for (const text of ["", "soon", "now-", "now-6x", "2026-13-01", "2026-02-30"]) {
      expect(iso(text)).toBeUndefined();
    }
  });
});

describe("what a person types", () => {
  function range(text: string): string {
    const { time, problem } = readTimeInput(text, NOW, "UTC");
    if (!time) return problem;
    const { fromMs, toMs } = resolveTimeRange(time, NOW, "UTC") ?? { fromMs: 0, toMs: 0 };
    return `${new Date(fromMs).toISOString()} ${new Date(toMs).toISOString()}`;
  }
  it("takes spans, words, pairs, days and log lines", () => {
    expect(readTimeInput("3h", NOW, "UTC").time).toEqual({ from: "now-3h", to: "now" });
    expect(readTimeInput("yesterday", NOW, "UTC").time?.from).toBe("now-1d/d");
    expect(range("2026-04-14 08:00 to 09:00")).toBe(
      "2026-04-14T08:00:00.000Z 2026-04-14T09:00:00.000Z",
    );
    expect(range("2026-04-14")).toBe("2026-04-14T00:00:00.000Z 2026-04-15T00:00:00.000Z");
    expect(range("2026-11-17T14:03:10Z ERROR FedACH answered 503")).toBe(
      "2026-11-17T13:33:10.000Z 2026-11-17T14:33:10.000Z",
    );
    expect(range("1794925927")).toBe("2026-11-17T14:02:07.000Z 2026-11-17T15:02:07.000Z");
  });

  it("answers what it can't read with an example", () => {
    expect(range("teatime")).toContain("Examples: 3h");
  });
});

describe("the page's address", () => {
  it("keeps keys that it does not know", () => {
    const search = writePageTime("?var-job=a&var-job=b&from=now-1h&to=now", {
      time: { from: "now-6h", to: "now" },
      refreshMs: 5_000,
    });
    expect(search).toBe("?var-job=a&var-job=b&from=now-6h&to=now&refresh=5s");
    expect(readPageTime(search)).toEqual({
      time: { from: "now-6h", to: "now" },
      refreshMs: 5_000,
      zone: "UTC",
    });
  });

  it("falls back where the address is no time", () => {
    const { time, zone } = readPageTime("?from=now&to=now-1h&timezone=Mars/Olympus");
    expect(time).toEqual({ from: "now-1h", to: "now" });
    expect(zone).toBe("UTC");
  });

  it("can switch the refresh off", () => {
    expect(readPageTime(writePageTime("", { refreshMs: undefined })).refreshMs).toBeUndefined();
  });
});

describe("steps", () => {
  const range = { fromMs: NOW - HOUR, toMs: NOW };
  it("are round and fit the width", () => {
    expect(chooseStepMs(range, 600)).toBe(30_000);
    expect(chooseStepMs(range, 1_200)).toBe(10_000);
    expect(chooseStepMs({ fromMs: NOW - 30 * 24 * HOUR, toMs: NOW }, 600)).toBe(6 * HOUR);
  });

  it("lie on multiples of the step, so that a sliding range asks for the same moments", () => {
    const { startMs, count } = stepGrid(range, 30_000);
    expect(startMs % 30_000).toBe(0);
    expect(startMs).toBeGreaterThanOrEqual(range.fromMs);
    expect(startMs + (count - 1) * 30_000).toBeLessThanOrEqual(range.toMs);
  });

  it("fill the macros; a rate window holds four scrapes", () => {
    const expr = "rate(x[$__rate_interval]) + y[${__interval}] + $__range_s + $other";
    const values = { range, stepMs: 30_000 };
    expect(expandMacros(expr, values)).toBe("rate(x[1m]) + y[30s] + 3600 + $other");
    expect(expandMacros("[$__rate_interval]", { ...values, scrapeIntervalMs: 60_000 })).toBe(
      "[4m]",
    );
  });
});

describe("time ticks", () => {
  function texts(fromMs: number, toMs: number, width: number, zone = "UTC"): readonly string[] {
    return timeTicks({ fromMs, toMs }, width, zone).map(({ text }) => text);
  }
  it("are round moments", () => {
    const to = Date.UTC(2026, 10, 17, 14, 32);
    expect(texts(to - HOUR, to, 460)).toEqual([
      "13:40",
      "13:50",
      "14:00",
      "14:10",
      "14:20",
      "14:30",
    ]);
  });

  it("say the day at midnight of the zone", () => {
    const from = Date.UTC(2026, 10, 17, 0);
    expect(texts(from, from + 12 * HOUR, 300, "America/New_York")).toEqual([
      "21:00",
      "17 Nov",
      "03:00",
      "06:00",
    ]);
  });

  it("stay on the clock where it is put back", () => {
    const from = Date.UTC(2026, 10, 1, 0);
    const ticks = timeTicks({ fromMs: from, toMs: from + 24 * HOUR }, 500, "America/New_York");
    expect(ticks.map(({ text }) => text)).toEqual([
      "20:00",
      "1 Nov",
      "04:00",
      "08:00",
      "12:00",
      "16:00",
    ]);
  });

  it("count months over years", () => {
    const from = Date.UTC(2025, 0, 1);
    expect(texts(from, from + 540 * 24 * HOUR, 500)).toEqual([
      "Jan 2025",
      "Apr 2025",
      "Jul 2025",
      "Oct 2025",
      "Jan 2026",
      "Apr 2026",
    ]);
  });
});

it("words for ranges", () => {
  expect(describeTime({ from: "now-1h", to: "now" }, "UTC")).toBe("Last 1 h");
  expect(describeTime({ from: "now-1d/d", to: "now-1d/d" }, "UTC")).toBe("Yesterday");
  const fixed = { from: String(NOW - HOUR), to: String(NOW) };
  expect(describeTime(fixed, "UTC")).toBe("17 Nov 13:32 to 14:32");
  expect(describeRange({ fromMs: NOW - HOUR, toMs: NOW }, "UTC")).toBe("13:32–14:32");
  expect(formatMoment(NOW, "UTC")).toBe("Tue 17 Nov 14:32:07 UTC");
  expect(formatMoment(NOW, "America/New_York")).toBe("Tue 17 Nov 09:32:07 New York");
});

it("zooms out to twice the length and shifts by half of it", () => {
  expect(zoomOutTime({ fromMs: 2_000, toMs: 4_000 })).toEqual({ from: "1000", to: "5000" });
  expect(shiftTime({ fromMs: 2_000, toMs: 4_000 }, -1)).toEqual({ from: "1000", to: "3000" });
});
