import {
  type QueryAnswer,
  SampleBatchBuilder,
  type StepGrid,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { EVERY_SYNTAX, prepareQuery, runQuery, stepWindow } from "@hms-ops/query";
import { openMemoryStore } from "@hms-ops/stores/memory";
import { expect, it } from "vitest";
import { answerThroughCache } from "./result-cache-answer.ts";
import type { CachedSteps } from "./result-cache-entry.ts";

const MINUTE_MS = 60_000;
const LOOKBACK_MS = MINUTE_MS;
const OPTIONS = { lookbackMs: LOOKBACK_MS, delayedNameRemoval: true };

/** Of a store in which nothing changes. */
const GENERATIONS = { now: () => ({ last: 0, everything: 0 }), changesSince: () => true };

function minutes(from: number, to: number): StepGrid {
  return { startMs: from * MINUTE_MS, stepMs: MINUTE_MS, count: to - from + 1 };
}

type Evaluate = (part: StepGrid, whole: StepGrid) => Promise<QueryAnswer>;

function asker(text: string, evaluate: Evaluate) {
  const { query } = prepareQuery(text, EVERY_SYNTAX);
  if (!query) throw new Error(text);
  let known: CachedSteps | undefined;
  return async (grid: StepGrid) => {
    const { answer, kept } = await answerThroughCache({
      text,
      grid,
      window: stepWindow(query.expr, OPTIONS),
      known,
      generations: GENERATIONS,
      maxBytes: 1_000_000,
      evaluate: (part) => evaluate(part, grid),
    });
    known = kept ?? known;
    return answer;
  };
}

it("a step that a range asks for is one of a range, also where the others are known", async () => {
  const store = openMemoryStore();
  const batch = new SampleBatchBuilder("test");
  const p = batch.declare({ labels: ["__name__", "p", "i", "1"] });
  const q = batch.declare({ labels: ["__name__", "q", "i", "1"] });
  for (const minute of [0, 1, 2]) batch.add(p, minute * MINUTE_MS, 1);
  batch.add(q, 2 * MINUTE_MS, 1);
  await store.append(batch.build());
  // At a moment alike results can be summed, in a range they are refused.
  const text = 'sum({i="1"} + on (__name__) {i="1"})';
  const { query } = prepareQuery(text, EVERY_SYNTAX);
  const evaluate: Evaluate = (grid, { startMs, count, stepMs }) => {
    if (!query) throw new Error(text);
    const endMs = startMs + (count - 1) * stepMs;
    const parameters = { instant: false, budget: UNLIMITED_BUDGET, defaultStepMs: MINUTE_MS };
    return runQuery(query, store, { grid, startMs, endMs, ...parameters, ...OPTIONS });
  };
  const refused = "vector cannot contain metrics with the same labelset";

  const later = asker(text, evaluate);
  await later(minutes(0, 1));
  await expect(later(minutes(0, 2))).rejects.toThrow(refused);

  const earlier = asker(text, evaluate);
  const { value } = await earlier(minutes(2, 2));
  expect(value.kind === "matrix" && value.series[0]?.values[0]).toBe(4);
  await expect(earlier(minutes(1, 2))).rejects.toThrow(refused);
});

it("series of a range that are alike without their names are seen wherever they are", async () => {
  const store = openMemoryStore();
  const batch = new SampleBatchBuilder("test");
  const [a, b] = ["a", "b"].map((name) => batch.declare({ labels: ["__name__", name] }));
  for (const minute of [0, 1, 2]) batch.add(a ?? 0, minute * MINUTE_MS, 1);
  batch.add(b ?? 0, 9 * MINUTE_MS, 1);
  await store.append(batch.build());
  const text = 'max_over_time({__name__=~"a|b"}[1m])';
  const { query } = prepareQuery(text);
  const ask = asker(text, (grid) => {
    if (!query) throw new Error(text);
    const parameters = { instant: false, budget: UNLIMITED_BUDGET, defaultStepMs: MINUTE_MS };
    return runQuery(query, store, { grid, lookbackMs: LOOKBACK_MS, ...parameters });
  });
  await ask(minutes(0, 3));
  await expect(ask(minutes(0, 9))).rejects.toThrow("same labelset");
});

it("what parts tell of what is known already is told once, as of the whole range", async () => {
  const isTold = (grid: StepGrid) => grid.startMs !== 2 * MINUTE_MS;
  const ask = asker("x", async (grid) => ({
    value: { kind: "matrix", series: [] },
    warnings: [],
    infos: isTold(grid) ? [`over ${grid.count} samples`] : [],
    stats: { samplesRead: 0, seriesSelected: 0, parseMs: 0, readMs: 0, evaluateMs: 0 },
  }));
  await ask(minutes(2, 3));
  expect((await ask(minutes(0, 5))).infos).toEqual(["over 6 samples"]);
});
