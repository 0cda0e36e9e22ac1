export { BOARD_PATH, BOARDS_PATH, type BoardList, type BoardSummary } from "./boards.ts";
export {
  CARDINALITY_BY,
  CARDINALITY_ORDERS,
  CARDINALITY_PATH,
  type CardinalityBy,
  type CardinalityEntry,
  type CardinalityFigures,
  type CardinalityOrder,
  type CardinalityReport,
} from "./cardinality.ts";
export {
  EXPLAIN_PATH,
  type ExplainCost,
  type ExplainedRate,
  type ExplainFix,
  type ExplainNote,
  type ExplainStep,
  type ExplainStepCost,
  type Explanation,
  type PerTime,
} from "./explain.ts";
export {
  LIVE_PATH,
  LIVE_STREAM_PATH,
  type LiveAddition,
  type LiveChange,
  type LiveChangeAnswer,
  type LiveFailure,
  type LiveOpened,
  type LivePolling,
  type LiveQuestion,
  type LiveSteps,
} from "./live.ts";
export {
  NOTIFICATIONS_PATH,
  type NotificationList,
  type SentNotification,
} from "./notifications.ts";
export {
  type ListedRule,
  OPS_RULES_PATH,
  RULES_CHECK_PATH,
  RULES_RELOAD_PATH,
  type RuleList,
  type RuleProblem,
  type RulesReport,
  type RulesUpload,
} from "./rules.ts";
export {
  DISCOVERY_PATH,
  type DiscoveredService,
  SERVICES_PATH,
  type ServiceList,
} from "./services.ts";
export {
  type AlertSummary,
  COMPACT_PATH,
  DEMO_FAULT_PATH,
  type DemoFault,
  type DemoStatus,
  type HubIdentity,
  type HubStatus,
  type IngestHealth,
  type PulseTick,
  type Refusal,
  STATUS_PATH,
} from "./status.ts";
export {
  type ReplayStatus,
  STORE_PATH,
  type StoreDisk,
  type StoreLimitHit,
  type StoreReport,
  type StoreStart,
} from "./store.ts";
