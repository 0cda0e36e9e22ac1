import {
  labelsOf,
  type MetricMetadata,
  NEW_SERIES_BASE,
  OpsError,
  SampleBatchBuilder,
  type SeriesResolver,
  seededRandom,
  UNKNOWN_SERIES,
} from "@hms-ops/model";
import { expect, test } from "vitest";
import { readRemoteWrite, writeRemoteWrite } from "./index.ts";
import { field, hexOf, text } from "./testing/bytes.ts";

const KNOWS_NOTHING: SeriesResolver = { find: () => UNKNOWN_SERIES };

function read(bytes: Uint8Array, resolver: SeriesResolver = KNOWS_NOTHING) {
  const builder = new SampleBatchBuilder("remote-write");
  const metadata = new Map<string, MetricMetadata>();
  const onMetadata = (family: string, entry: MetricMetadata) => metadata.set(family, entry);
  const report = readRemoteWrite(bytes, { builder, resolver, onMetadata });
  return { report, batch: builder.build(), metadata };
}

/** With a length of two bytes. */
function longField(number: number, content: readonly number[]): number[] {
  return [(number << 3) | 2, (content.length & 0x7f) | 0x80, content.length >> 7, ...content];
}

function label(name: string, value: string): number[] {
  return field(1, [...field(1, text(name)), ...field(2, text(value))]);
}

const UP = labelsOf({ __name__: "up", job: "ach", zone: "é" });

test("the bytes on the wire stay as they are", async () => {
  const metadata = new Map([["up", { type: "gauge", help: "Is it up", unit: "" } as const]]);
  const bytes = writeRemoteWrite(
    [
      { labels: UP, timesMs: [1_700_000_000_123, -1], values: [1.5, 0] },
      { labels: labelsOf({ __name__: "gone" }), timesMs: [5], values: [0], stale: [1] },
    ],
    metadata,
  );
  await expect(hexOf(bytes)).toMatchFileSnapshot("testdata/write-request.golden");
});

test("what is encoded is decoded: times before 1970, stale markers, other NaNs, metadata", () => {
  const metadata = new Map([["up", { type: "gauge", help: "Is it up", unit: "s" } as const]]);
  const times = [1_700_000_000_123, -1, -1_700_000_000_123, 0];
  const values = [1.5, Number.NaN, Number.NEGATIVE_INFINITY, 0];
  const bytes = writeRemoteWrite(
    [
      { labels: UP, timesMs: times, values },
      { labels: labelsOf({ __name__: "gone" }), timesMs: [5], values: [0], stale: [1] },
    ],
    metadata,
  );
  const { report, batch, metadata: seen } = read(bytes);
  expect(report).toMatchObject({ series: 2, samples: 5, skippedSeries: 0, problems: [] });
  expect([...batch.timesMs]).toEqual([...times, 5]);
  expect([...batch.values].slice(0, 4)).toEqual(values);
  expect([...batch.stale]).toEqual([0, 0, 0, 0, 1]);
  expect(batch.newSeries.map(({ labels }) => labels)).toEqual([UP, ["__name__", "gone"]]);
  expect(seen).toEqual(metadata);
});

test("a known series is found by its raw label bytes and declares nothing", () => {
  const bytes = writeRemoteWrite([{ labels: UP, timesMs: [1], values: [2] }]);
  const [declared] = read(bytes).batch.newSeries;
  const resolver: SeriesResolver = {
    find: (from, start, end) =>
      hexOf(from.subarray(start, end)) === hexOf(declared?.rawKey ?? new Uint8Array())
        ? 42
        : UNKNOWN_SERIES,
  };
  const { batch } = read(bytes, resolver);
  expect([...batch.ids]).toEqual([42]);
  expect(batch.newSeries).toEqual([]);
});

test("a series whose labels begin with all of the expected one's is another", () => {
  const longer = labelsOf({ __name__: "up", job: "ach", zone: "é", zzz: "more" });
  const [known] = read(writeRemoteWrite([{ labels: UP, timesMs: [1], values: [2] }])).batch
    .newSeries;
  const keySize = known?.rawKey?.length ?? 0;
  const resolver: SeriesResolver = {
    find: () => UNKNOWN_SERIES,
    expect: (_bytes, start) => start + keySize,
    expected: 42,
  };
  const both = [longer, UP].map((labels) => ({ labels, timesMs: [1], values: [2] }));
  const { batch } = read(writeRemoteWrite(both), resolver);
  expect(batch.newSeries.map(({ labels }) => labels)).toEqual([longer]);
  expect([...batch.ids]).toEqual([NEW_SERIES_BASE, 42]);
});

test("labels out of order are sorted, empty ones dropped, scattered ones gathered", () => {
  const sample = field(2, [(1 << 3) | 1, 0, 0, 0, 0, 0, 0, 0, 0x40, 2 << 3, 9]);
  const series = [...label("zone", "a"), ...sample, ...label("__name__", "x"), ...label("e", "")];
  const { batch } = read(Uint8Array.from(field(1, series)));
  expect(batch.newSeries).toEqual([{ labels: ["__name__", "x", "zone", "a"] }]);
  expect([batch.timesMs[0], batch.values[0]]).toEqual([9, 2]);
});

test("series that can be none are skipped and counted, the rest is kept", () => {
  const invalid = field(1, [...field(1, text("job")), ...field(2, [0xff, 0xfe])]);
  const sample = field(2, [2 << 3, 9]);
  const bytes = Uint8Array.from([
    ...field(1, [...label("job", "nameless"), ...sample]),
    ...field(1, [...label("__name__", "bad"), ...invalid, ...sample]),
    ...field(1, [...label("__name__", "twice"), ...label("a", "1"), ...label("a", "2"), ...sample]),
    ...field(1, [...label("__name__", "good"), ...sample]),
  ]);
  const { report, batch } = read(bytes);
  expect(report).toMatchObject({ series: 1, samples: 1, skippedSeries: 3 });
  const example = "the series has no __name__";
  expect(report.problems).toEqual([{ reason: "invalid-labels", count: 3, example }]);
  expect(batch.newSeries.map(({ labels }) => labels)).toEqual([["__name__", "good"]]);
});

test("a label set of 10,000 labels is skipped and the metric is named", () => {
  const record: Record<string, string> = { __name__: "flood_total" };
  for (let i = 0; i < 10_000; i++) record[`label_${i}`] = "x";
  const { report } = read(
    writeRemoteWrite([{ labels: labelsOf(record), timesMs: [1], values: [1] }]),
  );
  expect(report.skippedSeries).toBe(1);
  const example = "flood_total has 10001 labels; at most 128 are allowed";
  expect(report.problems).toEqual([{ reason: "invalid-labels", count: 1, example }]);
});

test("unknown fields are passed over", () => {
  const series = [...label("__name__", "x"), ...field(2, [2 << 3, 9]), ...field(9, [1, 2, 3])];
  const { report } = read(Uint8Array.from([...field(1, series), ...field(12, [0])]));
  expect(report).toMatchObject({ series: 1, samples: 1, problems: [] });
});

test("exemplars are taken; those with bad labels are counted and fail nothing", () => {
  const value = [(2 << 3) | 1, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f];
  const good = field(3, [...label("trace_id", "abc"), ...value, 3 << 3, 7]);
  const twice = field(3, [...label("a", "1"), ...label("a", "2"), ...value, 3 << 3, 8]);
  const long = field(3, [...label("a", "x".repeat(100)), ...value, 3 << 3, 9]);
  const series = [...label("__name__", "x"), ...good, ...twice];
  const { report, batch } = read(Uint8Array.from(longField(1, [...series, ...long])));
  expect(report).toMatchObject({ exemplars: 2, skippedExemplars: 1, problems: [] });
  const id = NEW_SERIES_BASE;
  expect(batch.exemplars?.[0]).toEqual({ id, labels: ["trace_id", "abc"], timeMs: 7, value: 1.5 });
});

test("an empty request is success", () => {
  expect(read(new Uint8Array()).report).toMatchObject({ series: 0, samples: 0 });
});

test("a damaged message is refused, wherever it is cut", () => {
  const bytes = writeRemoteWrite([{ labels: UP, timesMs: [1_700_000_000_123], values: [1.5] }]);
  for (let end = 1; end < bytes.length; end++) {
    expect(() => read(bytes.subarray(0, end))).toThrow(OpsError);
  }
});

/** One series with a field of two bytes so many times. */
function withEmpty(number: number, times: number): Uint8Array {
  const head = label("__name__", "x");
  const size = head.length + 2 * times;
  const length = [(size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, ((size >> 14) & 0x7f) | 0x80];
  const bytes = new Uint8Array(5 + size);
  bytes.set([(1 << 3) | 2, ...length, size >> 21, ...head]);
  for (let at = 5 + head.length; at < bytes.length; at += 2) bytes[at] = (number << 3) | 2;
  return bytes;
}

test("a small body cannot become millions of rows", () => {
  const refused = (number: number, times: number, what: string) =>
    expect(() => read(withEmpty(number, times))).toThrow(what);
  refused(2, 3_000_001, "more than 3000000 samples");
  refused(3, 200_001, "more than 200000 exemplars");
  refused(4, 200_001, "more than 200000 histograms");
  const { report } = read(withEmpty(1, 1_000_000));
  expect(report).toMatchObject({ series: 0, skippedSeries: 1 });
});

test("bytes of chance never do anything but answer or refuse", () => {
  const random = seededRandom(99);
  const good = writeRemoteWrite([{ labels: UP, timesMs: [1_700_000_000_123], values: [1.5] }]);
  for (let round = 0; round < 3_000; round++) {
    const bytes = Uint8Array.from(good);
    for (let flip = 0; flip < 3; flip++) bytes[random.below(bytes.length)] = random.below(256);
    try {
      read(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(OpsError);
    }
  }
});
