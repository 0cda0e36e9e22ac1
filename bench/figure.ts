/** One measured number. `bar` is the most that the architecture's budget allows. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly bar?: number;
}

/** What a benchmark with tables of its own returns. */
export interface Outcome {
  readonly figures: readonly Figure[];
  /** Printed before the figures. */
  readonly text: string;
  /** Of a benchmark with several: its results have a file of their own. */
  readonly part?: string;
  /** Kept in the result's file. */
  readonly details: Readonly<Record<string, unknown>>;
}
