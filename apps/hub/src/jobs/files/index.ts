export { RuleFiles, type RuleFilesOptions, type RuleFilesServices } from "./rule-files.ts";
