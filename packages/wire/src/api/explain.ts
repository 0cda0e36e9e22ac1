/**
 * `GET` or `POST` (form) `/api/ops/v1/explain?query=…`: what an expression computes, how, and what
 * is odd about it. `short_forms=true` understands short forms and the mini dialect, `drawn=true`
 * reads a counter's bare name as a line over time. With `start`, `end` and `step` each part is run
 * too, and what it cost is told; an expression that cannot be read is no error here but a note.
 */
export const EXPLAIN_PATH = "/api/ops/v1/explain";

export interface Explanation {
  /** What is evaluated; empty where the expression cannot be read. */
  readonly promql: string;
  /** What short forms were turned into, in words; empty where the text is PromQL. */
  readonly rewritten: readonly string[];
  /** What it computes, in one plain sentence; empty where it cannot be read. */
  readonly sentence: string;
  /** The text as it is usually written; empty where it is no PromQL. */
  readonly formatted: string;
  /** Errors first, then in the order of the text. */
  readonly notes: readonly ExplainNote[];
  /** Null where the expression is no rate. */
  readonly per: ExplainedRate | null;
  /** In the order in which they are done; empty where it cannot be read. */
  readonly steps: readonly ExplainStep[];
  /** Of the whole; null where it was not run. */
  readonly cost: ExplainCost | null;
}

export interface ExplainNote {
  readonly severity: "error" | "warning" | "info";
  /** How it is written, or what it selects and is not there. */
  readonly about: "expression" | "series";
  readonly message: string;
  /** Empty where no mend is known. */
  readonly suggestion: string;
  /** `line:column`, both from 1. */
  readonly position: string;
  /** Place in the query's text, UTF-16 units, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  readonly fixes: readonly ExplainFix[];
}

export interface ExplainFix {
  /** What it does: `Use requests_total`. */
  readonly words: string;
  /** The whole expression, mended. */
  readonly query: string;
}

export type PerTime = "second" | "minute" | "hour";

export interface ExplainedRate {
  readonly shown: PerTime;
  /** The expression as a rate per each of them. */
  readonly queries: Readonly<Record<PerTime, string>>;
}

export interface ExplainStep {
  /** From 1. */
  readonly number: number;
  readonly does: string;
  /** Numbers of the steps whose results it takes. */
  readonly takes: readonly number[];
  /** The part of the expression that is known when the step is done. */
  readonly expr: string;
  /** Null where it was not run by itself. */
  readonly cost: ExplainStepCost | null;
}

export interface ExplainStepCost {
  /** With all that it takes, run by itself. */
  readonly totalMs: number;
  /** Series of its result. */
  readonly seriesCount: number;
  readonly samplesRead: number;
}

export interface ExplainCost extends ExplainStepCost {
  readonly parseMs: number;
  readonly readMs: number;
  readonly evaluateMs: number;
  readonly seriesSelected: number;
}
