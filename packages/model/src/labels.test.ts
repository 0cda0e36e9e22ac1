import { describe, expect, it } from "vitest";
import {
  compareLabels,
  compareText,
  dropLabels,
  formatLabels,
  keepLabels,
  labelsFromPairs,
  labelsKey,
  labelsOf,
  labelsToRecord,
  labelValue,
  withLabels,
} from "./index.ts";

describe("labels", () => {
  it("are sorted, without empty values, the last of a repeated name winning", () => {
    const labels = labelsFromPairs([
      ["job", "ach"],
      ["__name__", "up"],
      ["zone", ""],
      ["job", "irs"],
    ]);
    expect(labels).toEqual(["__name__", "up", "job", "irs"]);
  });

  it("go to a record and back", () => {
    const labels = labelsOf({ a: "1", b: "2" });
    expect(labelsOf(labelsToRecord(labels))).toEqual(labels);
  });

  it("read an absent label as the empty text", () => {
    expect(labelValue(labelsOf({ a: "1" }), "b")).toBe("");
  });

  it("are changed, kept and dropped without touching the original", () => {
    const labels = labelsOf({ a: "1", b: "2", c: "3" });
    expect(withLabels(labels, { a: "", d: "4" })).toEqual(["b", "2", "c", "3", "d", "4"]);
    expect(keepLabels(labels, new Set(["b"]))).toEqual(["b", "2"]);
    expect(dropLabels(labels, new Set(["b"]))).toEqual(["a", "1", "c", "3"]);
    expect(labels).toEqual(["a", "1", "b", "2", "c", "3"]);
  });

  it("may be named like a property that every object has", () => {
    const labels = labelsFromPairs([
      ["__proto__", "1"],
      ["constructor", "2"],
    ]);
    expect(labelsOf(labelsToRecord(labels))).toEqual(["__proto__", "1", "constructor", "2"]);
    expect(withLabels(labels, { a: "3" })).toEqual([
      "__proto__",
      "1",
      "a",
      "3",
      "constructor",
      "2",
    ]);
  });

  it("have a key that no other set shares, whatever the values hold", () => {
    const keys = [
      labelsOf({ a: "1", b: "2" }),
      labelsOf({ a: "11:b", c: "2" }),
      labelsOf({ a: "1", b: "21:c" }),
      labelsOf({ a1: "", a: "1" }),
    ].map(labelsKey);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("sort by code point, where UTF-16 order differs", () => {
    // U+FF5E is one unit above the surrogates of U+1F600, and still the lesser code point.
    expect(compareText("\uff5e", "\u{1f600}")).toBeLessThan(0);
    expect(compareText("\u{1f600}", "\u{1f601}")).toBeLessThan(0);
    expect(compareText("a", "ab")).toBeLessThan(0);
    expect(compareLabels(["a", "1"], ["a", "1", "b", "2"])).toBeLessThan(0);
    expect(compareLabels(["a", "2"], ["a", "1", "b", "2"])).toBeGreaterThan(0);
  });

  it("print as people write selectors", () => {
    expect(formatLabels(labelsOf({ __name__: "up", job: "a" }))).toBe('up{job="a"}');
    expect(formatLabels(labelsOf({ __name__: "up" }))).toBe("up");
    expect(formatLabels(labelsOf({ __name__: "a.b", "c.d": 'x"' }))).toBe('{"a.b", "c.d"="x\\""}');
    expect(formatLabels([])).toBe("{}");
  });
});
