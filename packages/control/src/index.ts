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
