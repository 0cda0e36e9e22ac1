import { matcher } from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { afterEach, describe, expect, it } from "vitest";
import {
  type ExportFormat,
  exportStore,
  importExposition,
  importJsonLines,
  openStoreSink,
} from "../index.ts";
import {
  CONTEXT,
  chunksOf,
  contents,
  EVER,
  makeStore,
  newFolder,
  removeFolders,
} from "../tools.test.tools.ts";

afterEach(removeFolders);

async function exported(folder: string, format: ExportFormat, job?: string) {
  const parts: string[] = [];
  const matcherSets = job
    ? [[matcher("job", "=", job)], [matcher("host", "=", "host-1"), matcher("job", "!=", "")]]
    : [];
  const request = { format, matcherSets, range: EVER };
  const report = await exportStore(folder, CONTEXT, request, async (text) => {
    parts.push(text);
  });
  return { text: parts.join(""), report };
}

async function importText(format: ExportFormat | "text", text: string, into = newFolder()) {
  const sink = await openStoreSink(into, { ...CONTEXT, clock: new FakeClock(2_000_000_000_000) });
  const quiet = () => {};
  const report =
    format === "jsonl"
      ? await importJsonLines(chunksOf(text), sink.append, quiet)
      : await importExposition(chunksOf(text), format, sink.append, quiet);
  await sink.close();
  return { report, into };
}

describe("export and import", () => {
  it("JSON lines bring everything back: values, NaN, staleness, histograms, odd labels", async () => {
    const from = newFolder();
    await makeStore(from);
    const { text, report } = await exported(from, "jsonl");
    expect(report).toMatchObject({ series: 13, leftOutHistograms: 0, leftOutMarkers: 0 });
    const { into, report: taken } = await importText("jsonl", text);
    expect(taken).toMatchObject({ accepted: report.samples, skipped: 0 });
    expect(await contents(into)).toEqual(await contents(from));
  });

  it("OpenMetrics brings all plain samples back, and says what it leaves out", async () => {
    const from = newFolder();
    await makeStore(from);
    const { text, report } = await exported(from, "openmetrics");
    expect(text.endsWith("\n# EOF\n")).toBe(true);
    expect(report).toMatchObject({ series: 12, leftOutHistograms: 10, leftOutMarkers: 2 });
    const { into, report: taken } = await importText("openmetrics", text);
    expect(taken).toMatchObject({ accepted: report.samples, skipped: 0 });
    const whole = await contents(from);
    const plain = Object.fromEntries(
      Object.entries(whole)
        .map(([series, rows]) => [
          series,
          rows.filter((row) => typeof (row as [number, unknown])[1] === "number"),
        ])
        .filter(([, rows]) => rows?.length !== 0),
    );
    expect(await contents(into)).toEqual(plain);
  });

  it("an import that is repeated changes nothing", async () => {
    const from = newFolder();
    await makeStore(from);
    const { text } = await exported(from, "jsonl");
    const { into, report } = await importText("jsonl", text);
    const once = await contents(into);
    const second = await importText("jsonl", text, into);
    expect(second.report.accepted).toBe(report.accepted);
    expect(second.report.rejections.size).toBe(0);
    expect(await contents(into)).toEqual(once);
  });

  it("selectors are joined by or, each series is written once", async () => {
    const from = newFolder();
    await makeStore(from);
    const { text, report } = await exported(from, "jsonl", "a");
    expect(report.series).toBe(5);
    expect(text.match(/"host":"host-1"/g)).toHaveLength(2 - 1);
  });
});

describe("importExposition", () => {
  it("names bad lines by number across pieces, and goes on", async () => {
    const lines = Array.from(
      { length: 60_000 },
      (_, i) => `a_metric{n="${i % 50}"} ${i} ${1e12 + i}`,
    );
    lines[7] = "not a line {";
    lines[59_990] = 'a_metric{n="x"} abc 1000';
    lines[20_000] = 'a_metric{n="x"} 1';
    const { report } = await importText("text", `${lines.join("\n")}\n`);
    expect(report.accepted).toBe(59_997);
    expect(report.skipped).toBe(3);
    const said = report.problems.join("\n");
    expect(said).toContain("line 8:");
    expect(said).toContain("line 59991:");
    expect(said).toContain("1 samples have no time");
  });

  it("knows a histogram's buckets by one spelling of their bounds, in every piece", async () => {
    const head = "# TYPE h histogram\n";
    const early = Array.from({ length: 60_000 }, (_, i) => `x ${i} ${i / 1000}\n`).join("");
    const text = `${head}${early}h_bucket{le="1"} 5 100\nh_bucket{le="1.0"} 6 200\n# EOF\n`;
    const { into } = await importText("openmetrics", text);
    const found = Object.entries(await contents(into)).filter(([key]) => key.includes("h_bucket"));
    expect(found).toHaveLength(1);
    expect(found[0]?.[1]).toEqual([
      [100_000, 5],
      [200_000, 6],
    ]);
  });

  it("tells values that stand against others, and keeps the first", async () => {
    const { report, into } = await importText("text", "a 1 1000\na 2 1000\na 1 2000\n");
    expect(report.rejections.get("duplicate")?.count).toBe(1);
    expect(report.accepted).toBe(2);
    await importText("text", "a 3 1000\n", into);
    expect(Object.values(await contents(into))).toEqual([
      [
        [1_000, 1],
        [2_000, 1],
      ],
    ]);
  });
});

describe("importJsonLines", () => {
  it("takes what VictoriaMetrics exports, and names bad lines", async () => {
    const lines = [
      '{"metric":{"__name__":"a","job":"x"},"values":[1,null,"Infinity"],"timestamps":[1,2,3]}',
      "nothing",
      '{"metric":{"__name__":"a"},"values":[1],"timestamps":[1,2]}',
      '{"metric":{"__name__":"a"},"values":[{"schema":99}],"timestamps":[1]}',
      '{"metric":{"__name__":"b"},"values":["stale"],"timestamps":[5]}',
    ];
    const { report, into } = await importText("jsonl", lines.join("\n"));
    expect(report.accepted).toBe(4);
    expect(report.problems.map((text) => text.split(":")[0])).toEqual([
      "line 2",
      "line 3",
      "line 4",
    ]);
    const found = Object.values(await contents(into));
    expect(found).toContainEqual([
      [1, 1],
      [2, Number.NaN],
      [3, Number.POSITIVE_INFINITY],
    ]);
    expect(found).toContainEqual([[5, "stale"]]);
  });
});
