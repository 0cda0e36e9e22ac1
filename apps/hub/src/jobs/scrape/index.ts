export { ConfigTargets } from "./config-targets.ts";
export { HttpReader, type ScrapeAnswer, type ScrapeRequest } from "./http-reader.ts";
export { FixedTargets, type TargetProvider } from "./provider.ts";
export { type ActiveTarget, type DroppedTargetEntry, ScrapeJob } from "./scrape-job.ts";
export {
  addressKey,
  type DroppedTarget,
  isTarget,
  makeTarget,
  type ScrapeTarget,
  type TargetOrigin,
} from "./target.ts";
