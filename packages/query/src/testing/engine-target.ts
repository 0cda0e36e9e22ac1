import {
  type MetricStore,
  type QueryValue,
  SampleBatchBuilder,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { runQuery } from "../promql/exec/run.ts";
import { type LanguageFeatures, languageFeatures } from "../promql/features.ts";
import { prepareQuery } from "../promql/prepare.ts";
import type { Evaluation, FeatureNames, LoadedSeries, ScriptValue } from "./script.ts";
import type { AnswerRow, ScriptAnswer, ScriptTarget } from "./target.ts";

const LOOKBACK_MS = 300_000;

/** The engine itself, over an empty store of the caller's. */
export class EngineTarget implements ScriptTarget {
  readonly #store: MetricStore;
  #features: LanguageFeatures;

  constructor(store: MetricStore, features: FeatureNames) {
    this.#store = store;
    this.#features = languageFeatures(features);
  }

  async load(loaded: readonly LoadedSeries[]): Promise<void> {
    const builder = new SampleBatchBuilder("script");
    for (const { labels, samples } of loaded) {
      const id = builder.declare({ labels });
      for (const { timeMs, value, stale } of samples) {
        if (stale) builder.addStale(id, timeMs);
        else if (typeof value !== "number") builder.addHistogram({ id, timeMs, histogram: value });
        else builder.add(id, timeMs, value);
      }
    }
    await this.#store.append(builder.build());
  }

  async ask(evaluation: Evaluation): Promise<ScriptAnswer> {
    const { expr, startMs, endMs, stepMs, instant } = evaluation;
    const { query, diagnostics } = prepareQuery(expr, this.#features);
    if (query === undefined) throw new Error(diagnostics[0]?.message ?? "no query");
    const count = Math.floor((endMs - startMs) / stepMs) + 1;
    const { value, warnings, infos } = await runQuery(query, this.#store, {
      grid: { startMs, stepMs, count },
      endMs,
      instant,
      delayedNameRemoval: this.#features.delayedNameRemoval,
      lookbackMs: LOOKBACK_MS,
      budget: UNLIMITED_BUDGET,
      defaultStepMs: 60_000,
    });
    return { rows: rowsOf(evaluation, value), warnings, infos };
  }

  async enable(features: FeatureNames): Promise<void> {
    this.#features = languageFeatures(features);
  }

  async close(): Promise<void> {}
}

function rowsOf({ startMs, stepMs, endMs }: Evaluation, value: QueryValue): readonly AnswerRow[] {
  if (value.kind === "scalar") return [{ labels: [], values: [value.value] }];
  if (value.kind === "string") return [];
  if (value.kind === "vector") {
    return value.elements.map(({ labels, value: one, histogram }) => ({
      labels,
      values: [histogram ?? one],
    }));
  }
  const steps = Math.floor((endMs - startMs) / stepMs) + 1;
  return value.series.map(({ labels, timesMs, values, histograms = [] }) => {
    const row = new Array<ScriptValue | undefined>(steps).fill(undefined);
    for (const [i, timeMs] of timesMs.entries()) row[(timeMs - startMs) / stepMs] = values[i];
    for (const [timeMs, histogram] of histograms) row[(timeMs - startMs) / stepMs] = histogram;
    return { labels, values: row };
  });
}
