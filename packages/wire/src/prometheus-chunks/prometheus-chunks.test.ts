import {
  type BucketSpan,
  CUSTOM_BOUNDS_SCHEMA,
  type NativeHistogram,
  OpsError,
  type Random,
  seededRandom,
} from "@hms-ops/model";
import { expect, test } from "vitest";
import {
  decodeHistogramChunk,
  decodeXorChunk,
  encodeHistogramChunk,
  encodeSeriesChunks,
  encodeXorChunk,
  type SampleColumns,
} from "./index.ts";

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.split(" "), (byte) => Number.parseInt(byte, 16));
}

function words(values: Float64Array): number[] {
  return [...new Uint32Array(values.buffer, values.byteOffset, values.length * 2)];
}

function floats(random: Random, count: number, value: (i: number) => number): SampleColumns {
  const timesMs = new Float64Array(count);
  const values = Float64Array.from({ length: count }, (_, i) => value(i));
  let timeMs = random.below(2_000_000_000) * 1_000 - 1_000_000_000;
  for (let i = 0; i < count; i++) {
    timesMs[i] = timeMs;
    timeMs += random.pick([15_000, 15_000, 15_001, 14_999, 60_000, 1, 3_000_000_000]);
  }
  return { timesMs, values, stale: new Uint8Array(count) };
}

function expectRoundTrip(columns: SampleColumns): void {
  const count = columns.timesMs.length;
  const read = decodeXorChunk(encodeXorChunk(columns, 0, count));
  expect(read.count).toBe(count);
  expect([...read.timesMs]).toEqual([...columns.timesMs]);
  expect([...read.stale]).toEqual([...columns.stale]);
  for (let i = 0; i < count; i++) {
    if (columns.stale[i] === 1) continue;
    const [a, b] = [read.values.subarray(i, i + 1), columns.values.subarray(i, i + 1)];
    expect(words(a), `row ${i}`).toEqual(words(b));
  }
}

test("a float chunk written by hand from the format's description is read", () => {
  // Three samples: 1 at 1 s; 15 s later the same; 15 s later 2 (XOR of 11 bits, 1 leading zero).
  // Bits behind the second delta: 0 | 0 | 11 00001 001011 11111111111
  const chunk = bytesOf("00 03 d0 0f 3f f0 00 00 00 00 00 00 98 75 30 97 ff c0");
  const { timesMs, values } = decodeXorChunk(chunk);
  expect([...timesMs]).toEqual([1_000, 16_000, 31_000]);
  expect([...values]).toEqual([1, 1, 2]);
});

test("float chunks come back: counters, gauges, noise, constants, staleness, all kinds of NaN", () => {
  const random = seededRandom(20_261_121);
  for (let round = 0; round < 60; round++) {
    const count = 1 + random.below(240);
    let counter = 0;
    const shapes = [
      () => 42,
      () => random.next() * 1e9,
      () => (counter += random.below(100)),
      (i: number) => Math.round(Math.sin(i) * 1_000) / 10,
      () => random.pick([Number.NaN, Number.POSITIVE_INFINITY, -0, 0, 5e-324, -1.7e308]),
    ];
    const columns = floats(random, count, random.pick(shapes));
    for (let i = 0; i < count; i++) if (random.below(20) === 0) columns.stale[i] = 1;
    expectRoundTrip(columns);
  }
});

test("the bits of a NaN stay what they are", () => {
  const values = new Float64Array(3);
  const bits = new Uint32Array(values.buffer);
  bits.set([1, 0x7ff8_0000, 0xffff_ffff, 0xffff_ffff, 7, 0x7ff8_0000]);
  const columns = { timesMs: Float64Array.of(-5, 0, 5), values, stale: new Uint8Array(3) };
  expect(words(decodeXorChunk(encodeXorChunk(columns, 0, 3)).values)).toEqual([...bits]);
});

function spansOf(random: Random): BucketSpan[] {
  return Array.from({ length: random.below(4) }, (_, i) => ({
    offset: i === 0 ? random.below(200) - 100 : 1 + random.below(9),
    length: 1 + random.below(6),
  }));
}

function side(spans: readonly BucketSpan[], count: () => number) {
  const length = spans.reduce((sum, span) => sum + span.length, 0);
  return { spans, counts: Float64Array.from({ length }, count) };
}

/** Histograms of one layout; counters rise. */
function histogramsOf(random: Random, count: number, isInteger: boolean): NativeHistogram[] {
  const isCustom = random.below(4) === 0;
  const schema = isCustom ? CUSTOM_BOUNDS_SCHEMA : random.below(13) - 4;
  const all = [Number.NEGATIVE_INFINITY, 0.005, 0.1, 0.30000000000000004, 1, 1_000, 1e9];
  const bounds = all.slice(random.below(2), random.below(8));
  const customBounds = Float64Array.from(isCustom ? bounds : []);
  const zeroThreshold = random.pick([0, 2 ** -128, 0.001, 2 ** 10, 2 ** 11, 2 ** -243]);
  const [up, down] = [spansOf(random), isCustom ? [] : spansOf(random)];
  const isGauge = random.below(3) === 0;
  let floor = 0;
  const number = () => floor + (isInteger ? random.below(50) : random.next() * 50);
  return Array.from({ length: count }, (_, i) => {
    floor = isGauge ? random.below(1_000) : floor + 50;
    const [positive, negative] = [side(up, number), side(down, number)];
    const resetHint = isGauge ? "gauge" : i === 0 ? "unknown" : "not-reset";
    const numbers = { zeroCount: number(), count: number(), sum: random.next() * 1e6 - 5e5 };
    const shape = { isInteger, resetHint, schema, zeroThreshold, customBounds } as const;
    return { ...shape, ...numbers, positive, negative };
  });
}

function timesFor(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => 1_790_000_000_000 + 15_000 * i + (i % 3));
}

test("histogram chunks come back, integer and float, with custom bounds, with staleness", () => {
  const random = seededRandom(3);
  for (let round = 0; round < 120; round++) {
    const isInteger = round % 2 === 0;
    const rows: (NativeHistogram | undefined)[] = histogramsOf(
      random,
      1 + random.below(50),
      isInteger,
    );
    if (round % 5 === 0) rows.push(undefined, undefined);
    const timesMs = timesFor(rows.length);
    const data = encodeHistogramChunk({ timesMs, histograms: rows }, 0, rows.length);
    const read = decodeHistogramChunk(data, isInteger);
    expect([...read.timesMs]).toEqual([...timesMs]);
    expect(read.histograms).toEqual(rows);
  }
});

test("a series is cut where samples turn, layouts change and counts fall", () => {
  const random = seededRandom(11);
  const [a, b, c, d] = histogramsOf(random, 4, true).map((histogram) => ({
    ...histogram,
    resetHint: "unknown" as const,
  }));
  const other = { ...d!, schema: 3, positive: { spans: [], counts: new Float64Array(0) } };
  const rows = [undefined, a, b, c, "stale", a, other, undefined, undefined] as const;
  const columns: SampleColumns = {
    timesMs: timesFor(rows.length),
    values: Float64Array.from(rows, (row, i) => (row === undefined ? i : Number.NaN)),
    stale: Uint8Array.from(rows, (row) => (row === "stale" ? 1 : 0)),
    histograms: {
      isHistogram: Uint8Array.from(rows, (row) => (typeof row === "object" ? 1 : 0)),
      at: (row) => rows[row] as NativeHistogram,
    },
  };
  const chunks = encodeSeriesChunks(columns, 0, rows.length);
  const counts = chunks.map(({ encoding, data }) => [encoding, data[0]! * 256 + data[1]!]);
  expect(counts).toEqual([
    [1, 1],
    [2, 4],
    [2, 1],
    [2, 1],
    [1, 2],
  ]);
  expect(chunks.map(({ minTimeMs }) => minTimeMs)).toEqual(
    [0, 1, 5, 6, 7].map((row) => columns.timesMs[row]),
  );
  const { histograms } = decodeHistogramChunk(chunks[1]!.data, true);
  expect(histograms.map((histogram) => histogram?.resetHint)).toEqual([
    "unknown",
    "not-reset",
    "not-reset",
    undefined,
  ]);
});

test("a long series is cut every 120 samples", () => {
  const columns = floats(seededRandom(5), 250, (i) => i);
  const counts = encodeSeriesChunks(columns, 0, 250).map(({ data }) => data[1]);
  expect(counts).toEqual([120, 120, 10]);
});

function outcome(read: () => unknown): string {
  try {
    read();
    return "read";
  } catch (error) {
    if (error instanceof OpsError) return error.code;
    throw error;
  }
}

test("damaged and hostile chunks are refused with OPS-1105, whatever stands in them", () => {
  const random = seededRandom(77);
  const seen = new Set<string>();
  for (let round = 0; round < 600; round++) {
    const isInteger = round % 2 === 0;
    const rows = histogramsOf(random, 5, isInteger);
    const histogram = encodeHistogramChunk({ timesMs: timesFor(5), histograms: rows }, 0, 5);
    const float = encodeXorChunk(
      floats(random, 20, () => random.next()),
      0,
      20,
    );
    for (const data of [float, histogram]) {
      if (random.below(2) === 0) data[random.below(data.length)]! ^= 1 << random.below(8);
      const cut = data.subarray(0, random.below(data.length + 1));
      seen.add(outcome(() => decodeXorChunk(cut)));
      seen.add(outcome(() => decodeHistogramChunk(cut, isInteger)));
    }
  }
  expect([...seen].sort()).toEqual(["OPS-1105", "read"]);
});

test("a count of samples or buckets that cannot be there costs no memory", () => {
  expect(outcome(() => decodeXorChunk(bytesOf("ff ff 00")))).toBe("OPS-1105");
  expect(outcome(() => decodeHistogramChunk(bytesOf("ff ff 00 00"), true))).toBe("OPS-1105");
  // One span whose length is a number of 56 bits.
  const spans = "00 01 00 00 5f fe ff ff ff ff ff ff ff 00 00 00";
  expect(outcome(() => decodeHistogramChunk(bytesOf(spans), false))).toBe("OPS-1105");
});
