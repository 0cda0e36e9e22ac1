import type { LanguageFeatures } from "./features.ts";
import { FUNCTIONS } from "./functions/table.ts";
import { AGGREGATIONS, OPERATORS } from "./syntax/ast.ts";
import { EXPERIMENTAL_AGGREGATIONS } from "./syntax/calls.ts";
import { KEYWORDS } from "./syntax/keywords.ts";

type Inventory = Readonly<Record<string, boolean>>;

/** What the language has, sorted by name; false = it is there, but not switched on. */
export interface LanguageInventory {
  /** Keywords, and what has no word of its own, by the names of Prometheus' /api/v1/features. */
  readonly syntax: Inventory;
  readonly functions: Inventory;
  /** Operators, aggregations and the operators of matchers. */
  readonly operators: Inventory;
}

/** Keywords that only work where a feature is on. */
const SWITCHED: Readonly<Record<string, keyof LanguageFeatures>> = {
  anchored: "extendedRanges",
  smoothed: "extendedRanges",
  fill: "fillModifiers",
  fill_left: "fillModifiers",
  fill_right: "fillModifiers",
};
const ALWAYS = ["at_modifier", "duration_expr", "negative_offset", "subqueries"];
const OTHER_OPERATORS = ["=~", "!~", "@"];

export function languageInventory(features: LanguageFeatures): LanguageInventory {
  const isOn = (feature: keyof LanguageFeatures | undefined) => !feature || features[feature];
  const withoutFlag = !features.experimentalFunctions;
  return {
    syntax: sorted([
      ...[...KEYWORDS].map((word) => [word, isOn(SWITCHED[word])] as const),
      ...ALWAYS.map((name) => [name, true] as const),
      ["delayed_name_removal", features.delayedNameRemoval],
    ]),
    functions: sorted(
      Object.entries(FUNCTIONS).map(([name, row]) => [name, !(row.experimental && withoutFlag)]),
    ),
    operators: sorted([
      ...[...OPERATORS, ...OTHER_OPERATORS].map((operator) => [operator, true] as const),
      ...AGGREGATIONS.map((name) => {
        const isOff = EXPERIMENTAL_AGGREGATIONS.has(name) && withoutFlag;
        return [name, !isOff] as const;
      }),
    ]),
  };
}

function sorted(entries: readonly (readonly [string, boolean])[]): Inventory {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
