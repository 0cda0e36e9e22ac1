import { parsePromql } from "@hms-ops/query";
import { expect, test } from "vitest";
import { queryAddress } from "./asking.ts";
import { timesOf, titleOf } from "./dashboard-query.ts";
import { drawQueries } from "./drawn-queries.ts";
import { FIXED_QUERIES } from "./fixed-queries.ts";
import { hostileQueries } from "./hostile-queries.ts";

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

test("sixty queries are asked, fifteen of them drawn, no two of them alike", () => {
  for (const seed of SEEDS) {
    const titles = [...FIXED_QUERIES, ...drawQueries(seed)].map(titleOf);
    expect(new Set(titles).size).toBe(60);
  }
  expect(drawQueries(1).filter(({ isDrawn }) => isDrawn)).toHaveLength(15);
});

test("a seed draws the same queries again, another seed others", () => {
  expect(drawQueries(7)).toEqual(drawQueries(7));
  expect(drawQueries(7)).not.toEqual(drawQueries(8));
});

test("every query is PromQL", () => {
  for (const { expr } of [...FIXED_QUERIES, ...SEEDS.flatMap(drawQueries)]) {
    expect(parsePromql(expr), expr).toMatchObject({ diagnostics: [] });
  }
});

test("an hour is asked at 15 s, six at a minute, an instant at the end", () => {
  expect(timesOf("1h", 36_000)).toEqual({ startS: 32_400, endS: 36_000, stepS: 15 });
  expect(timesOf("6h", 36_000)).toEqual({ startS: 14_400, endS: 36_000, stepS: 60 });
  expect(timesOf("instant", 36_000).stepS).toBe(0);
});

test("caches are off unless they are measured", () => {
  const system = { address: "http://hub" };
  const address = (cached?: boolean) =>
    queryAddress(system, "up > 0", timesOf("1h", 36_000), cached);
  expect(address()).toBe(
    "http://hub/api/v1/query_range?query=up%20%3E%200&start=32400&end=36000&step=15&nocache=1",
  );
  expect(address(true)).not.toContain("nocache");
  expect(queryAddress(system, "up", timesOf("instant", 36_000))).toContain(
    "/query?query=up&time=36000",
  );
});

test("hostile queries have names of their own, and fit the address of a request", () => {
  const queries = hostileQueries({ atS: 1_800_000_000, deadlineS: 20 });
  expect(new Set(queries.map(({ name }) => name)).size).toBe(queries.length);
  for (const { name, path } of queries) expect(path.length, name).toBeLessThan(64_000);
});
