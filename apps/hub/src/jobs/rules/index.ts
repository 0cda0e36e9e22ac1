export { RuleRunner } from "./rule-runner.ts";
