import { expect, it } from "vitest";
import { noRowsText } from "./words.ts";

it("says why an answer that is no vector has no table", () => {
  expect(noRowsText({ kind: "matrix", series: [] })).toContain("write a function around it");
  expect(noRowsText({ kind: "string", timeMs: 0, value: "a" })).toContain("no number");
  expect(noRowsText({ kind: "vector", elements: [] })).toBeUndefined();
  expect(noRowsText({ kind: "scalar", timeMs: 0, value: 1 })).toBeUndefined();
});
