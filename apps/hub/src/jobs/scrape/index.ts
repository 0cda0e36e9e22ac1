export { ConfigTargets } from "./config-targets.ts";
export { HttpReader } from "./http-reader.ts";
export { FixedTargets, type TargetProvider } from "./provider.ts";
export { type ActiveTarget, type DroppedTargetEntry, ScrapeJob } from "./scrape-job.ts";
export {
  type DroppedTarget,
  isTarget,
  makeTarget,
  type ScrapeTarget,
  type TargetOrigin,
} from "./target.ts";
