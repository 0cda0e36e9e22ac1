import {
  formatDurationMs,
  type MetricStore,
  OpsError,
  SampleBatchBuilder,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { prepareQuery, runQuery } from "@hms-ops/query";
import {
  type AlertRuleState,
  NEW_ALERT_RULE_STATE,
  type RuleSample,
} from "../../alerting/alert.ts";
import { failedAlertRule } from "../../alerting/evaluate-alert-rule.ts";
import {
  evaluateRecordingRule,
  failedRecordingRule,
  NEW_RECORDING_RULE_STATE,
  type RecordingRuleState,
} from "../../alerting/evaluate-recording-rule.ts";
import { runAlertRule, type VectorAnswer } from "../../alerting/run-alert-rule.ts";
import { LOOKBACK_MS, MAX_TEST_EVALUATIONS } from "../../limits.ts";
import type { Rule, RuleGroup } from "../rule.ts";
import { judgeAlerts, judgeSamples } from "./compare.ts";
import type { InputSeries, RuleTest, RuleTestFile } from "./test-file.ts";

export interface RuleTestOutcome {
  readonly name: string;
  /** Empty = passed. */
  readonly failures: readonly string[];
}

/**
 * Runs the tests of a file over rule groups, each in a store of its own. As promtool does: all
 * groups run at every multiple of the evaluation interval up to the latest case; a rule that fails
 * ends its test.
 */
export async function runRuleTests(
  file: RuleTestFile,
  groups: readonly RuleGroup[],
  openStore: () => MetricStore,
): Promise<readonly RuleTestOutcome[]> {
  const order = (group: RuleGroup) => Math.max(0, file.groupOrder.indexOf(group.name));
  const ordered = groups.toSorted((a, b) => order(a) - order(b));
  const outcomes: RuleTestOutcome[] = [];
  for (const test of file.tests) {
    const store = openStore();
    const run = new TestRun(file, test, ordered, store);
    outcomes.push({ name: test.name, failures: await run.failures() });
    await store.close();
  }
  return outcomes;
}

class TestRun {
  readonly #file: RuleTestFile;
  readonly #test: RuleTest;
  readonly #groups: readonly RuleGroup[];
  readonly #store: MetricStore;
  readonly #alerts = new Map<Rule, AlertRuleState>();
  readonly #recordings = new Map<Rule, RecordingRuleState>();
  /** Samples of later than this have not come yet. */
  #untilMs: number;

  constructor(
    file: RuleTestFile,
    test: RuleTest,
    groups: readonly RuleGroup[],
    store: MetricStore,
  ) {
    this.#file = file;
    this.#test = test;
    this.#groups = groups;
    this.#store = store;
    this.#untilMs = test.startMs;
  }

  async failures(): Promise<readonly string[]> {
    const { startMs, alerts, expressions } = this.#test;
    const stepMs = this.#file.evaluationIntervalMs;
    const endMs = Math.max(0, ...[...alerts, ...expressions].map(({ evalTimeMs }) => evalTimeMs));
    const ruleCount = this.#groups.reduce((sum, { rules }) => sum + rules.length, 0);
    if ((endMs / stepMs) * Math.max(1, ruleCount) > MAX_TEST_EVALUATIONS) {
      return [`the test asks for more than ${MAX_TEST_EVALUATIONS} evaluations of rules`];
    }
    await this.#load(this.#test.series);
    const failures: string[] = [];
    for (let sinceMs = 0; sinceMs <= endMs; sinceMs += stepMs) {
      this.#untilMs = startMs + sinceMs;
      const errors = await this.#evaluate(sinceMs);
      if (errors.length > 0) return [...failures, ...errors];
      for (const one of alerts) {
        if (one.evalTimeMs < sinceMs || one.evalTimeMs >= sinceMs + stepMs) continue;
        const failure = judgeAlerts(one, this.#firing(one.alertName));
        if (failure !== undefined) failures.push(failure);
      }
    }
    for (const one of expressions) {
      const answer = await this.#ask(one.expr, startMs + one.evalTimeMs);
      const failure =
        "error" in answer
          ? `${one.expr} at ${formatDurationMs(one.evalTimeMs)}: ${answer.error}`
          : judgeSamples(one, answer.vector, this.#file.fuzzyCompare);
      if (failure !== undefined) failures.push(failure);
    }
    return failures;
  }

  async #load(series: readonly InputSeries[]): Promise<void> {
    const builder = new SampleBatchBuilder("test");
    for (const { labels, intervalMs, samples } of series) {
      const id = builder.declare({ labels });
      for (const [i, sample] of samples.entries()) {
        const timeMs = this.#test.startMs + i * intervalMs;
        if (sample === undefined) continue;
        if (sample === "stale") builder.addStale(id, timeMs);
        else if (typeof sample === "number") builder.add(id, timeMs, sample);
        else builder.addHistogram({ id, timeMs, histogram: sample });
      }
    }
    await this.#store.append(builder.build());
  }

  /** One run of all groups; what failed, in words. */
  async #evaluate(sinceMs: number): Promise<readonly string[]> {
    const errors: string[] = [];
    for (const group of this.#groups) {
      for (const rule of group.rules) {
        const { health, lastError } = await this.#runRule(group, rule);
        if (health !== "err") continue;
        errors.push(`rule ${rule.name} at ${formatDurationMs(sinceMs)}: ${lastError}`);
      }
    }
    return errors;
  }

  async #runRule(
    group: RuleGroup,
    rule: Rule,
  ): Promise<Pick<AlertRuleState, "health" | "lastError">> {
    const nowMs = this.#untilMs;
    const sampleTimeMs = nowMs - group.queryOffsetMs;
    const answer = await this.#ask(rule.expr, sampleTimeMs);
    const { limit } = group;
    if (rule.kind === "recording") {
      const previous = this.#recordings.get(rule) ?? NEW_RECORDING_RULE_STATE;
      const { state, samples } =
        "error" in answer
          ? failedRecordingRule(previous, answer.error, nowMs)
          : evaluateRecordingRule(rule, previous, answer.vector, nowMs, { limit, sampleTimeMs });
      this.#recordings.set(rule, state);
      await this.#write(samples);
      return state;
    }
    const previous = this.#alerts.get(rule) ?? NEW_ALERT_RULE_STATE;
    const { externalLabels, externalUrl } = this.#test;
    const options = {
      externalLabels,
      externalUrl,
      nowMs,
      limit,
      holdMissing: false,
      sampleTimeMs,
      stateMetric: false,
    };
    const { state, samples } =
      "error" in answer
        ? failedAlertRule(previous, answer.error, nowMs)
        : await runAlertRule(rule, previous, answer.vector, options, (expr) =>
            this.#ask(expr, nowMs),
          );
    this.#alerts.set(rule, state);
    await this.#write(samples);
    return state;
  }

  async #write(samples: readonly RuleSample[]): Promise<void> {
    if (samples.length === 0) return;
    const builder = new SampleBatchBuilder("rules", samples.length);
    for (const { labels, timeMs, value, histogram, stale } of samples) {
      const id = builder.declare({ labels });
      if (stale) builder.addStale(id, timeMs);
      else if (histogram) builder.addHistogram({ id, timeMs, histogram });
      else builder.add(id, timeMs, value);
    }
    await this.#store.append(builder.build());
  }

  async #ask(text: string, timeMs: number): Promise<VectorAnswer> {
    const { query, diagnostics } = prepareQuery(text);
    if (!query) return { error: diagnostics[0]?.message ?? "the expression cannot be read" };
    const view: Pick<MetricStore, "snapshot"> = {
      snapshot: async (request) => {
        const snapshot = await this.#store.snapshot(request);
        return {
          series: snapshot.series,
          ...(snapshot.residual && { residual: snapshot.residual }),
          read: ({ fromMs, toMs }, order) =>
            snapshot.read({ fromMs, toMs: Math.min(toMs, this.#untilMs) }, order),
          close: () => snapshot.close(),
        };
      },
    };
    try {
      const { value } = await runQuery(query, view, {
        grid: { startMs: timeMs, stepMs: 1, count: 1 },
        instant: true,
        lookbackMs: LOOKBACK_MS,
        budget: UNLIMITED_BUDGET,
        defaultStepMs: this.#file.evaluationIntervalMs,
      });
      if (value.kind === "vector") return { vector: value.elements };
      if (value.kind === "scalar") return { vector: [{ labels: [], timeMs, value: value.value }] };
      return { error: "rule result is not a vector or scalar" };
    } catch (error) {
      if (error instanceof OpsError) return { error: error.message };
      throw error;
    }
  }

  #firing(alertName: string) {
    return this.#groups
      .flatMap(({ rules }) => rules)
      .filter(({ kind, name }) => kind === "alerting" && name === alertName)
      .flatMap((rule) => this.#alerts.get(rule)?.alerts ?? [])
      .filter(({ state }) => state === "firing");
  }
}
