import type { NativeHistogram, QueryBudget, Snapshot } from "@hms-ops/model";
import { expect, it } from "vitest";
import { prepareQuery, runQuery } from "../../index.ts";

const SAMPLES = 5_000;
const STEP_MS = 1_000;

const BUCKETS = { spans: [{ offset: 0, length: 20 }], counts: new Float64Array(20).fill(1) };
const HISTOGRAM: NativeHistogram = {
  isInteger: false,
  resetHint: "unknown",
  schema: 3,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 20,
  sum: 20,
  positive: BUCKETS,
  negative: { spans: [], counts: new Float64Array(0) },
  customBounds: new Float64Array(0),
};

/** One series with a histogram every second. */
function store() {
  const timesMs = Float64Array.from({ length: SAMPLES }, (_, i) => i * STEP_MS);
  const snapshot: Snapshot = {
    series: [["__name__", "x"]],
    async *read() {
      yield {
        first: 0,
        count: 1,
        offsets: Uint32Array.of(0, SAMPLES),
        timesMs,
        values: new Float64Array(SAMPLES).fill(Number.NaN),
        stale: new Uint8Array(SAMPLES),
        histograms: { isHistogram: new Uint8Array(SAMPLES).fill(1), at: () => HISTOGRAM },
      };
    },
    close: () => {},
  };
  return { snapshot: async () => snapshot };
}

async function spentBytes(text: string): Promise<number> {
  let spent = 0;
  const budget: QueryBudget = {
    spend: (_, bytes) => {
      spent += bytes;
    },
  };
  await runQuery(prepareQuery(text).query!, store(), {
    grid: { startMs: 0, stepMs: STEP_MS, count: SAMPLES },
    instant: false,
    lookbackMs: 300_000,
    defaultStepMs: 15_000,
    budget,
  });
  return spent;
}

it("a query pays for the histograms that it reads, and for those that each step makes", async () => {
  const oneEach = SAMPLES * 1_000;
  const read = await spentBytes("x");
  expect(read).toBeGreaterThan(oneEach);
  const making = ["-x", "x * 2", "x + x", "sum(x)", "rate(x[5s])", "rate(x[5s] anchored)"];
  for (const text of making) {
    expect(await spentBytes(text), text).toBeGreaterThan(read + oneEach * 0.5);
  }
  for (const text of ["x and x", "count(x)", "last_over_time(x[5s])"]) {
    expect(await spentBytes(text), text).toBeLessThan(read + oneEach * 0.5);
  }
});
