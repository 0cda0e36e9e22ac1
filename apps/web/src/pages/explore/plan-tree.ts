import type { ExplainStep } from "./use-explanation.ts";

/** A line of the plan as a tree: the result first, below each step what it takes. */
export interface PlanLine {
  readonly step: ExplainStep;
  /** 0 = the result. */
  readonly depth: number;
  /** Read once and used again: its figures stand where it came first. */
  readonly repeated: boolean;
  /** Without what it takes; null where it was not run. */
  readonly ownMs: number | null;
  /** Of the longest own time, 0 … 1. */
  readonly share: number;
}

export function planLines(steps: readonly ExplainStep[]): readonly PlanLine[] {
  const result = steps.at(-1);
  if (result === undefined) return [];
  const byNumber = new Map(steps.map((step) => [step.number, step]));
  const own = new Map(steps.map((step) => [step.number, ownMsOf(step, byNumber)]));
  const longestMs = Math.max(...[...own.values()].map((ms) => ms ?? 0));
  const lines: PlanLine[] = [];
  const seen = new Set<number>();
  const visit = (step: ExplainStep, depth: number): void => {
    const repeated = seen.has(step.number);
    seen.add(step.number);
    const ownMs = own.get(step.number) ?? null;
    const share = longestMs > 0 ? (ownMs ?? 0) / longestMs : 0;
    lines.push({ step, depth, repeated, ownMs, share });
    if (repeated) return;
    for (const number of step.takes) {
      const taken = byNumber.get(number);
      if (taken) visit(taken, depth + 1);
    }
  };
  visit(result, 0);
  return lines;
}

type StepsByNumber = ReadonlyMap<number, ExplainStep>;

/** Each was run with all that it takes, so their difference is its own. */
function ownMsOf(step: ExplainStep, byNumber: StepsByNumber): number | null {
  return step.cost === null ? null : Math.max(0, step.cost.totalMs - takenMsOf(step, byNumber));
}

/** Of a step that was not run by itself, what it takes stands for it. */
function takenMsOf({ takes }: ExplainStep, byNumber: StepsByNumber): number {
  const times = takes.map((number) => {
    const taken = byNumber.get(number);
    return taken ? (taken.cost?.totalMs ?? takenMsOf(taken, byNumber)) : 0;
  });
  return times.reduce((sum, ms) => sum + ms, 0);
}
