import type { Unit } from "@hms-ops/model";
import { describe, expect, it } from "vitest";
import {
  formatDifference,
  formatLimit,
  formatTogether,
  formatValue,
  MISSING_NUMBER,
} from "./format.ts";
import { axisScaleOf, scaleOf, unitWords } from "./units.ts";

describe("one number", () => {
  function shows(value: number, unit: Unit, text: string) {
    it(`writes ${value} of ${unit} as ${text}`, () => {
      expect(formatValue(value, unit).text).toBe(text);
    });
  }
  shows(0, "count", "0");
  shows(742, "count", "742");
  shows(1_240, "count", "1,240");
  shows(48_212, "count", "48,212");
  shows(1_234_567, "count", "1.23 M");
  shows(-3.2, "count", "−3.2");
  shows(0.078, "share", "7.8 %");
  shows(0.004, "share", "0.4 %");
  shows(0.0011, "share", "0.11 %");
  shows(0.9995, "share", "99.95 %");
  shows(0.00004, "share", "0.004 %");
  shows(0.000012345, "none", "0.0000123");
  shows(0.0015, "none", "0.0015");
  shows(-1.2345e-9, "none", "−1.23e-9");
  shows(0.00004, "per-second", "0.00004/s");
  shows(41, "percent", "41 %");
  shows(92.3, "ms", "92 ms");
  shows(999.6, "ms", "1.00 s");
  shows(2_900, "ms", "2.90 s");
  shows(119_000, "ms", "119 s");
  shows(150_000, "ms", "2.5 min");
  shows(0.2, "seconds", "200 ms");
  shows(1.29e9, "bytes", "1.2 GiB");
  shows(2_048, "bytes", "2 KiB");
  shows(1_240, "per-minute", "1,240/min");
  shows(1.3e6, "bytes-per-second", "1.24 MiB/s");
  shows(412_300, "usd", "$412,300");
  shows(3.2, "usd", "$3.20");
  shows(0.05, "usd", "$0.05");
  shows(1, "bool", "yes");
  shows(Number.POSITIVE_INFINITY, "ms", "+Inf");
  shows(Number.NEGATIVE_INFINITY, "bool", "-Inf");
  shows(Number.NaN, "share", "NaN");

  it("never shows a missing number as 0", () => {
    expect(formatValue(undefined, "ms")).toEqual(MISSING_NUMBER);
  });

  it("leaves the zeros away where somebody set a round limit", () => {
    expect(formatLimit(2_000, "ms")).toBe("2 s");
    expect(formatLimit(0.05, "share")).toBe("5 %");
  });
});

describe("numbers that stand together", () => {
  it("share one unit and their decimals", () => {
    const texts = formatTogether([0.0844, 0.0044, undefined, 0.001], "share").map((n) => n.text);
    expect(texts).toEqual(["8.44 %", "0.44 %", "no data", "0.10 %"]);
  });

  it("drop the decimals that none of them needs", () => {
    const texts = formatTogether([0.2, 1.9, 0.4], "seconds").map((n) => n.text);
    expect(texts).toEqual(["0.2 s", "1.9 s", "0.4 s"]);
  });

  it("keep three digits where all are small; only 0 is written as 0", () => {
    const texts = (values: readonly number[], unit: Unit) =>
      formatTogether(values, unit).map((n) => n.text);
    expect(texts([0.000012345, 0.00002, 0], "none")).toEqual([
      "0.0000123",
      "0.0000200",
      "0.0000000",
    ]);
    expect(texts([0.00004, 0.00004], "share")).toEqual(["0.004 %", "0.004 %"]);
    expect(texts([1.2345e-9, 0], "none")).toEqual(["1.23e-9", "0"]);
    expect(texts([271e9, 0.00004, 0], "none")).toEqual(["271 G", "0.00004", "0 G"]);
  });
});

it("writes a difference of shares in points, with its sign", () => {
  expect(formatDifference(0.069, "share")).toBe("+ 6.9 points");
  expect(formatDifference(-12, "ms")).toBe("− 12 ms");
});

it("says beside the title what the axis counts in", () => {
  expect(unitWords("per-minute")).toBe("per minute");
  expect(unitWords("bytes", scaleOf("bytes", 3e9))).toBe("GiB");
  expect(unitWords("ms", axisScaleOf("ms", 3_000))).toBe("ms");
  expect(unitWords("ms", axisScaleOf("ms", 30_000))).toBe("s");
});
