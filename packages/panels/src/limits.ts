/** A point every third pixel: finer than the eye follows a line of 1.75 px. */
export const PX_PER_POINT = 3;

/** Points of one series in one answer: a wall screen of 4K has fewer pixels; the hub allows 11,000. */
export const MOST_POINTS = 2_000;

/** Prometheus' own examples and our hub scrape every 15 s; `$__rate_interval` is four of them. */
export const DEFAULT_SCRAPE_INTERVAL_MS = 15_000;

/** Rows of a table on a page; the rest is counted ("and 1,204 more"): a browser lays out this many at once. */
export const MOST_TABLE_ROWS = 500;

/** Series that one chart draws; beyond it lines can't be told apart and a canvas gets slow. */
export const MOST_SERIES = 250;

/** Live queries of one page that are asked at the same time; browsers open six connections a host. */
export const MOST_QUESTIONS_AT_ONCE = 6;

/** The last steps of a range are asked again, since late samples may still have changed them. */
export const STEPS_ASKED_AGAIN = 2;

/** A screen reader is told the value under the crosshair at most this often. */
export const SPOKEN_EVERY_MS = 300;

/** Live queries that a page remembers with their last picture, for the way back to a page. */
export const KEPT_QUERIES = 200;

/** Names that completion asks for at once; typing narrows them. */
export const MOST_COMPLETIONS = 10_000;
