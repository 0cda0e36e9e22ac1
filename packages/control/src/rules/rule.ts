/** What a rule says, whatever dialect it was written in. Times in milliseconds. */
export interface Rule {
  readonly kind: RuleKind;
  /** The alert's name, or the recorded metric's. */
  readonly name: string;
  /** Strict PromQL: what is evaluated and shown. */
  readonly expr: string;
  /** The condition as its author wrote it. */
  readonly source: string;
  readonly dialect: RuleDialect;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** Values may be templates (alerting rules only). */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The rule's own receivers; empty = the hub's default receivers. */
  readonly notify: readonly NotifyTarget[];
  /** What is compared with what, where the text shows it: `payment_latency_ms > 2000`. */
  readonly condition?: RuleCondition;
  readonly origin: RuleOrigin;
}

export type RuleKind = "alerting" | "recording";

export type RuleDialect = "prometheus" | "bare" | "metric-when";

export interface RuleCondition {
  /** The metric as its author named it. */
  readonly subject: string;
  readonly operator: ">" | ">=" | "<" | "<=" | "==" | "!=";
  readonly threshold: number;
}

export interface RuleOrigin {
  /** `alerts/latency.yml`, `uploaded: alert_rules.yaml`, `shipped/ach.yaml`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Somebody to tell: `sms:+15551234` is channel `sms`, address `+15551234`. */
export interface NotifyTarget {
  readonly channel: string;
  /** A number, URL, chat channel; contact names are resolved. */
  readonly address: string;
}

/** Rules that run one after another at one time. */
export interface RuleGroup {
  readonly name: string;
  readonly file: string;
  /** Undefined = the hub's interval. */
  readonly intervalMs?: number;
  readonly queryOffsetMs: number;
  /** Most series or alerts of one rule; 0 = no limit. */
  readonly limit: number;
  readonly rules: readonly Rule[];
}

/** What a reader has to say about a rule file. */
export interface RuleProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly message: string;
  readonly mend: string;
}
