export { DemoJob, type DemoJobOptions } from "./demo-job.ts";
export { demoTargets } from "./demo-targets.ts";
