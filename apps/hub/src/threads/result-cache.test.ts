import { FakeClock } from "@hms-ops/model/testing";
import { describe, expect, it } from "vitest";
import { RESULT_CACHE_BYTES_MAX, RESULT_CACHE_LIFE_MS } from "../limits.ts";
import { ResultCache } from "./result-cache.ts";
import { type CachedSteps, packSteps, unpackSteps } from "./result-cache-entry.ts";

const GRID = { startMs: 1_700_000_010_000, stepMs: 15_000, count: 4 };

function question(expr: string, more: Readonly<Record<string, unknown>> = {}) {
  const plain = { instant: false, lookbackMs: 300_000, shortForms: false, withStats: false };
  return { expr, grid: GRID, ...plain, ...more };
}

function steps(valueBytes = 8): CachedSteps {
  const [labels, places, values] = [2, 8, valueBytes].map((size) => new SharedArrayBuffer(size));
  const generation = { last: 0, everything: 0 };
  return { text: "x", grid: GRID, generation, labels: labels!, places: places!, values: values! };
}

function cache() {
  const clock = new FakeClock();
  const counts = new Map<string, number>();
  const results = new ResultCache(clock, {
    add: (name, by = 1, labels = {}) => {
      const key = [name, ...Object.values(labels)].join(" ");
      counts.set(key, (counts.get(key) ?? 0) + by);
    },
    set: (name, value) => void counts.set(name, value),
    observe: () => {},
  });
  const ask = (expr: string, more?: Readonly<Record<string, unknown>>) =>
    results.open(question(expr, more));
  const keep = (expr: string, kept = steps()) => {
    ask(expr);
    ask(expr)?.done({ outcome: "miss", kept });
    return kept;
  };
  return { clock, counts, results, ask, keep };
}

describe("the result cache", () => {
  it("keeps a query from the second time on", () => {
    const { ask, counts } = cache();
    expect(ask("up")).toBeUndefined();
    const second = ask("up");
    expect(second?.call.known).toBeUndefined();
    const kept = steps();
    second?.done({ outcome: "miss", kept });
    expect(ask("up")?.call.known).toBe(kept);
    expect(counts.get("hms_ops_result_cache_total miss")).toBe(2);
    expect(counts.get("hms_ops_result_cache_bytes")).toBe(18);
  });

  it("tells queries apart by text, step, phase, look-back and flags, not by white space", () => {
    const { ask, keep } = cache();
    const kept = keep('sum(up{a="x  y"})');
    expect(ask(' sum(up{a="x  y"})  # a comment')?.call.known).toBe(kept);
    const others = [
      { expr: 'sum(up{a="x y"})' },
      { grid: { ...GRID, stepMs: 30_000 } },
      { grid: { ...GRID, startMs: GRID.startMs + 1 } },
      { lookbackMs: 1 },
      { shortForms: true },
      { subqueryStepMs: 1 },
    ];
    for (const more of others) expect(ask('sum(up{a="x  y"})', more)).toBeUndefined();
  });

  it("leaves instant queries, auditors and those who ask for stats alone", () => {
    const { ask } = cache();
    for (const more of [{ instant: true }, { companions: "off" }, { withStats: true }]) {
      ask("up", more);
      expect(ask("up", more)).toBeUndefined();
    }
  });

  it("drops what was asked longest ago beyond its bytes", () => {
    const { ask, keep, counts } = cache();
    keep("a", steps(RESULT_CACHE_BYTES_MAX / 2));
    keep("b", steps(8));
    ask("a");
    keep("c", steps(RESULT_CACHE_BYTES_MAX / 2 - 30));
    expect(ask("b")).toBeUndefined();
    expect(ask("a")?.call.known).toBeDefined();
    expect(counts.get("hms_ops_result_cache_evicted_total")).toBe(1);
    expect(counts.get("hms_ops_result_cache_bytes")).toBeLessThanOrEqual(RESULT_CACHE_BYTES_MAX);
  });

  it("forgets what is too old to be told by its generation", async () => {
    const { clock, ask, keep, counts } = cache();
    keep("up");
    await clock.advance(RESULT_CACHE_LIFE_MS + 1);
    expect(ask("up")?.call.known).toBeUndefined();
    expect(counts.get("hms_ops_result_cache_bytes")).toBe(0);
  });

  it("forgets all when the store is another", () => {
    const { results, ask, keep } = cache();
    keep("up");
    results.clear();
    expect(ask("up")).toBeUndefined();
  });
});

it("packs steps and gives back any stretch of them, bit for bit", () => {
  const timesMs = Float64Array.of(GRID.startMs, GRID.startMs + 30_000, GRID.startMs + 45_000);
  const values = Float64Array.of(-0, Number.NaN, 1e308);
  const series = [
    { labels: ["a", "1"], timesMs, values },
    { labels: ["a", "2"], timesMs: timesMs.slice(2), values: Float64Array.of(7) },
  ];
  const parts = { text: "x", grid: GRID, generation: { last: 0, everything: 0 }, series };
  const packed = packSteps(parts, 1_000)!;
  expect(unpackSteps(packed, 0, 4)).toEqual(series);
  const [first] = unpackSteps(packed, 1, 3);
  expect(unpackSteps(packed, 1, 3)).toHaveLength(1);
  expect([...first!.timesMs]).toEqual([GRID.startMs + 30_000]);
  expect(packSteps(parts, 50)).toBeUndefined();
});
