export { DROPPED_SERIES, type ExpositionReadOptions, readExposition } from "./read.ts";
export type {
  ExpositionFormat,
  ExpositionProblem,
  ExpositionReason,
  ExpositionReport,
} from "./report.ts";
export { type FamilySample, type MetricFamily, writeExposition } from "./write.ts";
