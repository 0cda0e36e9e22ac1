import type { MetricMetadata, SampleBatchBuilder, SeriesResolver } from "@hms-ops/model";
import { EXAMPLE_MAX_CHARS } from "../limits.ts";

export interface RemoteWriteOptions {
  readonly builder: SampleBatchBuilder;
  readonly resolver: SeriesResolver;
  readonly onMetadata?: (family: string, metadata: MetricMetadata) => void;
  /** Of 2.0: also tell the metadata of series that the resolver knows. */
  readonly withKnownMetadata?: boolean;
}

/** What of a request was read into the builder, and what was not. */
export interface RemoteWriteReport {
  readonly series: number;
  readonly samples: number;
  readonly histograms: number;
  /** Of the histograms, those that say that their series ended: rows of the batch. */
  readonly staleHistograms: number;
  readonly exemplars: number;
  readonly skippedSeries: number;
  readonly skippedExemplars: number;
  /** Empty when all of it was good. */
  readonly problems: readonly RemoteWriteProblem[];
}

export interface RemoteWriteProblem {
  readonly reason: ProblemReason;
  /** Samples and histograms that are not taken; of `empty-series`, series. */
  readonly count: number;
  /** The first one, in words for a person. */
  readonly example: string;
}

export type ProblemReason =
  | "invalid-labels" // no name, not UTF-8, a label twice, beyond a limit, no such symbol
  | "invalid-histogram"
  | "empty-series"; // 2.0: neither samples nor histograms

/** Problems by reason, each with its first example. */
export class ProblemList {
  readonly #byReason = new Map<ProblemReason, { count: number; readonly example: string }>();

  /** The example is asked for once a reason. */
  add(reason: ProblemReason, count: number, example: () => string): void {
    const known = this.#byReason.get(reason);
    if (known) known.count += count;
    else this.#byReason.set(reason, { count, example: example().slice(0, EXAMPLE_MAX_CHARS) });
  }

  list(): readonly RemoteWriteProblem[] {
    return [...this.#byReason].map(([reason, { count, example }]) => ({ reason, count, example }));
  }
}
