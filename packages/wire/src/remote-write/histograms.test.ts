import {
  CUSTOM_BOUNDS_SCHEMA,
  labelsOf,
  type NativeHistogram,
  NO_BUCKETS,
  SampleBatchBuilder,
  UNKNOWN_SERIES,
} from "@hms-ops/model";
import { expect, test } from "vitest";
import {
  readRemoteWrite,
  readRemoteWriteV2,
  writeRemoteWrite,
  writeRemoteWriteV2,
} from "./index.ts";

const LABELS = labelsOf({ __name__: "latency_seconds", job: "ach" });

const INTEGER: NativeHistogram = {
  isInteger: true,
  resetHint: "not-reset",
  schema: 3,
  zeroThreshold: 1e-128,
  zeroCount: 2,
  count: 12,
  sum: 17.5,
  positive: {
    spans: [
      { offset: -2, length: 2 },
      { offset: 3, length: 1 },
    ],
    counts: Float64Array.of(1, 4, 0),
  },
  negative: { spans: [{ offset: 1, length: 2 }], counts: Float64Array.of(3, 2) },
  customBounds: new Float64Array(0),
};

const FLOAT: NativeHistogram = {
  ...INTEGER,
  isInteger: false,
  resetHint: "gauge",
  zeroCount: 0.5,
  count: 10.25,
  positive: { spans: [{ offset: 0, length: 2 }], counts: Float64Array.of(0.25, 1.5) },
};

const CUSTOM: NativeHistogram = {
  isInteger: true,
  resetHint: "unknown",
  schema: CUSTOM_BOUNDS_SCHEMA,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 6,
  sum: 8,
  positive: { spans: [{ offset: 0, length: 3 }], counts: Float64Array.of(1, 2, 3) },
  negative: NO_BUCKETS,
  customBounds: Float64Array.of(0.1, 2.5),
};

const VERSIONS = [
  ["1.0", writeRemoteWrite, readRemoteWrite],
  ["2.0", writeRemoteWriteV2, readRemoteWriteV2],
] as const;

type Read = typeof readRemoteWrite;

function readBytes(read: Read, bytes: Uint8Array) {
  const builder = new SampleBatchBuilder("remote-write");
  const report = read(bytes, { builder, resolver: { find: () => UNKNOWN_SERIES } });
  return { report, batch: builder.build() };
}

function seriesOf(...histograms: readonly (NativeHistogram | "stale")[]) {
  const rows = histograms.map((histogram, i) => ({ timeMs: 1_000 * (i + 1), histogram }));
  return [{ labels: LABELS, timesMs: [], values: [], histograms: rows }];
}

for (const [version, write, read] of VERSIONS) {
  test(`${version}: integer, float and custom-bounds histograms come whole`, () => {
    const { report, batch } = readBytes(read, write(seriesOf(INTEGER, FLOAT, CUSTOM)));
    expect(report).toMatchObject({ series: 1, samples: 0, histograms: 3, problems: [] });
    expect(batch.histograms?.map(({ timeMs, histogram }) => [timeMs, histogram])).toEqual([
      [1_000, INTEGER],
      [2_000, FLOAT],
      [3_000, CUSTOM],
    ]);
  });

  test(`${version}: a histogram whose sum is the stale marker ends the series`, () => {
    const { report, batch } = readBytes(read, write(seriesOf(INTEGER, "stale")));
    expect(report).toMatchObject({ histograms: 2, staleHistograms: 1, problems: [] });
    expect([[...batch.timesMs], [...batch.stale]]).toEqual([[2_000], [1]]);
    expect(batch.histograms?.length).toBe(1);
  });

  test(`${version}: a bad histogram is refused with its reason, the others are kept`, () => {
    const bad = { ...INTEGER, count: 13 };
    const { report, batch } = readBytes(read, write(seriesOf(INTEGER, bad, FLOAT)));
    expect(batch.histograms?.map(({ timeMs }) => timeMs)).toEqual([1_000, 3_000]);
    expect(report.problems).toEqual([
      {
        reason: "invalid-histogram",
        count: 1,
        example:
          'latency_seconds{job="ach"}: its buckets hold 12 observations, its count is 13 (at 2000 ms)',
      },
    ]);
  });
}

/** What is said of a histogram; empty when it is taken. */
function judged(histogram: NativeHistogram): string {
  const { report } = readBytes(readRemoteWrite, writeRemoteWrite(seriesOf(histogram)));
  return /: (.*) \(at/.exec(report.problems[0]?.example ?? "")?.[1] ?? "";
}

test("histograms are judged as Prometheus judges them", () => {
  const none = Float64Array.of();
  expect(judged({ ...INTEGER, schema: 53 })).toBe("its schema 53 is not known");
  expect(judged({ ...INTEGER, schema: -5 })).toBe("its schema -5 is not known");
  expect(judged({ ...INTEGER, positive: { ...INTEGER.positive, counts: none } })).toBe(
    "its spans cover 3 buckets, but it has 0",
  );
  const overlapping = {
    spans: [
      { offset: 0, length: 1 },
      { offset: -1, length: 1 },
    ],
    counts: Float64Array.of(4, 1),
  };
  expect(judged({ ...INTEGER, positive: overlapping })).toBe("its spans overlap");
  const falling = { ...INTEGER.positive, counts: Float64Array.of(1, -4, 8) };
  expect(judged({ ...INTEGER, positive: falling })).toBe("a bucket has a negative count");
  expect(judged({ ...FLOAT, count: -1, zeroCount: -2 })).toBe("");
  expect(judged({ ...INTEGER, zeroThreshold: -1 })).toBe(
    "its zero threshold is negative or no number",
  );
  expect(judged({ ...INTEGER, customBounds: Float64Array.of(1) })).toContain("custom bounds");
});

test("observations that are no number may be missing in the buckets, if the sum is none", () => {
  expect(judged({ ...INTEGER, count: 13, sum: Number.NaN })).toBe("");
  expect(judged({ ...INTEGER, count: 11, sum: Number.NaN })).toContain("its buckets hold 12");
});

test("of float histograms the buckets may add up to more than the count", () => {
  expect(judged({ ...FLOAT, count: 1 })).toBe("");
});

test("custom bounds rise, are finite and as many as the buckets need", () => {
  const bounds = (...values: number[]) => ({ ...CUSTOM, customBounds: Float64Array.from(values) });
  expect(judged(bounds(2, 1))).toBe("its custom bounds do not rise");
  expect(judged(bounds(1, 1))).toBe("its custom bounds do not rise");
  expect(judged(bounds(Number.NEGATIVE_INFINITY, 1))).toBe("");
  expect(judged(bounds(1, Number.NaN))).toBe("its custom bounds do not rise");
  expect(judged(bounds(1, Number.POSITIVE_INFINITY))).toBe("its last custom bound is infinite");
  expect(judged(bounds(1))).toBe("it has fewer custom bounds than buckets");
  expect(judged({ ...CUSTOM, zeroCount: 1, count: 7 })).toBe(
    "it has custom bounds and a zero bucket",
  );
  expect(judged({ ...CUSTOM, negative: INTEGER.negative, count: 11 })).toBe(
    "it has custom bounds and negative buckets",
  );
});

test("schemas finer than 8 are brought down to it: the same observations, wider buckets", () => {
  const fine = {
    ...INTEGER,
    schema: 9,
    zeroCount: 0,
    count: 15,
    // Buckets -1, 0, 1, 2 and 7: two to one, named by the upper bound.
    positive: {
      spans: [
        { offset: -1, length: 4 },
        { offset: 4, length: 1 },
      ],
      counts: Float64Array.of(1, 2, 3, 4, 5),
    },
    negative: NO_BUCKETS,
  };
  const { batch } = readBytes(readRemoteWrite, writeRemoteWrite(seriesOf(fine)));
  expect(batch.histograms?.[0]?.histogram).toMatchObject({
    schema: 8,
    positive: {
      spans: [
        { offset: 0, length: 2 },
        { offset: 2, length: 1 },
      ],
      counts: Float64Array.of(3, 7, 5),
    },
  });
});
