export {
  type Alert,
  type AlertRuleState,
  type AlertState,
  activeAlerts,
  type Health,
  NEW_ALERT_RULE_STATE,
  type RuleSample,
  ruleStateOf,
  type Transition,
} from "./alerting/alert.ts";
export {
  type AlertEvaluation,
  endSamples,
  failedAlertRule,
} from "./alerting/evaluate-alert-rule.ts";
export {
  evaluateRecordingRule,
  failedRecordingRule,
  NEW_RECORDING_RULE_STATE,
  type RecordingEvaluation,
  type RecordingRuleState,
} from "./alerting/evaluate-recording-rule.ts";
export { resumeState } from "./alerting/resume.ts";
export { runAlertRule, type VectorAnswer } from "./alerting/run-alert-rule.ts";
export { missedSlots, slotFrom, slotOffsetMs } from "./alerting/slots.ts";
export { CONTROL_ERRORS } from "./errors.ts";
export { fingerprint } from "./hash.ts";
export { MAX_RULE_FILE_CHARS, RULE_INTERVAL_MS } from "./limits.ts";
export type {
  Address,
  Channel,
  Notification,
  OutboundAnswer,
  OutboundRequest,
  Receipt,
  SendContext,
} from "./notify/channel.ts";
export { notificationOf, receiversOf } from "./notify/flow.ts";
export { redactText, redactUrl } from "./notify/redact.ts";
export { phoneLine, smsText } from "./notify/sms.ts";
export { CHANNELS } from "./notify/table.ts";
export {
  type Directory,
  type ReadTarget,
  readTarget,
  type TargetProblem,
} from "./notify/targets.ts";
export { adviseRules, type RuleAdvice } from "./rules/advise-rules.ts";
export {
  type BackfillDoors,
  type BackfillReport,
  type BackfillRequest,
  backfillRules,
} from "./rules/backfill.ts";
export type { DialectContext } from "./rules/dialects/dialect.ts";
export { type ReadRules, readRuleFile } from "./rules/read-rule-file.ts";
export type {
  NotifyTarget,
  Rule,
  RuleCondition,
  RuleDialect,
  RuleGroup,
  RuleKind,
  RuleOrigin,
  RuleProblem,
} from "./rules/rule.ts";
export {
  compareRules,
  type JoinedRules,
  joinRules,
  type OriginGroups,
  type RuleChanges,
  ruleKeys,
} from "./rules/rule-set.ts";
export { FUNCTION_NAMES as TEMPLATE_FUNCTION_NAMES } from "./rules/template/functions.ts";
export { formatJunit, type JunitSuite } from "./rules/unit-tests/junit.ts";
export { type ReadRuleTests, readRuleTestFile } from "./rules/unit-tests/read-test-file.ts";
export { type RuleTestOutcome, runRuleTests } from "./rules/unit-tests/run-tests.ts";
export type { RuleTestFile } from "./rules/unit-tests/test-file.ts";
