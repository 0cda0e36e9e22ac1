export { RuleFiles } from "./rule-files.ts";
