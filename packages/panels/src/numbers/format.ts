/** A number as it is shown: `7.8` and ` %`, so that the unit can be set smaller. */
export interface ShownNumber {
  /** `1,240`; `–` when there is none. */
  readonly number: string;
  /** `%`, `s`, `/min`; empty for bare counts and for missing numbers. */
  readonly unit: string;
  /** Both together, as a sentence writes them: `7.8 %`, `1,240/min`, `no data`. */
  readonly text: string;
}
