export { AlertingJob, type AlertingOptions } from "./alerting-job.ts";
export { RuleRunner, type RuleRunnerOptions, type RuleRunnerServices } from "./rule-runner.ts";
export type { GroupView, RuleView } from "./rule-views.ts";
