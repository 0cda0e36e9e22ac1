export { formatSampleValue } from "../number-text.ts";
export { acceptedEscaping, escapedName, type NameEscaping } from "./escaped-names.ts";
export { DROPPED_SERIES, type ExpositionReadOptions, readExposition } from "./read.ts";
export type {
  ExpositionFormat,
  ExpositionProblem,
  ExpositionReason,
  ExpositionReport,
} from "./report.ts";
export {
  expositionPieces,
  type FamilySample,
  type FlowingFamily,
  formatSeriesText,
  type MetricFamily,
  writeExposition,
} from "./write.ts";
