export type { MetricCatalog } from "./dialects/catalog.ts";
export { type BoundStatement, bindMini } from "./dialects/mini.ts";
export {
  type BoundText,
  bindShortForms,
  type ShortFormOptions,
  windowAverage,
} from "./dialects/short-forms.ts";
export { QUERY_ERRORS } from "./errors.ts";
export { adviseFor, adviseQuery, type MetricFacts } from "./promql/check/advise.ts";
export { type AnswerOfPart, whyEmpty } from "./promql/check/empty.ts";
export { type SeriesCatalog, whyNothing } from "./promql/check/nothing.ts";
export { adviseRanges, type IntervalOf } from "./promql/check/short-ranges.ts";
export { type OfferedScan, type ScanCrew, ScanHelp } from "./promql/exec/crew.ts";
export { plainNumber as numberText } from "./promql/exec/numbers.ts";
export { type RunParameters, runQuery } from "./promql/exec/run.ts";
export { type PlanStep, planSteps } from "./promql/explain/plan-steps.ts";
export { sentenceOf } from "./promql/explain/sentence.ts";
export {
  EVERY_SYNTAX,
  LANGUAGE_FEATURES,
  type LanguageFeatures,
  languageFeatures,
} from "./promql/features.ts";
export {
  added as addHistograms,
  subtracted as subtractHistograms,
} from "./promql/histograms/arithmetic.ts";
export { compact as compactHistogram } from "./promql/histograms/layout.ts";
export { histogramLabel as histogramText } from "./promql/histograms/text.ts";
export { type LanguageInventory, languageInventory } from "./promql/inventory.ts";
export { type StepWindow, type StepWindowOptions, stepWindow } from "./promql/plan/step-window.ts";
export { type PreparedQuery, prepareQuery } from "./promql/prepare.ts";
export type { Expr } from "./promql/syntax/ast.ts";
export { formatPromql } from "./promql/syntax/format.ts";
export { type Parsed, parsePromql, parseSelector } from "./promql/syntax/parser.ts";
export { linePosition } from "./promql/syntax/position.ts";
export { prettyPromql } from "./promql/syntax/pretty.ts";
export { promqlTree, selectorsOf, type TreeNode } from "./promql/tree.ts";
