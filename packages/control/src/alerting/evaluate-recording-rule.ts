import {
  type Labels,
  labelsKey,
  METRIC_NAME,
  type NativeHistogram,
  type VectorElement,
  withLabels,
} from "@hms-ops/model";
import type { Rule } from "../rules/rule.ts";
import type { Health, RuleSample } from "./alert.ts";

/** What a recording rule remembers: the series of its last good run, to end those that vanish. */
export interface RecordingRuleState {
  readonly series: readonly Labels[];
  readonly health: Health;
  readonly lastError: string;
  readonly lastEvaluationMs?: number;
}

export const NEW_RECORDING_RULE_STATE: RecordingRuleState = {
  series: [],
  health: "unknown",
  lastError: "",
};

export interface RecordingEvaluation {
  readonly state: RecordingRuleState;
  readonly samples: readonly RuleSample[];
}

/** One run of a recording rule: the result under the recorded name, with the rule's labels on top. */
export function evaluateRecordingRule(
  rule: Rule,
  previous: RecordingRuleState,
  vector: readonly VectorElement[],
  nowMs: number,
  options: { readonly limit: number; readonly sampleTimeMs: number },
): RecordingEvaluation {
  const { limit, sampleTimeMs: timeMs } = options;
  const samples: RuleSample[] = [];
  let lastError = "";
  const written = new Set<string>();
  for (const { labels, value, histogram } of vector) {
    const recorded = withLabels(labels, { ...rule.labels, [METRIC_NAME]: rule.name });
    const key = labelsKey(recorded);
    if (written.has(key)) {
      const reason = "vector contains metrics with the same labelset after applying rule labels";
      return failedRecordingRule(previous, reason, nowMs);
    }
    if (histogram && isNegative(histogram)) {
      lastError = "histogram has a bucket whose observation count is negative";
      continue;
    }
    written.add(key);
    samples.push({ labels: recorded, timeMs, value, ...(histogram && { histogram }) });
  }
  if (limit > 0 && samples.length > limit) {
    const reason = `exceeded limit of ${limit} with ${samples.length} series`;
    return failedRecordingRule(previous, reason, nowMs);
  }
  const series = samples.map(({ labels }) => labels);
  for (const labels of previous.series) {
    if (written.has(labelsKey(labels))) continue;
    samples.push({ labels, timeMs, value: Number.NaN, stale: true });
  }
  const health = lastError === "" ? "ok" : "err";
  return { state: { series, health, lastError, lastEvaluationMs: nowMs }, samples };
}

/** Differences of histograms can be; none is stored, as Prometheus stores none. */
function isNegative({ count, zeroCount, positive, negative }: NativeHistogram): boolean {
  const isBelow = (number: number) => number < 0;
  return (
    [count, zeroCount].some(isBelow) ||
    [positive, negative].some((side) => side.counts.some(isBelow))
  );
}

export function failedRecordingRule(
  previous: RecordingRuleState,
  reason: string,
  nowMs: number,
): RecordingEvaluation {
  return {
    state: {
      series: previous.series,
      health: "err",
      lastError: reason,
      lastEvaluationMs: nowMs,
    },
    samples: [],
  };
}
