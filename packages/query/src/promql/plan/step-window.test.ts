import { expect, it } from "vitest";
import { prepareQuery } from "../prepare.ts";
import { stepWindow } from "./step-window.ts";

const LOOKBACK_MS = 300_000;

function windowOf(text: string, delayedNameRemoval = false) {
  const { query } = prepareQuery(text);
  if (!query) throw new Error(text);
  const window = stepWindow(query.expr, { lookbackMs: LOOKBACK_MS, delayedNameRemoval });
  return window && [window.beforeMs / 60_000, window.afterMs / 60_000];
}

it("a step looks as far back and ahead as its selectors, ranges, offsets and sub-queries say", () => {
  expect(windowOf("1 + time()")).toEqual([0, 0]);
  expect(windowOf("x")).toEqual([5, 0]);
  expect(windowOf("sum(rate(x[10m])) / y")).toEqual([10, 0]);
  expect(windowOf("x offset 1h")).toEqual([65, 0]);
  expect(windowOf("x offset -7m")).toEqual([-2, 7]);
  expect(windowOf("x - x offset -7m")).toEqual([5, 7]);
  expect(windowOf("max_over_time(rate(x[5m] offset 2m)[1h:1m] offset 1m)")).toEqual([68, 0]);
  expect(windowOf("topk(2, x) or absent(x)")).toEqual([5, 0]);
  expect(windowOf("sum(histogram_count(h)) / histogram_avg(sum(rate(h[5m])))")).toEqual([5, 0]);
  expect(windowOf("quantile(0.5, vector(1)) + topk(time(), x)")).toEqual([5, 0]);
});

it("there is none where the answer of a step is told by more than its window", () => {
  const texts = [
    "x @ 1700000000",
    "rate(x[5m] @ end())",
    "max_over_time(x[5m:1m] @ start())",
    "sum_over_time(x[5m])",
    "1 + avg_over_time(x[5m])",
    "stddev_over_time(x[5m])",
    "stdvar_over_time(x[5m])",
    "limitk(2, x)",
    "limit_ratio(0.5, x)",
    "info(x)",
    "x * start()",
    "end() - time()",
    "vector(range())",
    "x > step()",
    "quantile(time(), vector(1))",
    'rate({job="a"}[5m])',
    'max_over_time({__name__=~"x|y"}[5m:1m])',
    "max_over_time((x or y)[5m:1m])",
    "histogram_count(sum(h))",
    "histogram_sum(a + b)",
    "histogram_count(avg(last_over_time(h[5m])))",
    "rate(x[step()])",
    "x offset (2 * step())",
    "rate(x[5m] smoothed)",
  ];
  for (const text of texts) expect(windowOf(text), text).toBeUndefined();
  // Where names go late, that of a series is settled by the first step at which it is there.
  expect(windowOf("x > 1 or x * 2", true)).toBeUndefined();
});
