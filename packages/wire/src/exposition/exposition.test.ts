import {
  formatLabels,
  labelsOf,
  type MetricMetadata,
  NEW_SERIES_BASE,
  SampleBatchBuilder,
  type SeriesResolver,
  seededRandom,
  UNKNOWN_SERIES,
} from "@hms-ops/model";
import { expect, test } from "vitest";
import {
  DROPPED_SERIES,
  type ExpositionReadOptions,
  type MetricFamily,
  readExposition,
  writeExposition,
} from "./index.ts";

const NOW_MS = 1_700_000_000_000;
const KNOWS_NOTHING: SeriesResolver = { find: () => UNKNOWN_SERIES };

function read(body: string | Uint8Array, options: Partial<ExpositionReadOptions> = {}) {
  const builder = new SampleBatchBuilder("test");
  const metadata = new Map<string, MetricMetadata>();
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const report = readExposition(bytes, {
    builder,
    resolver: KNOWS_NOTHING,
    defaultTimeMs: NOW_MS,
    honorTimestamps: true,
    labelsOf: (labels) => labels,
    onMetadata: (family, entry) => metadata.set(family, entry),
    ...options,
  });
  const batch = builder.build();
  const rows = Array.from(batch.ids, (id, row) => {
    const labels = batch.newSeries[id - NEW_SERIES_BASE]?.labels;
    const time = batch.timesMs[row] === NOW_MS ? "" : ` @${batch.timesMs[row]}`;
    return `${labels ? formatLabels(labels) : id} = ${batch.values[row]}${time}`;
  });
  return { report, rows, metadata, problems: report.problems.map(({ message }) => message), batch };
}

test("the example of the format's documentation is read to the letter", () => {
  const { rows, report, metadata } = read(
    [
      "# HELP http_requests_total The total number of HTTP requests.",
      "# TYPE http_requests_total counter",
      'http_requests_total{method="post",code="200"} 1027 1395066363000',
      'http_requests_total{method="post",code="400"}    3 1395066363000',
      "# Escaping in label values:",
      'msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9',
      "metric_without_timestamp_and_labels 12.47",
      'something_weird{problem="division by zero"} +Inf -3982045',
      "",
      "# TYPE rpc_duration_seconds summary",
      'rpc_duration_seconds{quantile="0.01"} 3102',
      "rpc_duration_seconds_sum 1.7560473e+07",
    ].join("\n"),
  );
  expect(report).toMatchObject({ format: "text", samples: 7, skippedLines: 0, complete: true });
  expect(report.explicitTimes).toBe(3);
  expect(rows).toEqual([
    'http_requests_total{code="200", method="post"} = 1027 @1395066363000',
    'http_requests_total{code="400", method="post"} = 3 @1395066363000',
    'msdos_file_access_time_seconds{error="Cannot find file:\\n\\"FILE.TXT\\"", path="C:\\\\DIR\\\\FILE.TXT"} = 1458255915',
    "metric_without_timestamp_and_labels = 12.47",
    'something_weird{problem="division by zero"} = Infinity @-3982045',
    'rpc_duration_seconds{quantile="0.01"} = 3102',
    "rpc_duration_seconds_sum = 17560473",
  ]);
  expect(metadata.get("http_requests_total")).toEqual({
    type: "counter",
    help: "The total number of HTTP requests.",
    unit: "",
  });
});

test("OpenMetrics: seconds as times, exemplars read past, UNIT, the end mark", () => {
  const { rows, report, metadata } = read(
    [
      "# TYPE foo_seconds counter",
      "# UNIT foo_seconds seconds",
      '# HELP foo_seconds Says \\"hello\\".',
      'foo_seconds_total{a="b # {"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67',
      "foo_seconds_created 1520430000.123",
      'foo_bucket{le="10"} 17 # {trace_id="x} y"} 9.8 1520879607.789',
      "# EOF",
      "",
    ].join("\n"),
  );
  expect(report).toMatchObject({ format: "openmetrics", skippedLines: 0, complete: true });
  expect(rows).toEqual([
    'foo_seconds_total{a="b # {"} = 17 @1520879607789',
    "foo_seconds_created = 1520430000.123",
    'foo_bucket{le="10"} = 17',
  ]);
  expect(metadata.get("foo_seconds")).toEqual({
    type: "counter",
    help: 'Says "hello".',
    unit: "seconds",
  });
});

test("an OpenMetrics body without its end was cut short; lines behind the end do not count", () => {
  expect(read("a 1\n", { format: "openmetrics" }).report.complete).toBe(false);
  const { report, rows } = read("a 1\n# EOF\nb 2\n", { format: "openmetrics" });
  expect(rows).toEqual(["a = 1"]);
  expect(report.problems).toEqual([
    { line: 3, reason: "after-end", message: "a line stands behind # EOF" },
  ]);
});

test("names in UTF-8 stand in quotes; bare dotted ones are understood", () => {
  const { rows, report, metadata } = read(
    [
      '# TYPE "finance.api ms" gauge',
      '{"finance.api ms", "zone é"="a"} 1',
      "finance.api_ms 2",
      '{__name__="plain",a="b",} 3',
    ].join("\n"),
  );
  expect(report.skippedLines).toBe(0);
  expect(rows).toEqual([
    '{"finance.api ms", "zone é"="a"} = 1',
    '{"finance.api_ms"} = 2',
    'plain{a="b"} = 3',
  ]);
  expect(metadata.get("finance.api ms")?.type).toBe("gauge");
});

test("blanks, tabs, empty labels, trailing commas, CRLF, a BOM and no last line break", () => {
  const { rows, report } = read('\ufeffa 1\r\n\r\n\t b \t{ x = "1" , e="" , }\t2  \r\nc{} -.5e1');
  expect(report.skippedLines).toBe(0);
  expect(rows).toEqual(["a = 1", 'b{x="1"} = 2', "c = -5"]);
});

test("bad lines are counted with line and reason, good ones are kept", () => {
  const lines: [string, string, string][] = [
    ["latency_ms [12.5, 13.0]", "value", "latency_ms: [12.5, 13.0] is not a number"],
    ["x None", "value", "x: None is not a number"],
    ["x 1,5", "value", "x: 1,5 is not a number"],
    ["x", "value", "x has no value"],
    ["x 0x1p-2", "value", "x: 0x1p-2 is not a number"],
    ["x 1_000", "value", "x: 1_000 is not a number"],
    ["x +nan", "value", "x: +nan is not a number"],
    ["x 1 12.5", "timestamp", "x: 12.5 is not a time"],
    ["x 1 soon", "timestamp", "x: soon is not a time"],
    ["x 1 12 13", "trailing", "x: 13 does not belong there"],
    ["x 1 # note", "trailing", "x: # note does not belong there"],
    ['x{a="1" 1', "labels", 'x{a="1" 1: the label block has no closing }'],
    ['x{a="1" b="2"} 1', "labels", "x: a comma or } is missing between labels"],
    ['x{a="1",a="2"} 1', "labels", "x: the label a stands twice"],
    ["x{a=1} 1", "labels", "x: the value of a is not quoted"],
    ['x{a="1","y"} 1', "labels", "x: the label y has no value"],
    ['{a="1"} 1', "name", '{a="1"} does not begin with a metric name'],
    ["9x 1", "name", "9x does not begin with a metric name"],
    ["a\0b 1", "name", "a does not begin with a metric name"],
    ["# TYPE x rainbow", "metadata", "the type of x, rainbow, is not known"],
    ["# HELP", "metadata", "# HELP names no metric"],
  ];
  for (const [line, reason, message] of lines) {
    const { report, rows } = read(`good 1\n${line}\nlast 2`);
    expect(rows).toEqual(["good = 1", "last = 2"]);
    expect(report.problems).toHaveLength(1);
    expect(report.problems[0]).toMatchObject({ line: 2, reason });
    if (!line.includes("\0")) expect(report.problems[0]?.message).toBe(message);
  }
});

test("all problems are counted, ten are described", () => {
  const { report } = read("bad\n".repeat(500));
  expect(report.skippedLines).toBe(500);
  expect(report.reasons.get("value")).toBe(500);
  expect(report.problems).toHaveLength(10);
});

test("bytes that are not UTF-8 cost only their line", () => {
  const body = new TextEncoder().encode('a 1\nb{x="?"} 2\nc 3');
  body[body.indexOf(0x3f)] = 0xff;
  const { rows, report } = read(body);
  expect(rows).toEqual(["a = 1", "c = 3"]);
  expect(report.problems[0]).toMatchObject({ line: 2, reason: "encoding" });
});

test("a label set of 10,000 labels is refused and the metric is named", () => {
  const labels = Array.from({ length: 10_000 }, (_, i) => `l${i}="x"`).join(",");
  const { problems, rows } = read(`flood_total{${labels}} 1\nok 1`);
  expect(rows).toEqual(["ok = 1"]);
  expect(problems).toEqual(["flood_total has 10001 labels; at most 128 are allowed"]);
  expect(read(`x{a="${"v".repeat(9_000)}"} 1`).problems[0]).toContain("longer than 8192 bytes");
  expect(read(`x{${"n".repeat(2_000)}="v"} 1`).problems[0]).toContain("longer than 1024 bytes");
});

test("bucket bounds and quantiles get one spelling where their type is known", () => {
  const { rows } = read(
    [
      "# TYPE h histogram",
      'h_bucket{le="1"} 1',
      'h_bucket{le="1000000"} 1',
      'h_bucket{le="0.00001"} 1',
      'h_bucket{le="+Inf"} 1',
      "# TYPE s summary",
      's{quantile="0"} 1',
      'loose_bucket{le="1"} 1',
    ].join("\n"),
  );
  expect(rows).toEqual([
    'h_bucket{le="1.0"} = 1',
    'h_bucket{le="1e+06"} = 1',
    'h_bucket{le="1e-05"} = 1',
    'h_bucket{le="+Inf"} = 1',
    's{quantile="0.0"} = 1',
    'loose_bucket{le="1"} = 1',
  ]);
});

test("known raw label bytes declare nothing; dropped ones are counted and not added", () => {
  const resolver: SeriesResolver = {
    find: (bytes, start, end) => {
      const text = new TextDecoder().decode(bytes.subarray(start, end));
      if (text === 'a{x="1"}') return 7;
      return text === "noise" ? DROPPED_SERIES : UNKNOWN_SERIES;
    },
  };
  const { rows, report } = read('a{x="1"} 5\nnoise 1\nb 6\n', {
    resolver,
    labelsOf: (labels) => (labels.includes("b") ? undefined : labels),
  });
  expect(rows).toEqual(["7 = 5"]);
  expect(report).toMatchObject({ samples: 3, kept: 1 });
});

test("what is declared outlives the bytes that were read", () => {
  const body = Buffer.from('a{b="c"} 1\n');
  const { batch } = read(body);
  body.fill(0);
  expect(batch.newSeries.map(({ rawKey }) => String(rawKey && Buffer.from(rawKey)))).toEqual([
    'a{b="c"}',
  ]);
});

test("times of their own are passed over when they are not to be honoured", () => {
  const { rows, report } = read("a 1 5\n", { honorTimestamps: false });
  expect(rows).toEqual(["a = 1"]);
  expect(report.explicitTimes).toBe(0);
});

test("numbers are read as JavaScript reads them, to the last bit", () => {
  const random = seededRandom(31);
  const texts = ["0", "-0", "1.", ".5", "1e22", "1e23", "9007199254740993", "4.9e-324", "1e-400"];
  for (let i = 0; i < 5_000; i++) {
    const digits = String(random.next()).slice(2, 3 + random.below(17));
    const point = random.below(digits.length + 1);
    const exponent = random.below(3) === 0 ? `e${random.below(60) - 30}` : "";
    texts.push(`${digits.slice(0, point)}.${digits.slice(point)}${exponent}`);
    texts.push(String((random.next() - 0.5) * 10 ** (random.below(600) - 300)));
  }
  const { batch } = read(texts.map((text) => `x ${text}`).join("\n"));
  expect(batch.count).toBe(texts.length);
  for (const [i, text] of texts.entries()) expect(batch.values[i]).toBe(Number(text));
});

test("bytes of chance never make the reader fail", () => {
  const random = seededRandom(5);
  const seed = new TextEncoder().encode('a{x="1",y="\\"z"} 1.5 12 # {a="b"} 1\n# TYPE a counter\n');
  for (let round = 0; round < 3_000; round++) {
    const bytes = Uint8Array.from(seed);
    for (let flip = 0; flip < 4; flip++) bytes[random.below(bytes.length)] = random.below(256);
    const { report } = read(bytes);
    expect(report.samples + report.skippedLines).toBeLessThan(60);
  }
});

const FAMILIES: readonly MetricFamily[] = [
  {
    name: "requests_total",
    type: "counter",
    help: 'Says "hi"\nand \\ more.',
    unit: "",
    samples: [
      { labels: labelsOf({ __name__: "requests_total", path: 'a"\\\n' }), value: 1e21 },
      { labels: labelsOf({ __name__: "requests_total" }), value: 0.1, timeMs: 1_500 },
    ],
  },
  {
    name: "finance.api_ms",
    type: "unknown",
    help: "",
    unit: "ms",
    samples: [
      { labels: labelsOf({ __name__: "finance.api_ms", "zone é": "x" }), value: Number.NaN },
      { labels: labelsOf({ __name__: "finance.api_ms" }), value: Number.POSITIVE_INFINITY },
    ],
  },
];

test("families are written as text 0.0.4 and as OpenMetrics", () => {
  expect(writeExposition(FAMILIES)).toBe(
    [
      '# HELP requests_total Says "hi"\\nand \\\\ more.',
      "# TYPE requests_total counter",
      'requests_total{path="a\\"\\\\\\n"} 1e+21',
      "requests_total 0.1 1500",
      '# TYPE "finance.api_ms" untyped',
      '{"finance.api_ms","zone é"="x"} NaN',
      '{"finance.api_ms"} +Inf',
      "",
    ].join("\n"),
  );
  expect(writeExposition(FAMILIES, "openmetrics")).toBe(
    [
      "# TYPE requests counter",
      '# HELP requests Says \\"hi\\"\\nand \\\\ more.',
      'requests_total{path="a\\"\\\\\\n"} 1e+21',
      "requests_total 0.1 1.5",
      '# TYPE "finance.api_ms" unknown',
      '# UNIT "finance.api_ms" ms',
      '{"finance.api_ms","zone é"="x"} NaN',
      '{"finance.api_ms"} +Inf',
      "# EOF",
      "",
    ].join("\n"),
  );
});

test("what is written is read back, in both formats", () => {
  for (const format of ["text", "openmetrics"] as const) {
    const { batch, report, metadata } = read(writeExposition(FAMILIES, format));
    expect(report).toMatchObject({ format, samples: 4, skippedLines: 0, complete: true });
    expect(batch.newSeries.map(({ labels }) => labels)).toEqual(
      FAMILIES.flatMap(({ samples }) => samples.map(({ labels }) => labels)),
    );
    expect([...batch.values]).toEqual([1e21, 0.1, Number.NaN, Number.POSITIVE_INFINITY]);
    expect([...batch.timesMs]).toEqual([NOW_MS, 1_500, NOW_MS, NOW_MS]);
    expect([...metadata.values()][0]?.help).toBe('Says "hi"\nand \\ more.');
  }
});
