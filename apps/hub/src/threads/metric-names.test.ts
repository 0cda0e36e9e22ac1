import { expect, it } from "vitest";
import { metricNamesIn } from "./metric-names.ts";

const names = (text: string) => metricNamesIn(new TextEncoder().encode(text));

it("finds the metrics that lines begin with", () => {
  expect(names('# HELP a_total x\na_total 1\na_total{b="c"} 2\n  d:e 3\n{"x.y", k="v"} 4')).toEqual(
    ["a_total", "d:e", "x.y"],
  );
  expect(names("")).toEqual([]);
  expect(names("x 1\n".repeat(100_000))).toEqual([]);
});
