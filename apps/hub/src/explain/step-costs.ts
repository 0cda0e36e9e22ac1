import { type PlanStep, prepareQuery } from "@hms-ops/query";
import type { ExplainCost, ExplainStep, ExplainStepCost } from "@hms-ops/wire/api";

/** Runs an expression over the time range in question. */
export type CostOfPart = (expr: string) => Promise<ExplainCost>;

/** Parts that are run one by one for their time; a longer plan is measured as a whole alone. */
const MOST_MEASURED_STEPS = 30;

/** A query that takes longer is run once: its parts together take many times as long. */
const LONGEST_MS = 1_000;
/** Shorter ones are run twice, so that what a thread does for the first time is not counted. */
const SHORT_MS = 50;

/** The plan with what each step cost, each run by itself with all that it takes. */
export async function measureParts(
  plan: readonly PlanStep[],
  costOf: CostOfPart | undefined,
): Promise<{ readonly steps: readonly ExplainStep[]; readonly cost: ExplainCost | null }> {
  const unmeasured = plan.map((step) => ({ ...step, cost: null }));
  const last = plan.at(-1);
  if (costOf === undefined || last === undefined) return { steps: unmeasured, cost: null };
  const cost = await costOf(last.expr);
  const isTooMuch = plan.length > MOST_MEASURED_STEPS || cost.totalMs > LONGEST_MS;
  if (isTooMuch) return { steps: unmeasured, cost };
  const steps: ExplainStep[] = [];
  for (const step of plan) steps.push({ ...step, cost: await stepCost(step.expr, costOf) });
  return { steps, cost };
}

async function stepCost(expr: string, costOf: CostOfPart): Promise<ExplainStepCost | null> {
  const text = runnable(expr);
  if (text === undefined) return null;
  const first = await costOf(text);
  const second = first.totalMs < SHORT_MS ? await costOf(text) : first;
  const { seriesCount, samplesRead } = first;
  return { totalMs: Math.min(first.totalMs, second.totalMs), seriesCount, samplesRead };
}

/**
 * A range of samples is read as its newest ones: that reads the same, and answers with numbers.
 * Undefined: a sub-query, which is not run without what slides over it.
 */
function runnable(expr: string): string | undefined {
  const { query } = prepareQuery(expr);
  if (query?.type !== "matrix") return expr;
  return query.expr.kind === "matrix" ? `last_over_time(${expr})` : undefined;
}
