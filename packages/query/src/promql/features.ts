/**
 * Experimental parts of the language, off unless asked for by the names that Prometheus gives them
 * (docs/feature_flags.md, 3.14).
 */
export interface LanguageFeatures {
  /** `promql-experimental-functions`: `info`, `sort_by_label`, `limitk`, … */
  readonly experimentalFunctions: boolean;
  /** `promql-extended-range-selectors`: `anchored` and `smoothed`. */
  readonly extendedRanges: boolean;
  /** `promql-binop-fill-modifiers`: `fill`, `fill_left`, `fill_right`. */
  readonly fillModifiers: boolean;
  /** `promql-delayed-name-removal`: names go at the very end of a query. */
  readonly delayedNameRemoval: boolean;
}

const FLAGS: Readonly<Record<string, keyof LanguageFeatures>> = {
  "promql-experimental-functions": "experimentalFunctions",
  "promql-extended-range-selectors": "extendedRanges",
  "promql-binop-fill-modifiers": "fillModifiers",
  "promql-delayed-name-removal": "delayedNameRemoval",
};

/** By the names that `--enable-feature` knows them by. */
export const LANGUAGE_FEATURES: readonly string[] = Object.keys(FLAGS);

/** Everything but what changes the names in answers: what a reader of texts understands. */
export const EVERY_SYNTAX: LanguageFeatures = {
  experimentalFunctions: true,
  extendedRanges: true,
  fillModifiers: true,
  delayedNameRemoval: false,
};

/** What `--enable-feature` switches on; `all` is every one, other names are for others. */
export function languageFeatures(names: readonly string[]): LanguageFeatures {
  const on = new Set(names.map((name) => FLAGS[name]));
  const has = (feature: keyof LanguageFeatures) => names.includes("all") || on.has(feature);
  return {
    experimentalFunctions: has("experimentalFunctions"),
    extendedRanges: has("extendedRanges"),
    fillModifiers: has("fillModifiers"),
    delayedNameRemoval: has("delayedNameRemoval"),
  };
}
