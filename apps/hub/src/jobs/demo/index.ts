export { DemoJob, type DemoJobOptions } from "./demo-job.ts";
