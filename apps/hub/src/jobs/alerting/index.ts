export { AlertingJob, type AlertingOptions } from "./alerting-job.ts";
