export { HOST_METRIC_NAMES, type Reading } from "./families.ts";
export { HostJob, type HostJobOptions } from "./host-job.ts";
