import {
  bucketsOf,
  type HistogramBuckets,
  labelsOf,
  type NativeHistogram,
  NO_BUCKETS,
  OpsError,
  type QueryAnswer,
  type QueryValue,
  type Random,
  seededRandom,
} from "@hms-ops/model";
import { expect, test } from "vitest";
import {
  errorTypeOfStatus,
  formatExponentNumber,
  formatPlainNumber,
  formatSampleValue,
  formatShortTimestamp,
  formatTimestamp,
  listAnswerPieces,
  readQueryResponse,
  writeDataAnswer,
  writeErrorAnswer,
  writeQueryAnswer,
} from "./index.ts";

const STATS = { samplesRead: 12, seriesSelected: 2, parseMs: 1, readMs: 2, evaluateMs: 3 };

function answer(value: QueryValue, notes: Partial<QueryAnswer> = {}): QueryAnswer {
  return { value, warnings: [], infos: [], stats: STATS, ...notes };
}

function textOf(value: QueryAnswer, withStats = false): string {
  return new TextDecoder().decode(writeQueryAnswer(value, withStats));
}

test("sample values are the shortest decimal, with Go's exponents", () => {
  const cases: [number, string][] = [
    [1, "1"],
    [0.1, "0.1"],
    [1e-7, "1e-07"],
    [-2.5e-9, "-2.5e-09"],
    [1e-6, "0.000001"],
    [1e21, "1e+21"],
    [1e20, "100000000000000000000"],
    [5e-324, "5e-324"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [-0, "-0"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "+Inf"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
  ];
  for (const [value, text] of cases) expect(formatSampleValue(value)).toBe(text);
});

test("scalars never have an exponent, alert values always have one", () => {
  expect(formatPlainNumber(1e-7)).toBe("0.0000001");
  expect(formatPlainNumber(-1.25e-9)).toBe("-0.00000000125");
  expect(formatPlainNumber(1.5e21)).toBe("1500000000000000000000");
  expect(formatExponentNumber(1)).toBe("1e+00");
  expect(formatExponentNumber(3.14)).toBe("3.14e+00");
  expect(formatExponentNumber(1e100)).toBe("1e+100");
});

test("times are seconds, whole or with three decimals", () => {
  const cases: [number, string, string][] = [
    [1_700_000_600_000, "1700000600", "1700000600"],
    [1_700_000_300_123, "1700000300.123", "1700000300.123"],
    [1_500, "1.500", "1.5"],
    [-1_234, "-1.234", "-1.234"],
    [-1_500, "-1.500", "-1.5"],
    [0, "0", "0"],
  ];
  for (const [timeMs, long, short] of cases) {
    expect(formatTimestamp(timeMs)).toBe(long);
    expect(formatShortTimestamp(timeMs)).toBe(short);
  }
});

test("a vector, a matrix, a scalar and a string are written as Prometheus writes them", () => {
  const labels = labelsOf({ __name__: "up", path: 'a"b\\c\n<é>' });
  const metric = '{"__name__":"up","path":"a\\"b\\\\c\\n<é>"}';
  expect(
    textOf(answer({ kind: "vector", elements: [{ labels, timeMs: 1_500, value: 1e-7 }] })),
  ).toBe(
    `{"status":"success","data":{"resultType":"vector","result":[{"metric":${metric},"value":[1.500,"1e-07"]}]}}`,
  );
  const series = [
    { labels: [], timesMs: Float64Array.of(1_000, 2_000), values: Float64Array.of(1, -0) },
  ];
  expect(textOf(answer({ kind: "matrix", series }))).toBe(
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"],[2,"-0"]]}]}}',
  );
  expect(textOf(answer({ kind: "scalar", timeMs: 1_500, value: 1e-7 }))).toBe(
    '{"status":"success","data":{"resultType":"scalar","result":[1.5,"0.0000001"]}}',
  );
  expect(textOf(answer({ kind: "string", timeMs: 2_000, value: "a" }))).toBe(
    '{"status":"success","data":{"resultType":"string","result":[2,"a"]}}',
  );
  expect(textOf(answer({ kind: "vector", elements: [] }))).toContain('"result":[]');
});

test("at most ten notes are shown, the rest is counted", () => {
  const warnings = Array.from({ length: 13 }, (_, i) => `warning ${i}`);
  const body = textOf(answer({ kind: "vector", elements: [] }, { warnings, infos: ["i"] }));
  const parsed = JSON.parse(body) as { warnings: string[]; infos: string[] };
  expect(parsed.warnings).toHaveLength(11);
  expect(parsed.warnings.at(-1)).toContain("3 more");
  expect(parsed.infos).toEqual(["i"]);
});

test("stats stand beside the result when asked for", () => {
  const body = JSON.parse(textOf(answer({ kind: "vector", elements: [] }), true)) as {
    data: { stats: { samples: { samplesRead: number } } };
  };
  expect(body.data.stats.samples.samplesRead).toBe(12);
});

test("a large answer is written whole", () => {
  const count = 50_000;
  const timesMs = Float64Array.from({ length: count }, (_, i) => i * 1_000);
  const labels = labelsOf({ name: "ü".repeat(100) });
  const value: QueryValue = { kind: "matrix", series: [{ labels, timesMs, values: timesMs }] };
  const read = readQueryResponse(JSON.parse(textOf(answer(value))));
  expect(read).toMatchObject({ status: "success", value });
});

test("what is written is read back, the special numbers too", () => {
  const values = Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY, -1e-9);
  const timesMs = Float64Array.of(-1_234, 1, 1_700_000_000_999);
  const value: QueryValue = { kind: "matrix", series: [{ labels: [], timesMs, values }] };
  expect(readQueryResponse(JSON.parse(textOf(answer(value))))).toMatchObject({ value });
  const scalar: QueryValue = { kind: "scalar", timeMs: 1_500, value: 2 };
  expect(readQueryResponse(JSON.parse(textOf(answer(scalar))))).toMatchObject({ value: scalar });
});

test("errors carry the type that belongs to their status", () => {
  expect(errorTypeOfStatus(422)).toBe("execution");
  expect(errorTypeOfStatus(413)).toBe("bad_data");
  expect(errorTypeOfStatus(500)).toBe("internal");
  expect(readQueryResponse(JSON.parse(writeErrorAnswer("timeout", "too slow")))).toEqual({
    status: "error",
    errorType: "timeout",
    error: "too slow",
  });
  expect(writeDataAnswer([], { warnings: ["w"] })).toBe(
    '{"status":"success","data":[],"warnings":["w"]}',
  );
});

test("a list is answered in pieces that end behind an item", () => {
  const items = ["a", 'b"', ["__name__", "up", "job", "x"], [], "é"];
  const whole = '["a","b\\"",{"__name__":"up","job":"x"},{},"é"]';
  for (const pieceBytes of [1, 40, 60, 1_000]) {
    const pieces = [...listAnswerPieces(items, { warnings: ["cut"] }, pieceBytes)];
    const text = pieces.map((piece) => new TextDecoder().decode(piece)).join("");
    expect(text).toBe(`{"status":"success","data":${whole},"warnings":["cut"]}`);
    for (const piece of pieces.slice(0, -1))
      expect(piece.length).toBeGreaterThanOrEqual(pieceBytes);
  }
  const [none] = listAnswerPieces([], {}, 1_000);
  expect(new TextDecoder().decode(none)).toBe('{"status":"success","data":[]}');
});

test("an answer of another program is refused with the reason", () => {
  const refuses = (json: unknown) => expect(() => readQueryResponse(json)).toThrow(OpsError);
  refuses("<html>");
  refuses({ status: "ok" });
  refuses({ status: "success" });
  refuses({ status: "success", data: { resultType: "vector", result: [{}] } });
  refuses({ status: "success", data: { resultType: "scalar", result: [1, "x"] } });
  refuses({ status: "success", data: { resultType: "tree", result: [] } });
});

test("histograms are read back with the buckets that were written", () => {
  const random = seededRandom(31);
  for (let round = 0; round < 300; round++) {
    const schema = random.pick([-53, -4, -1, 0, 1, 3, 8]);
    const histogram = randomHistogram(random, schema);
    const element = { labels: [], timeMs: 1_000, value: Number.NaN, histogram };
    const read = readQueryResponse(
      JSON.parse(textOf(answer({ kind: "vector", elements: [element] }))),
    );
    if (read.status !== "success" || read.value.kind !== "vector") expect.fail("no vector");
    const back = read.value.elements[0]?.histogram;
    expect(back && bucketsOf(back)).toEqual(bucketsOf(histogram));
    const histograms = [[1_000, histogram]] as const;
    const series = [
      { labels: [], timesMs: new Float64Array(0), values: new Float64Array(0), histograms },
    ];
    const matrix = readQueryResponse(JSON.parse(textOf(answer({ kind: "matrix", series }))));
    expect(JSON.stringify(matrix)).toContain(`"sum":${histogram.sum}`);
  }
});

function randomHistogram(random: Random, schema: number): NativeHistogram {
  const side = (from: number): HistogramBuckets => {
    const lengths = Array.from({ length: random.below(3) }, () => 1 + random.below(3));
    const total = lengths.reduce((sum, length) => sum + length, 0);
    return {
      spans: lengths.map((length, i) => ({ offset: i === 0 ? from : 1 + random.below(2), length })),
      counts: Float64Array.from({ length: total }, () => random.below(4)),
    };
  };
  const isCustom = schema === -53;
  return {
    isInteger: false,
    resetHint: "unknown",
    schema,
    zeroThreshold: isCustom ? 0 : 0.001,
    zeroCount: isCustom ? 0 : random.below(3),
    count: random.below(100),
    sum: random.below(100) / 4,
    positive: side(isCustom ? 0 : random.below(5)),
    negative: isCustom ? NO_BUCKETS : side(random.below(5)),
    customBounds: isCustom
      ? Float64Array.of(-1, 0.5, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)
      : new Float64Array(0),
  };
}
