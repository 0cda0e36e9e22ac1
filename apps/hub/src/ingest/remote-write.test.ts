import {
  formatLabels,
  labelsOf,
  type NativeHistogram,
  NO_BUCKETS,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { openMemoryStore } from "@hms-ops/stores/memory";
import {
  type RemoteWriteSeries,
  writeRemoteWrite,
  writeRemoteWriteV2,
} from "@hms-ops/wire/remote-write";
import { compressSnappy } from "@hms-ops/wire/snappy";
import { expect, test } from "vitest";
import { MetadataTable, RemoteWriteIngest } from "./index.ts";

const T0 = 1_700_000_000_000;
const RANGE = { fromMs: 0, toMs: T0 * 2 };

function histogram(count: number): NativeHistogram {
  return {
    isInteger: true,
    resetHint: "unknown",
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum: count,
    positive: { spans: [{ offset: 0, length: 1 }], counts: Float64Array.of(count) },
    negative: NO_BUCKETS,
    customBounds: new Float64Array(0),
  };
}

function setUp() {
  const store = openMemoryStore();
  const metadata = new MetadataTable();
  const ingest = new RemoteWriteIngest(store, metadata);
  const v1 = (...series: RemoteWriteSeries[]) =>
    ingest.accept(compressSnappy(writeRemoteWrite(series)));
  const v2 = (...series: RemoteWriteSeries[]) =>
    ingest.accept(compressSnappy(writeRemoteWriteV2(series)), "2.0");
  const contents = async () => {
    const snapshot = await store.snapshot({ matchers: [], range: RANGE, budget: UNLIMITED_BUDGET });
    const lines: string[] = [];
    for await (const batch of snapshot.read(RANGE)) {
      for (let k = 0; k < batch.count; k++) {
        const rows: string[] = [];
        for (let row = batch.offsets[k] ?? 0; row < (batch.offsets[k + 1] ?? 0); row++) {
          const isHistogram = batch.histograms?.isHistogram[row] === 1;
          const shown = isHistogram ? `h${batch.histograms?.at(row).count}` : batch.values[row];
          const value = batch.stale[row] === 1 ? "stale" : shown;
          rows.push(`${((batch.timesMs[row] ?? 0) - T0) / 1_000}=${value}`);
        }
        lines.push(`${formatLabels(snapshot.series[batch.first + k] ?? [])}: ${rows.join(" ")}`);
      }
    }
    snapshot.close();
    return lines.sort();
  };
  return { store, metadata, v1, v2, contents };
}

function floats(name: string, ...values: readonly number[]): RemoteWriteSeries {
  const timesMs = values.map((_, i) => T0 + i * 15_000);
  return { labels: labelsOf({ __name__: name }), timesMs, values };
}

test("what is good of a request is stored; what is not is told with its number", async () => {
  const { v1, contents } = setUp();
  const nameless = { labels: labelsOf({ job: "x" }), timesMs: [T0, T0 + 1], values: [1, 2] };
  const outcome = await v1(floats("a", 1), nameless);
  expect(outcome).toMatchObject({ ack: { accepted: 1, rejections: [] }, skippedSeries: 1 });
  expect(outcome.problems).toMatchObject([{ reason: "invalid-labels", count: 2 }]);
  const next = { ...floats("a", 7, Number.NaN), stale: [0, 1] };
  const second = await v1(floats("b", 1), next);
  expect(second.ack).toMatchObject({
    accepted: 2,
    rejections: [{ reason: "duplicate", count: 1 }],
  });
  expect(await contents()).toEqual(["a: 0=1 15=stale", "b: 0=1"]);
});

test("a request that comes again is accepted and changes nothing", async () => {
  const { v2, contents } = setUp();
  const exemplars = [{ labels: labelsOf({ trace_id: "t" }), timeMs: T0, value: 1 }];
  const rows = [{ timeMs: T0 + 60_000, histogram: histogram(3) }];
  const request = [
    { ...floats("a", 1, 2), exemplars },
    { ...floats("h"), histograms: rows },
  ];
  const first = await v2(...request);
  const stored = await contents();
  const again = await v2(...request);
  expect(again).toEqual(first);
  expect(first.written).toEqual({ samples: 2, histograms: 1, exemplars: 1 });
  expect(await contents()).toEqual(stored);
  expect(stored).toEqual(["a: 0=1 15=2", "h: 60=h3"]);
});

test("samples and histograms that were stored are counted apart, also when some are refused", async () => {
  const { v2, contents } = setUp();
  const at = (timeMs: number, count: number) => ({ timeMs, histogram: histogram(count) });
  await v2(floats("a", 1), { ...floats("h"), histograms: [at(T0, 3)] });
  const ended = { timeMs: T0 + 30_000, histogram: "stale" } as const;
  const { written, ack } = await v2(floats("a", 9, 2), {
    ...floats("h"),
    histograms: [at(T0, 4), at(T0 + 15_000, 5), ended],
  });
  expect(written).toEqual({ samples: 1, histograms: 2, exemplars: 0 });
  expect(ack.rejections).toMatchObject([{ reason: "duplicate", count: 2 }]);
  expect(await contents()).toEqual(["a: 0=1 15=2", "h: 0=h3 15=h5 30=stale"]);
});

test("a sender that changes from 1.0 to 2.0 goes on with the same series", async () => {
  const { store, v1, v2, contents } = setUp();
  await v1(floats("a", 1));
  const before = (await store.stats()).seriesCount;
  await v2({ ...floats("a", 2), timesMs: [T0 + 15_000] });
  expect((await store.stats()).seriesCount).toBe(before);
  expect(await contents()).toEqual(["a: 0=1 15=2"]);
});

test("metadata of both versions is kept by family", async () => {
  const { metadata } = setUp();
  const ingest = new RemoteWriteIngest(openMemoryStore(), metadata);
  const said = new Map([["a", { type: "counter", help: "Counts.", unit: "" } as const]]);
  await ingest.accept(compressSnappy(writeRemoteWrite([], said)));
  expect(metadata.all()).toEqual(said);
  const changed = new Map([["a", { type: "counter", help: "Counts calls.", unit: "" } as const]]);
  await ingest.accept(compressSnappy(writeRemoteWriteV2([floats("a", 1)], changed)), "2.0");
  expect(metadata.all()).toEqual(changed);
});
