import { type MetricStore, UNLIMITED_BUDGET } from "@hms-ops/model";
import { expect, it } from "vitest";
import { languageFeatures, prepareQuery, runQuery } from "../../index.ts";

const UNREAD: Pick<MetricStore, "snapshot"> = {
  snapshot: () => Promise.reject(new Error("nothing is to be read")),
};

/** Over a minute, in two steps. */
function overTime(text: string) {
  const { query } = prepareQuery(text, languageFeatures([]));
  return runQuery(query!, UNREAD, {
    grid: { startMs: 0, stepMs: 60_000, count: 2 },
    instant: false,
    lookbackMs: 300_000,
    defaultStepMs: 60_000,
    budget: UNLIMITED_BUDGET,
  });
}

it("says how to mend what has no number a step, and points at no position", async () => {
  await expect(overTime("up[5m]")).rejects.toMatchObject({
    code: "OPS-1207",
    status: 400,
    message:
      'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    mend: "write a function around it, as rate(…) or max_over_time(…)",
  });
  await expect(overTime('"text"')).rejects.toMatchObject({
    code: "OPS-1207",
    mend: "ask for a metric or a number: a text has no value over time",
  });
});
