import {
  type HistogramRows,
  labelsOf,
  type NativeHistogram,
  NO_BUCKETS,
  OpsError,
  seededRandom,
} from "@hms-ops/model";
import { expect, test } from "vitest";
import { decodeHistogramChunk, decodeXorChunk } from "../prometheus-chunks/index.ts";
import { crc32c } from "./crc32c.ts";
import {
  ChunkedReadWriter,
  type ReadFrame,
  readFrames,
  readReadRequest,
  readSampledResponse,
  SampledReadWriter,
  writeReadRequest,
} from "./index.ts";

const UP = labelsOf({ __name__: "up", job: "ach" });

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.split(/\s+/), (byte) => Number.parseInt(byte, 16));
}

function histogram(count: number): NativeHistogram {
  return {
    isInteger: true,
    resetHint: "unknown",
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum: count / 2,
    positive: { spans: [{ offset: 0, length: 1 }], counts: Float64Array.of(count) },
    negative: NO_BUCKETS,
    customBounds: new Float64Array(0),
  };
}

type Value = number | "stale" | NativeHistogram;

/** Columns as a store hands them out. */
function columnsOf(values: readonly Value[], stepMs = 15_000) {
  const rows: HistogramRows = {
    isHistogram: Uint8Array.from(values, (value) => (typeof value === "object" ? 1 : 0)),
    at: (row) => values[row] as NativeHistogram,
  };
  return {
    timesMs: Float64Array.from(values, (_, i) => 1_700_000_000_000 + i * stepMs),
    values: Float64Array.from(values, (value) => (typeof value === "number" ? value : Number.NaN)),
    stale: Uint8Array.from(values, (value) => (value === "stale" ? 1 : 0)),
    ...(rows.isHistogram.includes(1) ? { histograms: rows } : {}),
  };
}

/** Times and values of the frames of one series. */
function valuesOf(frames: readonly ReadFrame[]): Value[] {
  return frames.flatMap(({ chunks }) =>
    chunks.flatMap(({ encoding, data }): Value[] => {
      if (encoding !== 1) {
        const { histograms } = decodeHistogramChunk(data, encoding === 2);
        return histograms.map((one) => one ?? "stale");
      }
      const { values, stale } = decodeXorChunk(data);
      return [...values].map((value, i) => (stale[i] === 1 ? "stale" : value));
    }),
  );
}

test("a request written by hand from the protocol is read", () => {
  // Query: start 1000, end 2000; matchers __name__="up", job=~"a.*"; hints; accepts chunks, samples.
  const bytes = bytesOf(
    "0a 2c 08 e8 07 10 d0 0f 1a 0e 12 08 5f 5f 6e 61 6d 65 5f 5f 1a 02 75 70 " +
      "1a 0c 08 02 12 03 6a 6f 62 1a 03 61 2e 2a 22 06 08 e8 07 12 01 78 12 02 01 00",
  );
  expect(readReadRequest(bytes)).toEqual({
    kind: "chunks",
    queries: [
      {
        range: { fromMs: 1_000, toMs: 2_000 },
        matchers: [
          { name: "__name__", operator: "=", value: "up" },
          { name: "job", operator: "=~", value: "a.*" },
        ],
      },
    ],
  });
});

test("what is asked is read: all kinds of matchers, the ends of time, no kind named", () => {
  const matchers = (["=", "!=", "=~", "!~"] as const).map((operator) => ({
    name: "a",
    operator,
    value: "b",
  }));
  const range = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER };
  const queries = [
    { range, matchers },
    { range: { fromMs: -5, toMs: 0 }, matchers: [] },
  ];
  expect(readReadRequest(writeReadRequest({ queries }))).toEqual({ queries, kind: "samples" });
  // The ends of 64 bits, as Go sends them.
  const least = "80 80 80 80 80 80 80 80 80 01";
  const most = "ff ff ff ff ff ff ff ff 7f";
  expect(readReadRequest(bytesOf(`0a 15 08 ${least} 10 ${most}`)).queries[0]?.range).toEqual(range);
});

test("the first kind that is known is answered; none that is known is refused", () => {
  expect(readReadRequest(Uint8Array.of(0x10, 7, 0x10, 1, 0x10, 0)).kind).toBe("chunks");
  expect(readReadRequest(Uint8Array.of(0x10, 0, 0x10, 1)).kind).toBe("samples");
  expect(() => readReadRequest(Uint8Array.of(0x10, 7))).toThrow("STREAMED_XOR_CHUNKS");
});

test("damaged and hostile requests are refused", () => {
  const refused = (hex: string, reason: string) =>
    expect(() => readReadRequest(bytesOf(hex))).toThrow(reason);
  refused("0a 05 08", "cut short");
  refused("0a 04 1a 02 08 09", "unknown type 9");
  refused("0a 06 1a 04 12 02 ff fe", "UTF-8");
  const many = new Uint8Array(130);
  for (let i = 0; i < many.length; i += 2) many[i] = 0x0a;
  expect(() => readReadRequest(many)).toThrow("more than 64 queries");
  const random = seededRandom(3);
  for (let round = 0; round < 2_000; round++) {
    const bytes = Uint8Array.from({ length: random.below(40) }, () => random.below(256));
    try {
      readReadRequest(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(OpsError);
    }
  }
});

test("the checksum is CRC-32C", () => {
  // The check value of the CRC catalogue.
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
});

test("plain samples come back query by query: floats, markers, histograms", () => {
  const writer = new SampledReadWriter();
  writer.startQuery();
  writer.add(UP, columnsOf([1, Number.NaN, Number.NEGATIVE_INFINITY, "stale", 0]), 1, 5);
  writer.startQuery();
  writer.startQuery();
  writer.add(UP, columnsOf([7, histogram(1), histogram(2), "stale", histogram(0), 3]), 0, 6);
  const [first, second, third] = readSampledResponse(writer.finish());
  expect(first?.[0]?.labels).toEqual(UP);
  expect(first?.[0]?.rows.map(([, value]) => value)).toEqual([
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    "stale",
    0,
  ]);
  expect(first?.[0]?.rows[0]?.[0]).toBe(1_700_000_015_000);
  expect(second).toEqual([]);
  const values = third?.[0]?.rows.map(([, value]) => value);
  expect(values).toEqual([7, histogram(1), histogram(2), "stale", histogram(0), 3]);
});

test("a float sample is written as the protocol says", () => {
  const writer = new SampledReadWriter();
  writer.startQuery();
  writer.add(labelsOf({ __name__: "x" }), { ...columnsOf([2]), timesMs: Float64Array.of(9) }, 0, 1);
  expect(hexOf(writer.finish())).toBe(
    "0a 1e 0a 1c 0a 0d 0a 08 5f 5f 6e 61 6d 65 5f 5f 12 01 78 12 0b 09 00 00 00 00 00 00 00 40 10 09",
  );
});

test("an answer of plain samples ends at its bound, with a word on what to do", () => {
  const writer = new SampledReadWriter(1_000);
  writer.startQuery();
  const columns = columnsOf(Array.from({ length: 200 }, (_, i) => i));
  expect(() => writer.add(UP, columns, 0, 200)).toThrow("larger than 1000 bytes");
});

test("frames come back: one series each, numbered by query, its chunks in order", () => {
  const writer = new ChunkedReadWriter();
  const values = Array.from({ length: 300 }, (_, i) => i * 1.5);
  writer.add(0, UP, columnsOf(values), 0, 300);
  writer.add(3, labelsOf({ __name__: "z" }), columnsOf([1, "stale"]), 0, 2);
  const frames = readFrames(writer.take());
  expect(frames.map(({ query, labels }) => [query, labels])).toEqual([
    [0, UP],
    [3, ["__name__", "z"]],
  ]);
  expect(frames[0]?.chunks.map(({ minTimeMs, maxTimeMs }) => maxTimeMs - minTimeMs)).toEqual([
    119 * 15_000,
    119 * 15_000,
    59 * 15_000,
  ]);
  expect(valuesOf(frames.slice(0, 1))).toEqual(values);
  expect(valuesOf(frames.slice(1))).toEqual([1, "stale"]);
  expect(writer.sizeBytes).toBe(0);
});

test("histograms stand in chunks of their own", () => {
  const writer = new ChunkedReadWriter();
  const float = { ...histogram(9), isInteger: false };
  writer.add(0, UP, columnsOf([1, histogram(3), histogram(4), "stale", float, 2]), 0, 6);
  const frames = readFrames(writer.take());
  expect(frames[0]?.chunks.map(({ encoding }) => encoding)).toEqual([1, 2, 3, 1]);
  const counts = valuesOf(frames).map((value) => (typeof value === "object" ? value.count : value));
  expect(counts).toEqual([1, 3, 4, "stale", 9, 2]);
});

test("a series larger than a frame goes on in the next one", () => {
  const random = seededRandom(11);
  const values = Array.from({ length: 5_000 }, () => random.below(1_000_000) / 7);
  const writer = new ChunkedReadWriter(10_000);
  writer.add(0, UP, columnsOf(values), 0, values.length);
  const bytes = writer.take();
  const frames = readFrames(bytes);
  expect(frames.length).toBeGreaterThan(3);
  expect(bytes.length / frames.length).toBeLessThan(10_200);
  expect(valuesOf(frames)).toEqual(values);
});

test("a frame that was changed or cut is refused", () => {
  const writer = new ChunkedReadWriter();
  writer.add(0, UP, columnsOf([1, 2, 3]), 0, 3);
  const bytes = writer.take();
  for (let at = 1; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    expect(() => readFrames(changed)).toThrow(OpsError);
    expect(() => readFrames(bytes.subarray(0, at))).toThrow(OpsError);
  }
});

test("whatever is written either way is read back as it was", () => {
  const random = seededRandom(20_261_121);
  for (let round = 0; round < 200; round++) {
    let count = 0;
    const values = Array.from({ length: 1 + random.below(400) }, (): Value => {
      const kind = random.below(20);
      if (kind === 0) return "stale";
      count += random.below(5);
      if (kind < 4) return histogram(count);
      return random.below(2) === 0 ? random.below(100) : random.below(2 ** 31) / 1_000;
    });
    const columns = columnsOf(values, 1 + random.below(60_000));
    const from = random.below(values.length);
    const chunked = new ChunkedReadWriter(500);
    chunked.add(0, UP, columns, from, values.length);
    const sampled = new SampledReadWriter();
    sampled.startQuery();
    sampled.add(UP, columns, from, values.length);
    const wanted = values.slice(from).map(withoutHint);
    expect(valuesOf(readFrames(chunked.take())).map(withoutHint)).toEqual(wanted);
    const [query] = readSampledResponse(sampled.finish());
    expect(query?.[0]?.rows.map(([, value]) => withoutHint(value))).toEqual(wanted);
  }
});

/** Inside a chunk an unknown hint becomes "not-reset". */
function withoutHint(value: Value): Value {
  return typeof value === "object" ? { ...value, resetHint: "unknown" } : value;
}
