export { EngineTarget } from "./engine-target.ts";
export { runScript } from "./run-script.ts";
export {
  type Command,
  type Evaluation,
  type FeatureNames,
  type LoadedSeries,
  readScript,
  type ScriptValue,
} from "./script.ts";
export type {
  AnsweredValue,
  AnswerRow,
  ScriptAnswer,
  ScriptTarget,
  ShownHistogram,
} from "./target.ts";
