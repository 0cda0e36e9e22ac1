import { expect, it } from "vitest";
import { labelsOf } from "../labels.ts";
import { type MetricStore, UNLIMITED_BUDGET } from "../metric-store.ts";
import { CUSTOM_BOUNDS_SCHEMA, type NativeHistogram, NO_BUCKETS } from "../native-histogram.ts";
import { ALL_TIME, ANY_SERIES, BatchWriter, type Row } from "./metric-store-contract-tools.ts";

const LATENCY = labelsOf({ __name__: "latency", job: "a" });

type HistogramRow = readonly [timeMs: number, histogram: NativeHistogram];
type MixedRow = Row | HistogramRow;

/** Whole counts in two spans, one of them below zero. */
function integerHistogram(count: number): NativeHistogram {
  return {
    isInteger: true,
    resetHint: "not-reset",
    schema: 3,
    zeroThreshold: 2.938735877055719e-39,
    zeroCount: 2,
    count: count + 6,
    sum: 18.4 + count,
    positive: {
      spans: [
        { offset: -2, length: 2 },
        { offset: 1_000_000, length: 1 },
      ],
      counts: new Float64Array([count, 0, 1]),
    },
    negative: { spans: [{ offset: 4, length: 1 }], counts: new Float64Array([3]) },
    customBounds: new Float64Array(0),
  };
}

function floatHistogram(): NativeHistogram {
  return {
    ...integerHistogram(0),
    isInteger: false,
    resetHint: "gauge",
    schema: -4,
    zeroCount: 0.25,
    count: 1e300,
    sum: Number.NaN,
    positive: { spans: [{ offset: 0, length: 2 }], counts: new Float64Array([0.1, 5e-324]) },
    negative: NO_BUCKETS,
  };
}

function customHistogram(): NativeHistogram {
  return {
    ...integerHistogram(0),
    resetHint: "unknown",
    schema: CUSTOM_BOUNDS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 7,
    sum: Number.POSITIVE_INFINITY,
    positive: { spans: [{ offset: 1, length: 2 }], counts: new Float64Array([3, 4]) },
    negative: NO_BUCKETS,
    customBounds: new Float64Array([-1.5, 0, 2.5]),
  };
}

export function histogramContract(open: () => Promise<MetricStore>, lacks?: string): void {
  const test = (title: string, run: (store: MetricStore) => Promise<void>) =>
    it.skipIf(lacks !== undefined)(lacks ? `${title} (cannot: ${lacks})` : title, async () => {
      const store = await open();
      try {
        await run(store);
      } finally {
        await store.close();
      }
    });

  test("gives integer, float and custom-bounds histograms back whole", async (store) => {
    const rows: MixedRow[] = [
      [1_000, integerHistogram(5)],
      [2_000, floatHistogram()],
      [3_000, customHistogram()],
      [4_000, { ...integerHistogram(0), positive: NO_BUCKETS, negative: NO_BUCKETS }],
    ];
    expect(await append(store, rows)).toEqual({ accepted: 4, rejections: [] });
    expect(await read(store)).toEqual(rows);
  });

  test("keeps floats, markers and histograms of one series in order of time", async (store) => {
    await append(store, [
      [5_000, integerHistogram(5)],
      [6_000, "stale"],
      [7_000, 7],
    ]);
    await append(store, [
      [1_000, Number.NaN],
      [2_000, integerHistogram(2)],
      [5_500, floatHistogram()],
    ]);
    expect(await read(store)).toEqual([
      [1_000, Number.NaN],
      [2_000, integerHistogram(2)],
      [5_000, integerHistogram(5)],
      [5_500, floatHistogram()],
      [6_000, "stale"],
      [7_000, 7],
    ]);
  });

  test("takes a repeat in silence and refuses another histogram or a float", async (store) => {
    await append(store, [
      [1_000, integerHistogram(1)],
      [2_000, floatHistogram()],
      [3_000, 3],
    ]);
    const repeat = await append(store, [
      [2_000, floatHistogram()],
      [1_000, integerHistogram(1)],
    ]);
    expect(repeat).toEqual({ accepted: 2, rejections: [] });
    const other = await append(store, [
      [1_000, 1],
      [2_000, { ...floatHistogram(), resetHint: "unknown" }],
      [3_000, integerHistogram(1)],
    ]);
    expect(other.accepted).toBe(0);
    expect(other.rejections).toMatchObject([{ reason: "duplicate", count: 3 }]);
    expect(await read(store)).toEqual([
      [1_000, integerHistogram(1)],
      [2_000, floatHistogram()],
      [3_000, 3],
    ]);
  });

  test("takes late ones into a long series, and reads any part of it", async (store) => {
    const all = Array.from(
      { length: 600 },
      (_, i): HistogramRow => [i * 15_000, integerHistogram(i)],
    );
    const isLate = (_: unknown, i: number) => i % 3 === 0;
    await append(
      store,
      all.filter((row, i) => !isLate(row, i)),
    );
    await append(store, all.filter(isLate).toReversed());
    expect(await read(store)).toEqual(all);
    const range = { fromMs: 100 * 15_000, toMs: 199 * 15_000 + 1 };
    expect(await read(store, range)).toEqual(all.slice(100, 200));
  });

  test("refuses an all-or-nothing batch whole for one histogram", async (store) => {
    await append(store, [[1_000, integerHistogram(1)]]);
    const batch = writerOf(store, [
      [2_000, 2],
      [3_000, integerHistogram(3)],
      [1_000, integerHistogram(2)],
    ]);
    const ack = await store.append(batch.builder.build({ allOrNothing: true }));
    expect(ack.accepted).toBe(0);
    expect(await read(store)).toEqual([[1_000, integerHistogram(1)]]);
  });
}

function writerOf(store: MetricStore, rows: readonly MixedRow[]): BatchWriter {
  const batch = new BatchWriter(store);
  const id = batch.series(LATENCY);
  for (const [timeMs, value] of rows) {
    if (typeof value === "object") batch.builder.addHistogram({ id, timeMs, histogram: value });
    else if (value === "stale") batch.builder.addStale(id, timeMs);
    else batch.builder.add(id, timeMs, value);
  }
  return batch;
}

function append(store: MetricStore, rows: readonly MixedRow[]) {
  return store.append(writerOf(store, rows).builder.build());
}

async function read(store: MetricStore, range = ALL_TIME): Promise<MixedRow[]> {
  const rows: MixedRow[] = [];
  const request = { matchers: ANY_SERIES, range, budget: UNLIMITED_BUDGET };
  const snapshot = await store.snapshot(request);
  for await (const { histograms, ...batch } of snapshot.read(range)) {
    for (let row = 0; row < (batch.offsets[batch.count] ?? 0); row++) {
      const timeMs = batch.timesMs[row] ?? 0;
      if (histograms?.isHistogram[row]) {
        expect([batch.values[row], batch.stale[row]]).toEqual([Number.NaN, 0]);
        rows.push([timeMs, histograms.at(row)]);
      } else rows.push([timeMs, batch.stale[row] ? "stale" : (batch.values[row] ?? 0)]);
    }
  }
  snapshot.close();
  return rows;
}
