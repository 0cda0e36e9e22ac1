import type { Clock, StepGrid } from "@hms-ops/model";
import type { BodySink, SelfMetrics, StopSignal } from "../ports.ts";

/** A question as all its viewers ask it. */
export interface FeedQuestion {
  readonly expr: string;
  readonly stepMs: number;
  readonly spanMs: number;
  readonly lookbackMs: number;
  readonly shortForms: boolean;
}

/** The answer of `/api/v1/query_range` as bytes of JSON, without a line break. */
export type EvaluateSteps = (
  question: FeedQuestion,
  grid: StepGrid,
  signal: StopSignal,
) => Promise<Uint8Array>;

/** A question, and the id of the last event of it that its viewer has. */
export interface FeedRequest {
  readonly question: FeedQuestion;
  readonly after?: string;
}

export interface LiveOptions {
  readonly clock: Clock;
  readonly metrics: SelfMetrics;
  readonly evaluate: EvaluateSteps;
  /** Cannot be guessed. */
  readonly newStreamId: () => string;
}

/** One viewer's connection. */
export type ViewerSink = BodySink;
