/** What became of a row. */
export const STORED = 0;
export const REPEATED = 1;
export const CONFLICTING = 2;
export type RowVerdict = typeof STORED | typeof REPEATED | typeof CONFLICTING;
