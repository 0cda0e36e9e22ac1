/**
 * The samples of one series in one range (startMs, endMs], stale markers left out: rows
 * from … to − 1 of the columns. One object is re-used for every window.
 */
export interface Window {
  timesMs: Float64Array;
  values: Float64Array;
  /** Tells one series from the next: no two that follow each other have the same number. */
  series: number;
  /** First row inside. */
  from: number;
  /** First row behind. */
  to: number;
  startMs: number;
  endMs: number;
  /** Of the step that is evaluated; differs from endMs under offset and @. */
  timeMs: number;
  /** Of the function's number arguments, in order, at this step. */
  parameters: number[];
}

/** The value at a step; undefined = the series has none there. At least one row is inside. */
export type RangeFunction = (window: Window) => number | undefined;
