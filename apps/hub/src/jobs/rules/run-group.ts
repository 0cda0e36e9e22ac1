import {
  type AlertEvaluation,
  evaluateRecordingRule,
  failedAlertRule,
  failedRecordingRule,
  type Notification,
  notificationOf,
  type RecordingRuleState,
  type Rule,
  type RuleGroup,
  type RuleSample,
  runAlertRule,
  type VectorAnswer,
} from "@hms-ops/control";
import { type DocumentWrite, OpsError } from "@hms-ops/model";
import type { HubServices } from "../../ports.ts";
import { RULE_QUERY_TIMEOUT_MS } from "./limits.ts";
import type { RuleMemory } from "./rule-memory.ts";
import { mentions } from "./rule-names.ts";

export interface RunServices
  extends Pick<HubServices, "clock" | "log" | "metrics" | "queries" | "ingest"> {
  readonly memory: RuleMemory;
  readonly externalUrl: string;
  readonly externalLabels: Readonly<Record<string, string>>;
}

export interface GroupRun {
  readonly group: RuleGroup;
  readonly keys: ReadonlyMap<Rule, string>;
  readonly timeMs: number;
  /** The hub has just started: alerts from before it are not ended by missing samples. */
  readonly justStarted: boolean;
  /** Aborted when the hub stops. */
  readonly signal: AbortSignal;
}

export interface RuleNews {
  readonly rule: Rule;
  readonly notification: Notification;
}

export interface GroupOutcome {
  readonly writes: readonly DocumentWrite[];
  readonly news: readonly RuleNews[];
}

/** As Prometheus names a group in its metrics. */
export function groupKey({ file, name }: RuleGroup): string {
  return `${file};${name}`;
}

/**
 * Runs the rules of a group one after another at one time; each one's samples are stored before
 * the next one asks.
 */
export async function runGroup(services: RunServices, run: GroupRun): Promise<GroupOutcome> {
  const writes: DocumentWrite[] = [];
  const news: RuleNews[] = [];
  for (const rule of run.group.rules) {
    if (run.signal.aborted) break;
    const key = run.keys.get(rule) ?? "";
    const startMs = services.clock.monotonicMs();
    const took = () => services.memory.setTook(key, services.clock.monotonicMs() - startMs);
    if (rule.kind === "recording") {
      await runRecording(services, run, rule, key);
      took();
      continue;
    }
    const evaluation = await runAlert(services, run, rule, key);
    took();
    if (!evaluation) break;
    writes.push(...services.memory.setAlert(key, evaluation.state));
    await store(services, rule, evaluation.samples);
    const { state, transitions } = evaluation;
    const notification = notificationOf(rule, state, transitions, run.timeMs);
    if (notification) news.push({ rule, notification });
  }
  return { writes, news };
}

async function runRecording(
  services: RunServices,
  run: GroupRun,
  rule: Rule,
  key: string,
): Promise<void> {
  const { group, timeMs } = run;
  const previous = services.memory.recordingState(key);
  const sampleTimeMs = timeMs - group.queryOffsetMs;
  const answer = await ask(services, rule.expr, sampleTimeMs, run.signal);
  if (run.signal.aborted) return;
  const outcome =
    "error" in answer
      ? failedRecordingRule(previous, answer.error, timeMs)
      : evaluateRecordingRule(rule, previous, answer.vector, timeMs, {
          limit: group.limit,
          sampleTimeMs,
        });
  const problem = await store(services, rule, outcome.samples);
  const state = problem === undefined ? outcome.state : failedState(outcome.state, problem);
  count(services, run, state.health);
  services.memory.setRecording(key, state);
}

/** Undefined = the hub stops; nothing was decided. */
async function runAlert(
  services: RunServices,
  run: GroupRun,
  rule: Rule,
  key: string,
): Promise<AlertEvaluation | undefined> {
  const { group, timeMs, signal } = run;
  const previous = services.memory.alertState(key);
  const sampleTimeMs = timeMs - group.queryOffsetMs;
  const answer = await ask(services, rule.expr, sampleTimeMs, signal);
  if (signal.aborted) return undefined;
  if ("error" in answer) {
    count(services, run, "err");
    return failedAlertRule(previous, answer.error, timeMs);
  }
  const options = {
    externalLabels: services.externalLabels,
    externalUrl: services.externalUrl,
    nowMs: timeMs,
    limit: group.limit,
    holdMissing: run.justStarted && services.memory.isResumed(key),
    sampleTimeMs,
    stateMetric: !mentions(rule.expr, rule.name),
  };
  const outcome = await runAlertRule(rule, previous, answer.vector, options, (text) =>
    ask(services, text, timeMs, signal),
  );
  count(services, run, outcome.state.health);
  return signal.aborted ? undefined : outcome;
}

async function ask(
  { queries }: RunServices,
  expr: string,
  timeMs: number,
  signal: AbortSignal,
): Promise<VectorAnswer> {
  try {
    const { value } = await queries.instant(expr, timeMs, {
      forRules: true,
      timeoutMs: RULE_QUERY_TIMEOUT_MS,
      signal,
    });
    if (value.kind === "vector") return { vector: value.elements };
    if (value.kind === "scalar") return { vector: [{ labels: [], timeMs, value: value.value }] };
    return { error: "rule result is not a vector or scalar" };
  } catch (error) {
    if (error instanceof OpsError || error instanceof Error) return { error: error.message };
    return { error: String(error) };
  }
}

/** Stores samples; what was refused, in words, or undefined. */
async function store(
  { ingest, log, metrics }: RunServices,
  rule: Rule,
  samples: readonly RuleSample[],
): Promise<string | undefined> {
  if (samples.length === 0) return undefined;
  let problem: string | undefined;
  try {
    const { rejections } = await ingest.samples(samples);
    // A later sample at a time that is taken is what another rule of the same name recorded first.
    problem = rejections.find(({ reason }) => reason !== "duplicate")?.example;
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  if (problem === undefined) return undefined;
  metrics.add("hms_ops_rule_write_failures_total");
  log.warn("the samples of a rule cannot be stored", { rule: rule.name, reason: problem });
  return problem;
}

function failedState(state: RecordingRuleState, lastError: string): RecordingRuleState {
  return { ...state, health: "err", lastError };
}

function count({ metrics }: RunServices, { group }: GroupRun, health: string): void {
  metrics.add("hms_ops_rule_evaluations_total", 1, { outcome: health });
  const labels = { rule_group: groupKey(group) };
  metrics.add("prometheus_rule_evaluations_total", 1, labels);
  if (health === "err") metrics.add("prometheus_rule_evaluation_failures_total", 1, labels);
}
