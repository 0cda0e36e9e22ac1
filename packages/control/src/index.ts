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
  type AlertEvaluationOptions,
  endSamples,
  evaluateAlertRule,
  failedAlertRule,
} from "./alerting/evaluate-alert-rule.ts";
export {
  evaluateRecordingRule,
  failedRecordingRule,
  NEW_RECORDING_RULE_STATE,
  type RecordingEvaluation,
  type RecordingRuleState,
} from "./alerting/evaluate-recording-rule.ts";
export type { ExpansionContext } from "./alerting/expand-elements.ts";
export { resumeState } from "./alerting/resume.ts";
export { missedSlots, slotFrom, slotOffsetMs } from "./alerting/slots.ts";
export { CONTROL_ERRORS } from "./errors.ts";
export { fingerprint } from "./hash.ts";
export { MAX_RULE_FILE_CHARS, MAX_TEMPLATE_QUERY_ROUNDS } from "./limits.ts";
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
export type { TemplateAnswers } from "./rules/template/expand.ts";
