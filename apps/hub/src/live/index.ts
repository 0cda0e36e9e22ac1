export {
  EVALUATION_TIMEOUT_MS,
  LIVE_EXPR_CHARS_MAX,
  LIVE_STEP_MS_MIN,
  LIVE_STEPS_MAX,
} from "./limits.ts";
export { LiveQueries } from "./live-queries.ts";
export type { EvaluateSteps, FeedQuestion, FeedRequest, LiveOptions } from "./ports.ts";
