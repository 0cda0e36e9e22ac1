import {
  type MetricStore,
  type NativeHistogram,
  type QueryBudget,
  type Snapshot,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { languageFeatures, prepareQuery, runQuery } from "../../index.ts";

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
function histograms() {
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

const SERIES = 20_000;

/** As many series with a value each, alike but for a label. */
function wide() {
  const snapshot: Snapshot = {
    series: Array.from({ length: SERIES }, (_, i) => ["__name__", "wide", "id", `u${i}`]),
    async *read(_, order = new Uint32Array(SERIES).map((_series, i) => i)) {
      const count = order.length;
      yield {
        first: 0,
        count,
        offsets: Uint32Array.from({ length: count + 1 }, (_series, i) => i),
        timesMs: new Float64Array(count),
        values: Float64Array.from(order),
        stale: new Uint8Array(count),
      };
    },
    close: () => {},
  };
  return { snapshot: async () => snapshot };
}

async function evaluate(
  text: string,
  store: Pick<MetricStore, "snapshot">,
  budget: QueryBudget,
  steps: number,
  passingBudget = budget,
): Promise<void> {
  const { query, diagnostics } = prepareQuery(text, languageFeatures(["all"]));
  expect(query, JSON.stringify(diagnostics)).toBeDefined();
  await runQuery(query!, store, {
    grid: { startMs: 0, stepMs: STEP_MS, count: steps },
    instant: steps === 1,
    lookbackMs: 300_000,
    defaultStepMs: 15_000,
    budget,
    passingBudget,
  });
}

it("samples that a scan looks at count apart from those that a query keeps", async () => {
  const { snapshot } = wide();
  const counting: Pick<MetricStore, "snapshot"> = {
    snapshot: async ({ budget }) => {
      budget.spend(SERIES, SERIES * 17);
      return await snapshot();
    },
  };
  const few: QueryBudget = {
    spend: (samples) => {
      if (samples > 100) throw new Error("too many");
    },
  };
  for (const text of ["sum(wide)", "wide", "max_over_time(wide[5m])"]) {
    await evaluate(text, counting, few, 1, UNLIMITED_BUDGET);
    await expect(evaluate(text, counting, few, 1), text).rejects.toThrow("too many");
  }
  const kept = evaluate("wide[5m]", counting, few, 1, UNLIMITED_BUDGET);
  await expect(kept).rejects.toThrow("too many");
});

it("one table is refused where the budget of the hub would refuse it", async () => {
  const steps = 3_000;
  await expect(evaluate("wide", wide(), UNLIMITED_BUDGET, steps)).rejects.toMatchObject({
    code: "OPS-1203",
    message:
      "the expression needs 60000000 values at once, and a query may hold 59652323, which take 512 MiB",
  });
});

/** What a query tells its budget. */
async function spentBytes(text: string, store: ReturnType<typeof wide>, steps: number) {
  let spent = 0;
  const budget: QueryBudget = {
    spend: (_, bytes) => {
      spent += bytes;
    },
  };
  await evaluate(text, store, budget, steps);
  return spent;
}

it("a query pays for the histograms that it reads, and for those that each step makes", async () => {
  const oneEach = SAMPLES * 1_000;
  const read = await spentBytes("x", histograms(), SAMPLES);
  expect(read).toBeGreaterThan(oneEach);
  const making = ["-x", "x * 2", "x + x", "sum(x)", "rate(x[5s])", "rate(x[5s] anchored)"];
  for (const text of making) {
    expect(await spentBytes(text, histograms(), SAMPLES), text).toBeGreaterThan(
      read + oneEach * 0.5,
    );
  }
  for (const text of ["x and x", "count(x)", "last_over_time(x[5s])"]) {
    expect(await spentBytes(text, histograms(), SAMPLES), text).toBeLessThan(read + oneEach * 0.5);
  }
});

describe("of many series", () => {
  const paysMore = async (text: string, bytesASeries: number) => {
    const read = await spentBytes("count(wide)", wide(), 1);
    const spent = await spentBytes(text, wide(), 1);
    expect(spent, text).toBeGreaterThan(read + SERIES * bytesASeries);
  };

  it("a query pays for label sets and texts that functions make", async () => {
    await paysMore('count(label_replace(wide, "copy", "$1", "id", "(.*)"))', 150);
    await paysMore('count(label_join(wide, "both", "-", "id", "id"))', 150);
    await paysMore("count(-wide)", 100);
    await paysMore("count(abs(wide))", 100);
    await paysMore('count(count_values("value", wide))', 200);
    await paysMore('count(info(wide, {__name__="wide"}))', 100);
  });

  it("a query pays for what tells groups and partners apart", async () => {
    await paysMore("count(sum without (x) (-wide))", 200);
    await paysMore("count(sum by (id) (wide))", 100);
    await paysMore("count(wide + on (id) wide)", 250);
    await paysMore("count(wide * on (id) group_left () wide)", 250);
    await paysMore("count(wide and on (id) wide)", 150);
    await paysMore("count(wide or wide)", 150);
  });

  it("a query pays for its answer and the order of it", async () => {
    await paysMore("wide", 150);
    await paysMore('sort_by_label(wide, "id")', 150);
  });

  it("what a query has to say of each series has an end", async () => {
    const { query } = prepareQuery(
      'histogram_quantile(0.9, label_replace(wide, "le", "$1", "id", "(.*)"))',
    );
    const { warnings } = await runQuery(query!, wide(), {
      grid: { startMs: 0, stepMs: STEP_MS, count: 1 },
      instant: true,
      lookbackMs: 300_000,
      defaultStepMs: 15_000,
      budget: { spend: () => {} },
    });
    expect(warnings[0]).toContain('malformed value of "u0"');
    expect(warnings).toHaveLength(10_000);
  });

  it("what makes nothing anew still asks whether it may go on", async () => {
    const asks = async (text: string) => {
      let asked = 0;
      await evaluate(text, wide(), { spend: () => asked++ }, 1);
      return asked;
    };
    const least = await asks("count(wide)");
    for (const text of ["wide unless on () wide", "sort_by_label(wide)", "limit_ratio(0, wide)"]) {
      expect(await asks(text), text).toBeGreaterThanOrEqual(least + SERIES / 1_000);
    }
  });

  it("a join that cannot be is refused before anything is made of it", async () => {
    let spent = 0;
    const budget: QueryBudget = {
      spend: (_, bytes) => {
        spent += bytes;
      },
    };
    const alike = "count(wide * on () group_left () wide)";
    await expect(evaluate(alike, wide(), budget, 1)).rejects.toMatchObject({
      code: "OPS-1205",
      message: expect.stringContaining("many-to-many matching not allowed"),
    });
    expect(spent).toBeLessThan((await spentBytes("count(wide + on (id) wide)", wide(), 1)) * 0.75);
  });

  it("a label value that a function makes has an end", async () => {
    const eightfold = (times: number) =>
      `${"label_replace(".repeat(times)}wide${', "id", "$1$1$1$1$1$1$1$1", "id", "(.*)")'.repeat(times)}`;
    const free: QueryBudget = { spend: () => {} };
    await expect(evaluate(eightfold(14), wide(), free, 1)).rejects.toMatchObject({
      code: "OPS-1206",
    });
    const sources = ', "id"'.repeat(15_000);
    const joined = `label_join(wide, "id", "-"${sources})`;
    await expect(evaluate(joined, wide(), free, 1)).rejects.toMatchObject({ code: "OPS-1206" });
    const references = "$1".repeat(45_000);
    const replaced = `label_replace(wide, "id", "${references}", "id", "(.*)")`;
    await expect(evaluate(replaced, wide(), free, 1)).rejects.toMatchObject({ code: "OPS-1206" });
  });
});
