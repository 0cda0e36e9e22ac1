/** One measured number. `bar` is the most that the architecture's budget allows. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly bar?: number;
}
