import { AGGREGATIONS } from "./ast.ts";

/** Words that name no metric, unless they stand in braces or quotes. */
const RESERVED: ReadonlySet<string> = new Set([
  "bool",
  "on",
  "ignoring",
  "group_left",
  "group_right",
  "atan2",
]);
export const KEYWORDS: ReadonlySet<string> = new Set([
  "bool",
  "by",
  "without",
  "on",
  "ignoring",
  "group_left",
  "group_right",
  "offset",
  "anchored",
  "smoothed",
  "fill",
  "fill_left",
  "fill_right",
]);
const OPERATOR_WORDS: ReadonlySet<string> = new Set(["and", "or", "unless", "atan2"]);
const AGGREGATION_WORDS: ReadonlySet<string> = new Set(AGGREGATIONS);

/*
 * All take a word in lower case.
 */
export const isReserved = (word: string): boolean => RESERVED.has(word);
export const isKeyword = (word: string): boolean => KEYWORDS.has(word);
export const isOperatorWord = (word: string): boolean => OPERATOR_WORDS.has(word);
export const isAggregationWord = (word: string): boolean => AGGREGATION_WORDS.has(word);
