import type { HistogramBucket, Labels } from "@hms-ops/model";
import type { Evaluation, FeatureNames, LoadedSeries, ScriptValue } from "./script.ts";

/** What a script is run against; empty when it is opened. */
export interface ScriptTarget {
  load(series: readonly LoadedSeries[]): Promise<void>;
  /** Rejects with an error whose message is what a user is told. */
  ask(evaluation: Evaluation): Promise<ScriptAnswer>;
  /** From now on; what was loaded stays. */
  enable(features: FeatureNames): Promise<void>;
  close(): Promise<void>;
}

export interface ScriptAnswer {
  /** In the order of the answer; a scalar is one without labels. */
  readonly rows: readonly AnswerRow[];
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

export interface AnswerRow {
  readonly labels: Labels;
  /** One a step; undefined = nothing there. */
  readonly values: readonly (AnsweredValue | undefined)[];
}

export type AnsweredValue = ScriptValue | ShownHistogram;

/** A native histogram as the HTTP API shows it: bounds instead of a schema, no empty buckets. */
export interface ShownHistogram {
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly HistogramBucket[];
}
