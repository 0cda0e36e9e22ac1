export { AlertingJob } from "./alerting-job.ts";
export { RuleRunner } from "./rule-runner.ts";
