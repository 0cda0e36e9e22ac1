import {
  type Alert,
  type AlertState,
  activeAlerts,
  type Health,
  type Rule,
  type RuleGroup,
  ruleStateOf,
} from "@hms-ops/control";
import { type DocumentStore, type DocumentWrite, labelValue } from "@hms-ops/model";
import type { AlertSummary } from "@hms-ops/wire/api";
import type { RuleMemory } from "./rule-memory.ts";

/** A group and how its last run went. */
export interface GroupView {
  readonly group: RuleGroup;
  readonly intervalMs: number;
  readonly lastRunMs: number | undefined;
  readonly durationMs: number;
  /** Slots since the hub started that slow runs made it miss. */
  readonly missedCount: number;
  readonly rules: readonly RuleView[];
}

interface RuleView {
  readonly rule: Rule;
  readonly state: AlertState | "unknown";
  readonly health: Health;
  readonly lastError: string;
  readonly lastEvaluationMs: number | undefined;
  /** Of the latest run. */
  readonly tookMs: number;
  /** Those that are on. */
  readonly alerts: readonly Alert[];
}

export function viewGroup(
  group: RuleGroup,
  keys: ReadonlyMap<Rule, string>,
  memory: RuleMemory,
  run: Pick<GroupView, "intervalMs" | "lastRunMs" | "durationMs" | "missedCount">,
): GroupView {
  const rules = group.rules.map((rule): RuleView => {
    const key = keys.get(rule) ?? "";
    const tookMs = memory.tookMs(key);
    if (rule.kind === "recording") {
      const { health, lastError, lastEvaluationMs } = memory.recordingState(key);
      const state = lastEvaluationMs === undefined ? "unknown" : "inactive";
      return { rule, state, health, lastError, lastEvaluationMs, tookMs, alerts: [] };
    }
    const known = memory.alertState(key);
    const { health, lastError, lastEvaluationMs } = known;
    const alerts = activeAlerts(known);
    const state = ruleStateOf(known);
    return { rule, state, health, lastError, lastEvaluationMs, tookMs, alerts };
  });
  return { group, rules, ...run };
}

/** What the strip of every page shows. */
export function summarise(
  groups: readonly GroupView[],
  steadySinceMs: number | null,
): AlertSummary {
  let firing = 0;
  let pending = 0;
  let oldest: AlertSummary["oldestCritical"] = null;
  for (const { rules } of groups) {
    for (const { rule, alerts } of rules) {
      for (const alert of alerts) {
        if (alert.state === "pending") {
          pending++;
          continue;
        }
        firing++;
        const sinceMs = alert.firedAtMs ?? alert.activeAtMs;
        if (!isCritical(alert) || (oldest && oldest.sinceMs <= sinceMs)) continue;
        oldest = { name: rule.name, sinceMs };
      }
    }
  }
  return { firing, pending, oldestCritical: oldest, steadySinceMs: oldest ? null : steadySinceMs };
}

/** Severities that go to people. */
function isCritical(alert: Alert): boolean {
  const severity = labelValue(alert.labels, "severity");
  return severity === "critical" || severity === "page";
}

const COLLECTION = "alert-summary";
const STEADY = "steady";

/** Since when nothing critical fires; survives a restart. */
export class SteadyClock {
  readonly #documents: DocumentStore;
  #sinceMs: number | null = null;

  constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  /** Null while something critical fires. */
  get sinceMs(): number | null {
    return this.#sinceMs;
  }

  async load(nowMs: number): Promise<void> {
    const stored = (await this.#documents.get(COLLECTION, STEADY)) as
      | { sinceMs: number | null }
      | undefined;
    this.#sinceMs = stored ? stored.sinceMs : nowMs;
    if (!stored) await this.#documents.write([this.#write()]);
  }

  /** The writes that a change asks for. */
  update(somethingIsCritical: boolean, nowMs: number): readonly DocumentWrite[] {
    if (somethingIsCritical === (this.#sinceMs === null)) return [];
    this.#sinceMs = somethingIsCritical ? null : nowMs;
    return [this.#write()];
  }

  #write(): DocumentWrite {
    return { collection: COLLECTION, id: STEADY, value: { sinceMs: this.#sinceMs } };
  }
}
