/**
 * `GET`: the list. `POST` with a RulesUpload: store rules in the hub (`hms-ops rules load`).
 * `DELETE` with `?file=NAME`: remove what was stored under the name (`hms-ops rules remove`).
 */
export const OPS_RULES_PATH = "/api/ops/v1/rules";
/** `POST` with a RulesUpload: report only, change nothing. */
export const RULES_CHECK_PATH = "/api/ops/v1/rules/check";
/** `POST`, no body: read alerts/ again now and say what changed (`hms-ops reload-alerts`). */
export const RULES_RELOAD_PATH = "/api/ops/v1/rules/reload";

export interface RulesUpload {
  /** The name under which the hub keeps the file; a second upload of the name replaces. */
  readonly file: string;
  readonly text: string;
}

export interface RuleList {
  readonly rules: readonly ListedRule[];
}

export interface ListedRule {
  readonly name: string;
  readonly kind: "alerting" | "recording";
  readonly group: string;
  /** `prometheus`, `bare`, `metric-when` … */
  readonly dialect: string;
  /** `alerts/latency.yml`, `uploaded: alert_rules.yaml`, `shipped` … */
  readonly origin: string;
  /** As written. */
  readonly source: string;
  /** The PromQL it became. */
  readonly expr: string;
  readonly forMs: number;
  /** Null: it records, so it has none. */
  readonly state: "inactive" | "pending" | "firing" | "unknown" | null;
  readonly health: "ok" | "err" | "unknown";
  readonly lastError: string;
}

export interface RulesReport {
  /** False: nothing was changed, the old set still runs. */
  readonly ok: boolean;
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
  readonly problems: readonly RuleProblem[];
}

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
