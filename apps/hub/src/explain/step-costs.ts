import { type PlanStep, prepareQuery } from "@hms-ops/query";
import type { ExplainCost, ExplainStep } from "@hms-ops/wire/api";

/** Runs an expression over the time range in question. */
export type CostOfPart = (expr: string) => Promise<ExplainCost>;

/** Parts that are run one by one for their time; a longer plan is measured as a whole alone. */
const MOST_MEASURED_STEPS = 30;

/** The plan with what each step cost, each run by itself with all that it takes. */
export async function measureParts(
  plan: readonly PlanStep[],
  costOf: CostOfPart | undefined,
): Promise<{ readonly steps: readonly ExplainStep[]; readonly cost: ExplainCost | null }> {
  const unmeasured = plan.map((step) => ({ ...step, cost: null }));
  const last = plan.at(-1);
  if (costOf === undefined || last === undefined) return { steps: unmeasured, cost: null };
  const cost = await costOf(last.expr);
  if (plan.length > MOST_MEASURED_STEPS) return { steps: unmeasured, cost };
  const steps: ExplainStep[] = [];
  for (const step of plan) {
    const { totalMs, seriesCount, samplesRead } =
      step === last ? cost : await costOf(runnable(step.expr));
    steps.push({ ...step, cost: { totalMs, seriesCount, samplesRead } });
  }
  return { steps, cost };
}

/** A range of samples is read as its newest ones: that reads the same, and answers with numbers. */
function runnable(expr: string): string {
  return prepareQuery(expr).query?.type === "matrix" ? `last_over_time(${expr})` : expr;
}
