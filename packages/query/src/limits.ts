/** Bounds of the query languages; each is said in the error that it causes. */

/** Deeper nesting than people write by hand (about 20), shallow enough for every stack. */
export const MOST_NESTING = 200;
/**
 * Binary operators and brackets of one expression: each may make the tree one deeper, as `a or b
 * or c …` does. A thousand series names joined by `or` fit; a stack of 1 MB holds half as many more.
 */
export const MOST_OPERANDS = 1_000;
/** Longest expression: a generated `or` of a thousand series names still fits. */
export const MOST_QUERY_LENGTH = 100_000;
/** Longest regular expression that needs an engine: one of this length compiles in some 10 ms. */
export const MOST_REGEX_LENGTH = 10_000;
/**
 * Longest list of texts (`a|b|c`, `(a|b|c).*`), which needs none: as long as an expression may be.
 * A board whose variable is set to "All" sends every value that there is, tens of kilobytes.
 */
export const MOST_TEXT_LIST_LENGTH = 100_000;
/** Steps of a compiled one: `.{1000}` has 1,000, and each may cost once per character of a text. */
export const MOST_REGEX_STEPS = 20_000;
/** Steps of all that are kept, so that boards and rules do not compile theirs on each refresh;
 * 0.2 kB each. */
export const MOST_CACHED_REGEX_STEPS = 200_000;
/** A label value that a function makes: eight times the longest that the store takes. */
export const MOST_LABEL_LENGTH = 65_536;
/**
 * Cells of one evaluated column table, 9 bytes each (CELL_BYTES): together all that the hub lets a
 * query keep (its MAX_QUERY_BYTES), so that both refuse at the same size.
 */
export const MOST_RESULT_CELLS = Math.floor((512 * 1024 * 1024) / 9);
/** Steps of one sub-query: a sub-query of a day at 1 s still fits. */
export const MOST_SUBQUERY_STEPS = 1_000_000;
