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
import {
  readRemoteWrite,
  readRemoteWriteV2,
  writeRemoteWrite,
  writeRemoteWriteV2,
} from "./index.ts";
import { field, hexOf, text } from "./testing/bytes.ts";

const UP = labelsOf({ __name__: "up", job: "ach", zone: "é" });
const KNOWS_NOTHING: SeriesResolver = { find: () => UNKNOWN_SERIES };

function read(bytes: Uint8Array, { resolver = KNOWS_NOTHING, withKnownMetadata = false } = {}) {
  const builder = new SampleBatchBuilder("remote-write");
  const metadata = new Map<string, MetricMetadata>();
  const onMetadata = (family: string, entry: MetricMetadata) => metadata.set(family, entry);
  const options = { builder, resolver, onMetadata, withKnownMetadata };
  return { report: readRemoteWriteV2(bytes, options), batch: builder.build(), metadata };
}

function symbols(...texts: readonly string[]): number[] {
  return texts.flatMap((symbol) => field(4, text(symbol)));
}

const SAMPLE = field(2, [(1 << 3) | 1, 0, 0, 0, 0, 0, 0, 0, 0x40, 2 << 3, 9]);

/** A series by packed references, with one sample of value 2 at time 9. */
function series(...refs: readonly number[]): number[] {
  return field(5, [...field(1, refs), ...SAMPLE]);
}

test("a request written by hand from the specification is read", () => {
  const exemplar = field(4, [
    ...field(1, [5, 6]),
    (2 << 3) | 1,
    0,
    0,
    0,
    0,
    0,
    0,
    0xf0,
    0x3f,
    3 << 3,
    8,
  ]);
  const metadata = field(5, [1 << 3, 1, 3 << 3, 7, 4 << 3, 8]);
  const startTime = [3 << 3, 4];
  const sample = field(2, [(1 << 3) | 1, 0, 0, 0, 0, 0, 0, 0, 0x40, 2 << 3, 9, ...startTime]);
  const one = [...field(1, [1, 2, 3, 4]), ...sample, ...exemplar, ...metadata];
  const bytes = Uint8Array.from([
    ...symbols("", "__name__", "paid_total", "job", "ach", "trace_id", "abc", "Paid.", "euros"),
    ...field(5, one),
  ]);
  const { report, batch, metadata: said } = read(bytes);
  expect(report).toMatchObject({ series: 1, samples: 1, exemplars: 1, problems: [] });
  expect(batch.newSeries[0]?.labels).toEqual(["__name__", "paid_total", "job", "ach"]);
  expect([batch.timesMs[0], batch.values[0]]).toEqual([9, 2]);
  expect(batch.exemplars).toEqual([
    { id: NEW_SERIES_BASE, labels: ["trace_id", "abc"], timeMs: 8, value: 1 },
  ]);
  expect([...said]).toEqual([["paid_total", { type: "counter", help: "Paid.", unit: "euros" }]]);
});

test("the bytes on the wire stay as they are", async () => {
  const metadata = new Map([["up", { type: "gauge", help: "Is it up", unit: "" } as const]]);
  const exemplars = [{ labels: labelsOf({ trace_id: "abc" }), timeMs: 7, value: 1 }];
  const bytes = writeRemoteWriteV2(
    [
      { labels: UP, timesMs: [1_700_000_000_123, -1], values: [1.5, 0], exemplars },
      { labels: labelsOf({ __name__: "gone" }), timesMs: [5], values: [0], stale: [1] },
    ],
    metadata,
  );
  await expect(hexOf(bytes)).toMatchFileSnapshot("testdata/write-request-v2.golden");
});

test("a series has the same raw key in both versions, wherever its texts stand", () => {
  const rows = [{ labels: UP, timesMs: [1], values: [2] }];
  const builder = new SampleBatchBuilder("remote-write");
  readRemoteWrite(writeRemoteWrite(rows), { builder, resolver: KNOWS_NOTHING });
  const [first] = builder.build().newSeries;
  const long = {
    labels: labelsOf({ __name__: "y".repeat(300), a: "z".repeat(5_000) }),
    timesMs: [1],
    values: [1],
  };
  const { batch } = read(writeRemoteWriteV2([long, ...rows]));
  expect(batch.newSeries[1]?.rawKey).toEqual(first?.rawKey);
  const keyOfLong = batch.newSeries[0]?.rawKey;
  const again = new SampleBatchBuilder("remote-write");
  readRemoteWrite(writeRemoteWrite([long]), { builder: again, resolver: KNOWS_NOTHING });
  expect(again.build().newSeries[0]?.rawKey).toEqual(keyOfLong);
});

test("a known series declares nothing, and tells its metadata only when asked", () => {
  const metadata = new Map([["up", { type: "gauge", help: "Is it up", unit: "" } as const]]);
  const bytes = writeRemoteWriteV2([{ labels: UP, timesMs: [1], values: [2] }], metadata);
  const resolver = { find: () => 42 };
  const { batch, metadata: said } = read(bytes, { resolver });
  expect([...batch.ids]).toEqual([42]);
  expect(batch.newSeries).toEqual([]);
  expect(said.size).toBe(0);
  expect(read(bytes, { resolver, withKnownMetadata: true }).metadata).toEqual(metadata);
});

test("symbols may stand behind the series, references may stand unpacked", () => {
  const unpacked = field(5, [1 << 3, 1, 1 << 3, 2, ...SAMPLE]);
  const { batch } = read(Uint8Array.from([...unpacked, ...symbols("", "__name__", "x")]));
  expect(batch.newSeries[0]?.labels).toEqual(["__name__", "x"]);
});

test("series that can be none are refused with their reasons, the rest is kept", () => {
  const table = symbols("", "__name__", "x", "job", "a");
  const bytes = Uint8Array.from([
    ...table,
    ...series(1, 2, 3, 99),
    ...series(1, 2, 3),
    ...series(3, 4),
    ...series(1, 2, 3, 4, 3, 4),
    ...series(1, 2, 0, 4),
    ...series(1, 2, 3, 4),
    ...field(5, field(1, [1, 2])),
  ]);
  const { report, batch } = read(bytes);
  expect(report).toMatchObject({ series: 1, samples: 1, skippedSeries: 6 });
  expect(report.problems).toEqual([
    { reason: "invalid-labels", count: 5, example: "there is no symbol 99" },
    { reason: "empty-series", count: 1, example: "x has neither samples nor histograms" },
  ]);
  expect(batch.newSeries.map(({ labels }) => labels)).toEqual([["__name__", "x", "job", "a"]]);
});

test("exemplars alone are welcome", () => {
  const exemplar = field(4, [
    ...field(1, []),
    (2 << 3) | 1,
    0,
    0,
    0,
    0,
    0,
    0,
    0xf0,
    0x3f,
    3 << 3,
    8,
  ]);
  const bytes = Uint8Array.from([
    ...symbols("", "__name__", "x"),
    ...field(5, [...field(1, [1, 2]), ...exemplar]),
  ]);
  expect(read(bytes).report).toMatchObject({ samples: 0, exemplars: 1, problems: [] });
});

test("classic histograms are one family in the metadata", () => {
  const metadata = new Map([
    ["wait_bucket", { type: "histogram", help: "Waits", unit: "" } as const],
    ["size_sum", { type: "summary", help: "Sizes", unit: "" } as const],
  ]);
  const rows = [...metadata.keys()].map((name) => ({
    labels: labelsOf({ __name__: name }),
    timesMs: [1],
    values: [1],
  }));
  expect([...read(writeRemoteWriteV2(rows, metadata)).metadata.keys()]).toEqual(["wait", "size"]);
});

test("a 1.0 body read as 2.0 is empty, so that the sender sees that nothing was written", () => {
  const bytes = writeRemoteWrite([{ labels: UP, timesMs: [1], values: [2] }]);
  expect(read(bytes).report).toMatchObject({ series: 0, samples: 0, problems: [] });
});

test("a first symbol that is not empty is refused", () => {
  expect(() => read(Uint8Array.from(symbols("__name__")))).toThrow("first of its symbols");
});

test("a small body cannot name one long text without end", () => {
  const texts = ["", "__name__", ...Array.from({ length: 127 }, (_, i) => `l${i}`)];
  const long = [(4 << 3) | 2, 0x80, 0x40, ...new Array<number>(8_192).fill(97)];
  const value = texts.length;
  const refs = texts.slice(1).flatMap((_, i) => {
    const at = i + 1;
    return [
      ...(at < 128 ? [at] : [(at & 0x7f) | 0x80, at >> 7]),
      (value & 0x7f) | 0x80,
      value >> 7,
    ];
  });
  const content = [(1 << 3) | 2, (refs.length & 0x7f) | 0x80, refs.length >> 7, ...refs, ...SAMPLE];
  const one = [(5 << 3) | 2, (content.length & 0x7f) | 0x80, content.length >> 7, ...content];
  const head = [...symbols(...texts), ...long];
  const bytes = new Uint8Array(head.length + one.length * 100);
  bytes.set(head);
  for (let i = 0; i < 100; i++) bytes.set(one, head.length + i * one.length);
  expect(() => read(bytes)).toThrow("written out take more than");
});

test("nor make the hub look through a long text again and again", () => {
  // 30,000 series, each with two names of a megabyte that differ in their last byte.
  const long = (last: number) => [...new Array<number>(1_000_000).fill(97), last];
  const size = [0xc1, 0x84, 0x3d];
  const head = Uint8Array.from([
    ...symbols("", "__name__", "x"),
    ...[(4 << 3) | 2, ...size, ...long(97)],
    ...[(4 << 3) | 2, ...size, ...long(98)],
  ]);
  const one = series(3, 2, 4, 2, 3, 2, 1, 2);
  const bytes = new Uint8Array(head.length + 30_000 * one.length);
  bytes.set(head);
  for (let i = 0; i < 30_000; i++) bytes.set(one, head.length + i * one.length);
  const { report } = read(bytes);
  expect(report.skippedSeries).toBe(30_000);
  expect(report.problems[0]?.example).toMatch(/^x: the label name a{60}… is longer/);
});

test("a damaged message is refused, wherever it is cut", () => {
  const bytes = writeRemoteWriteV2([{ labels: UP, timesMs: [1_700_000_000_123], values: [1.5] }]);
  let refused = 0;
  for (let end = 1; end < bytes.length; end++) {
    try {
      // Between two symbols it only has fewer of them; nothing is read then.
      expect(read(bytes.subarray(0, end)).report.samples).toBe(0);
    } catch (error) {
      expect(error).toBeInstanceOf(OpsError);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(bytes.length / 2);
});

test("bytes of chance never do anything but answer or refuse", () => {
  const random = seededRandom(2_026);
  const good = writeRemoteWriteV2([
    {
      labels: UP,
      timesMs: [1_700_000_000_123],
      values: [1.5],
      exemplars: [{ labels: ["a", "b"], timeMs: 1, value: 2 }],
    },
  ]);
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
