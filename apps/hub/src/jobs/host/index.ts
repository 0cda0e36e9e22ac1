export { HOST_METRIC_NAMES, type Reading } from "./families.ts";
export { HostJob } from "./host-job.ts";
