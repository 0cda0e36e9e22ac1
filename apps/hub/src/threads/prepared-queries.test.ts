import { languageFeatures } from "@hms-ops/query";
import { expect, it } from "vitest";
import { PREPARED_QUERIES_MAX, PREPARED_QUERY_CHARS_MAX } from "../limits.ts";
import { PreparedQueries } from "./prepared-queries.ts";

const open = () => new PreparedQueries(languageFeatures([]));

it("a query that was read is not read again, one that cannot be read tells why each time", () => {
  const queries = open();
  expect(queries.prepare("sum(up)")).toBe(queries.prepare("sum(up)"));
  expect(queries.prepare("sum(up)").query?.text).toBe("sum(up)");
  expect(queries.prepare("sum(").diagnostics).not.toEqual([]);
  expect(queries.prepare("sum(")).toEqual(queries.prepare("sum("));
  expect(queries.prepare("sum(")).not.toBe(queries.prepare("sum("));
});

it("those that were not asked for longest are forgotten, and long ones at once", () => {
  const queries = open();
  const first = queries.prepare("up");
  const second = queries.prepare("down");
  for (let i = 0; i < PREPARED_QUERIES_MAX - 1; i++) {
    expect(queries.prepare("up")).toBe(first);
    queries.prepare(`metric_${i}`);
  }
  expect(queries.prepare("up")).toBe(first);
  expect(queries.prepare("down")).not.toBe(second);
  const long = `up{job="${"a".repeat(PREPARED_QUERY_CHARS_MAX)}"}`;
  expect(queries.prepare(long)).not.toBe(queries.prepare(long));
});
