import { labelsOf } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import { FROM_MS, picture, STEP_MS, TO_MS } from "../testing/pictures.ts";
import { legendText, nameSeries } from "./legend.ts";
import { Palette } from "./look.ts";
import { computeSentence, type SentenceLane } from "./sentence.ts";

describe("the sentence under a chart", () => {
  const setting = { range: { fromMs: FROM_MS, toMs: TO_MS }, stepMs: STEP_MS, zone: "UTC" };
  function lane(
    series: Readonly<Record<string, (minute: number) => number>>,
    limit?: number,
  ): SentenceLane {
    const named = Object.entries(series).map(([name, valueAt]) => {
      const [found] = picture([{ name }, valueAt]).series;
      return { key: name, name, timesMs: found!.timesMs, values: found!.values };
    });
    return { series: named, limits: limit === undefined ? [] : [{ value: limit, bad: "above" }] };
  }
  const step = (before: number, after: number) => (minute: number) =>
    minute < 31 ? before : after;

  it("says what rose, from, to, when, and the limit", () => {
    const p95 = (minute: number) => (minute < 31 ? 0.2 : minute < 50 ? 1.9 : 0.4);
    const { text, about } = computeSentence({
      ...setting,
      unit: "seconds",
      lanes: [lane({ p95 }, 0.5)],
    });
    expect(text).toBe("p95 rose from 0.2 s to 1.9 s at 14:03; now 0.4 s; limit 500 ms.");
    expect(about).toBe("p95");
  });

  it("says that the limit is broken, and that the others stay below", () => {
    const lanes = [lane({ ach: step(0.009, 0.078), a2a: () => 0.004, dta: () => 0.012 }, 0.05)];
    expect(computeSentence({ ...setting, unit: "share", lanes }).text).toBe(
      "Ach rose from 0.9 % to 7.8 % at 14:03; above the limit of 5 %. Two others stay below 1.2 %.",
    );
  });

  it("speaks of the lane in which something moved", () => {
    const lanes = [lane({ requests: () => 1_390 }), lane({ errors: step(11, 97) })];
    expect(computeSentence({ ...setting, unit: "per-minute", lanes }).text).toBe(
      "Errors rose from 11/min to 97/min at 14:03.",
    );
  });

  it("does not call a wobble a move", () => {
    const lanes = [lane({ depth: (minute) => 118 + 6 * Math.sin(minute) })];
    expect(computeSentence({ ...setting, unit: "count", lanes }).text).toMatch(
      /^Depth moves between 112 and 124; now \d+\.$/,
    );
  });

  it("says what several lines are that have no finite value", () => {
    const lines = (...values: readonly number[]) => {
      const one = lane(Object.fromEntries(values.map((_, i) => [`x${i}`, () => 1])));
      for (const [i, value] of values.entries()) one.series[i]?.values.fill(value);
      return computeSentence({ ...setting, unit: "count", lanes: [one] }).text;
    };
    expect(lines(Number.NaN, Number.NaN, Number.NaN)).toBe("All 3 series are NaN.");
    expect(lines(Number.NaN, -1 / 0)).toBe("Both series are NaN or infinite.");
    expect(lines(Number.NaN, 7)).toBe("x1 is steady at 7.");
  });

  it("speaks of what does not move in every zone", () => {
    const lanes = [lane({ depth: () => 118 })];
    const zone = "Europe/Berlin";
    expect(computeSentence({ ...setting, zone, unit: "count", lanes }).text).toBe(
      "Depth is steady at 118.",
    );
  });

  it("says since when there is no data", () => {
    const beat = (minute: number) => (minute <= 42 ? 1 : Number.NaN);
    expect(computeSentence({ ...setting, unit: "count", lanes: [lane({ beat })] }).text).toBe(
      "Beat is steady at 1; no data since 14:14.",
    );
    expect(computeSentence({ ...setting, unit: "count", lanes: [] }).text).toBe(
      "No data in this time range.",
    );
  });
});

describe("names of series", () => {
  const sets = [
    labelsOf({ __name__: "up", job: "ach", zone: "a" }),
    labelsOf({ __name__: "up", job: "a2a", zone: "a" }),
  ];

  it("follow the legend, without holes", () => {
    expect(legendText(sets[0]!, "{{job}} at {{ nowhere }}")).toBe("ach at");
  });

  it("are what tells them apart when there is no legend", () => {
    expect(nameSeries(sets, undefined)).toEqual(["ach", "a2a"]);
    expect(nameSeries(sets.slice(0, 1), undefined)).toEqual(['up{job="ach", zone="a"}']);
    expect(nameSeries([[]], undefined)).toEqual(["value"]);
  });
});

describe("the looks of a page", () => {
  const looks = (palette: Palette, ...names: string[]) =>
    palette.looksOf(names.map((name) => ({ name })));

  it("stay with their names from panel to panel", () => {
    const palette = new Palette();
    const [ach, a2a] = looks(palette, "ach", "a2a");
    expect([ach?.color, a2a?.color]).toEqual(["s1", "s2"]);
    expect(looks(palette, "dta", "a2a", "ach")[2]).toEqual(ach);
    expect(looks(palette, "dta", "a2a", "ach")[1]).toEqual(a2a);
  });

  it("never give two series of a panel the same one", () => {
    const palette = new Palette();
    looks(palette, "p95");
    looks(palette, "waiting");
    const colors = looks(palette, "p95", "waiting").map(({ color }) => color);
    expect(new Set(colors).size).toBe(2);
  });

  it("keep dash and marker unlike where a board asks for status colours", () => {
    const [ok, crit] = new Palette().looksOf([
      { name: "requests", color: "ok" },
      { name: "errors", color: "crit" },
    ]);
    expect([ok?.color, crit?.color]).toEqual(["ok", "crit"]);
    expect(ok?.dash).not.toEqual(crit?.dash);
    expect(ok?.marker).not.toBe(crit?.marker);
  });
});
