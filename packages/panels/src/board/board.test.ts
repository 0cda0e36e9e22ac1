import type { Unit } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { Palette } from "../series/look.ts";
import { tableCsv } from "../table/csv.ts";
import { FROM_MS, panel, picture, TO_MS } from "../testing/pictures.ts";
import { readoutAt } from "../timeseries/readout.ts";
import { alertBands } from "./alert-bands.ts";
import { chartTable, legendRows, tableModel } from "./chart-table.ts";
import { limitState } from "./limits.ts";
import { lightsModel, statModel } from "./readout-models.ts";
import { timeseriesModel } from "./timeseries-model.ts";

function context() {
  return { palette: new Palette(), zone: "UTC", nowMs: TO_MS };
}
const flat = (value: number) => () => value;

describe("a chart's model", () => {
  const requestsAndErrors = panel({
    unit: "per-minute",
    queries: [
      { expr: "r", legend: "requests", color: "ok" },
      { expr: "e", legend: "errors", color: "crit" },
    ],
  });

  it("has two lanes for two sizes of thing, and keeps them when the sizes meet", () => {
    const setting = context();
    const apart = [picture([{}, flat(1_240)]), picture([{}, flat(11)])];
    const near = [picture([{}, flat(1_240)]), picture([{}, flat(900)])];
    expect(timeseriesModel(requestsAndErrors, apart, setting).lanes).toHaveLength(2);
    expect(timeseriesModel(requestsAndErrors, near, setting).lanes).toHaveLength(2);
  });

  it("keeps two latencies in one lane", () => {
    const latencies = panel({ unit: "ms", queries: [{ expr: "a" }, { expr: "b" }] });
    const pictures = [picture([{ q: "95" }, flat(2_900)]), picture([{ q: "50" }, flat(210)])];
    expect(timeseriesModel(latencies, pictures, context()).lanes).toHaveLength(1);
  });

  it("has round ticks, from 0 for counts, and says the unit once", () => {
    const [lane] = timeseriesModel(panel(), [picture([{}, (m) => 100 + m * 12])], context()).lanes;
    expect(lane?.axis.ticks.map(({ text }) => text)).toEqual(["0", "250", "500", "750"]);
    const shares = timeseriesModel(
      panel({ unit: "share" }),
      [picture([{}, flat(0.09)])],
      context(),
    );
    expect(shares.unitText).toBe("%");
    expect(shares.lanes[0]?.axis.ticks.map(({ text }) => text)).toEqual(["0", "2.5", "5", "7.5"]);
  });

  it("says where an axis begins that does not begin at 0", () => {
    const model = timeseriesModel(
      panel({ unit: "none" }),
      [picture([{}, (m) => 190 + (m % 20)])],
      context(),
    );
    expect(model.unitText).toBe("from 185");
    expect(model.lanes[0]?.axis.min).toBe(185);
  });

  it("has ticks that differ, with their power of ten, however near or small the values are", () => {
    const drawn = (unit: Unit, ...values: readonly number[]) => {
      const valueAt = (minute: number) => values[minute % values.length] ?? 0;
      const model = timeseriesModel(panel({ unit }), [picture([{}, valueAt])], context());
      return [model.unitText, ...(model.lanes[0]?.axis.ticks.map(({ text }) => text) ?? [])];
    };
    expect(drawn("none", 0, 271e9)).toEqual(["", "0", "100 G", "200 G"]);
    expect(drawn("per-minute", 0, 2e6).slice(0, 3)).toEqual(["per minute", "0", "0.5 M"]);
    expect(drawn("bytes", 0, 3e9).slice(0, 3)).toEqual(["GiB", "0", "1"]);
    expect(drawn("none", 1.795e9, 1.7951e9).slice(0, 3)).toEqual([
      "from 1,794.975 M",
      "1,794.975 M",
      "1,795 M",
    ]);
    expect(drawn("none", 1_795_000_000, 1_795_000_030).slice(1, 3)).toEqual([
      "1,794,999,990",
      "1,795,000,000",
    ]);
    expect(drawn("none", 0, 1.2e-9)).toEqual(["", "0", "5e-10", "1e-9"]);
    expect(drawn("count", 0, 0.4).slice(1, 4)).toEqual(["0", "0.1", "0.2"]);
    const bytes = drawn("bytes", 1e13, 1e13 + 10);
    expect(bytes.length).toBeLessThan(8);
    expect(new Set(bytes).size).toBe(bytes.length);
  });

  it("shows moments as date and time, in words and on the axis", () => {
    const start = Date.UTC(2026, 10, 17, 9, 32, 7) / 1000;
    const started = panel({ title: "Started", unit: "timestamp" });
    const pictures = [picture([{}, flat(start)])];
    const berlin = { ...context(), zone: "Europe/Berlin" };
    const model = timeseriesModel(started, pictures, berlin);
    const text = "17 Nov 2026 10:32:07 Berlin";
    expect(model.sentence).toContain(text);
    expect(legendRows(model)[0]?.most.text).toBe(text);
    expect(model.unitText).toBe("17 Nov, Berlin");
    expect(model.lanes[0]?.axis.ticks.map((tick) => tick.text)).toContain("10:30");
    expect(statModel(started, pictures, berlin).value.text).toBe(text);
  });

  it("sorts its legend by the values, whatever their unit", () => {
    const pictures = [picture([{ q: "a" }, flat(271e9)], [{ q: "b" }, flat(800)])];
    const rows = legendRows(timeseriesModel(panel({ unit: "none" }), pictures, context()));
    expect(rows.map(({ last }) => last.text)).toEqual(["271 G", "800"]);
    expect(rows.map(({ figures }) => figures?.last)).toEqual([271e9, 800]);
  });

  it("bundles all but the eight highest", () => {
    const many = Array.from(
      { length: 22 },
      (_, i) => [{ instance: `node-${i}` }, flat(i)] as [Record<string, string>, () => number],
    );
    const model = timeseriesModel(
      panel({ queries: [{ expr: "x" }] }),
      [picture(...many)],
      context(),
    );
    const named = model.lanes[0]?.series.filter(({ bundled }) => !bundled) ?? [];
    expect(model.bundled).toBe(14);
    expect(named.map(({ name }) => name)).toContain("node-21");
    expect(named.map(({ name }) => name)).not.toContain("node-13");
  });

  it("says why it is empty, but not before an answer came", () => {
    const queue = panel({ queries: [{ expr: 'queue_depth{job="ach"}' }] });
    expect(timeseriesModel(queue, [picture()], context()).emptyText).toContain("queue_depth");
    expect(timeseriesModel(queue, [undefined], context()).emptyText).toBe("");
    const limited = panel({ queries: [{ expr: 'rate(queue_depth{job=~"a|>"}[5m]) > 1e9' }] });
    expect(timeseriesModel(limited, [picture()], context()).emptyText).toContain("never true");
    const exact = panel({ queries: [{ expr: 'rate(queue_depth{job!="a and b"}[5m])' }] });
    expect(timeseriesModel(exact, [picture()], context()).emptyText).toContain("queue_depth");
  });

  it("says nothing of what was not answered", () => {
    expect(timeseriesModel(panel(), [undefined], context()).sentence).toBe("");
    expect(timeseriesModel(panel(), [picture()], context()).sentence).toContain("No data");
  });

  it("says NaN and infinite values, and that they can't be drawn", () => {
    const shown = (...values: readonly number[]) => {
      const one = picture([{}, flat(1)]);
      one.series[0]?.values.fill(values[0] ?? 1, 30);
      one.series[0]?.values.fill(values[1] ?? values[0] ?? 1, 0, 30);
      return timeseriesModel(panel({ queries: [{ expr: "x" }] }), [one], context());
    };
    for (const [value, text] of [
      [Number.NaN, "NaN"],
      [Number.POSITIVE_INFINITY, "+Inf"],
      [Number.NEGATIVE_INFINITY, "-Inf"],
    ] as const) {
      const model = shown(value);
      expect(model.sentence).toBe(`Value is ${text}.`);
      expect(model.emptyText).toContain("every value is NaN or infinite");
      const [row] = legendRows(model, TO_MS);
      expect([row?.at?.text, row?.last.text, row?.least.text, row?.mean.text]).toEqual(
        Array(4).fill(text),
      );
      expect(chartTable(model).rows[0]?.cells[1]?.text).toBe(text);
      expect(tableCsv(chartTable(model))).toContain(`UTC,${String(value)}\r\n`);
      expect(readoutAt(model, TO_MS).rows[0]?.text).toBe(text);
    }
    const half = shown(Number.NaN, 5);
    expect(half.emptyText).toBe("");
    expect(half.sentence).toBe("Value is steady at 5; NaN since 14:01.");
    expect(legendRows(half)[0]).toMatchObject({ last: { text: "NaN" }, most: { text: "5" } });
  });

  it("becomes a table, newest first, and a legend", () => {
    const shares = panel({ unit: "share" });
    const model = timeseriesModel(shares, [picture([{}, (m) => m / 1_000])], context());
    const table = chartTable(model);
    expect(table.rows[0]?.cells.map(({ text }) => text)).toEqual([
      "Tue 17 Nov 14:32:00 UTC",
      "6.0 %",
    ]);
    expect(tableCsv(table).split("\r\n")[1]).toBe("Tue 17 Nov 14:32:00 UTC,0.06");
    const [row] = legendRows(model, FROM_MS + 30 * 60_000);
    expect([row?.at?.text, row?.last.text, row?.least.text, row?.mean.text]).toEqual([
      "3 %",
      "6 %",
      "0 %",
      "3 %",
    ]);
  });
});

describe("readouts", () => {
  const queue = panel({
    title: "queue_depth",
    limits: [
      { value: 300, state: "warn" },
      { value: 500, state: "crit" },
    ],
  });

  it("wear the worst state that the value breaks, and say since when", () => {
    const stat = statModel(queue, [picture([{}, (m) => (m < 47 ? 100 : 742)])], { zone: "UTC" });
    expect(stat).toMatchObject({
      state: "crit",
      stateWord: "Critical",
      note: "Over 500 for 13 min.",
    });
    expect(stat.value.text).toBe("742");
    expect(stat.spark.state).toBe("crit");
  });

  it("are without data when the series ended, never OK", () => {
    const ended = picture([{}, (m) => (m < 40 ? 100 : Number.NaN)]);
    expect(statModel(queue, [ended], { zone: "UTC" })).toMatchObject({ state: "none" });
    expect(statModel(queue, [undefined], { zone: "UTC" }).value.number).toBe("–");
    expect(limitState(undefined, queue.limits)).toBe("none");
  });

  it("list lights worst first, and name the bad ones", () => {
    const lights = lightsModel(panel({ ...queue, queries: [{ expr: "x", legend: "{{q}}" }] }), [
      picture([{ q: "printers" }, flat(4)], [{ q: "ach" }, flat(600)], [{ q: "line" }, flat(400)]),
    ]);
    expect(lights.lights.map(({ name, stateWord }) => `${name} ${stateWord}`)).toEqual([
      "ach Critical",
      "line Warning",
      "printers OK",
    ]);
    expect(lights.sentence).toBe("Critical: ach. Warning: line.");
  });
});

it("draws an alert's states as bands", () => {
  const bands = alertBands(
    picture(
      [{ alertstate: "pending" }, (m) => (m >= 32 && m < 34 ? 1 : Number.NaN)],
      [{ alertstate: "firing" }, (m) => (m >= 34 ? 1 : Number.NaN)],
    ),
  );
  expect(bands.map(({ kind, fromMs, toMs }) => [kind, (toMs - fromMs) / 60_000])).toEqual([
    ["pending", 2],
    ["firing", 27],
  ]);
});

it("makes a table of an instant vector, one column a label", () => {
  const answer = {
    value: {
      kind: "vector" as const,
      elements: [
        { labels: ["__name__", "up", "job", "ach"], timeMs: TO_MS, value: 1 },
        { labels: ["__name__", "up", "job", "a2a"], timeMs: TO_MS, value: 0 },
      ],
    },
    warnings: [],
    infos: [],
  };
  const table = tableModel(panel({ queries: [{ expr: "up" }] }), [answer], "UTC");
  expect(table.columns.map(({ name }) => name)).toEqual(["Metric", "job", "Value"]);
  expect(table.rows[1]?.cells.map(({ text }) => text)).toEqual(["up", "a2a", "0"]);
});

it("keeps a spreadsheet from running what a label says", () => {
  const csv = tableCsv({
    caption: "",
    more: "",
    columns: [{ name: "a", kind: "text", unit: "" }],
    rows: [{ key: "1", cells: [{ text: '=1+"1"', sort: "" }] }],
  });
  expect(csv.split("\r\n")[1]).toBe(`"'=1+""1"""`);
});
