import { chooseStepMs, resolveTimeRange, stepGrid, type TimeText } from "@hms-ops/panels";

/** A range over which an explanation runs the parts of an expression. */
export interface ChartRun {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly steps: number;
}

/** The range and the steps of a chart of that width; undefined where there is none yet. */
export function chartRun(
  { from, to }: TimeText,
  nowMs: number,
  zone: string,
  widthPx: number,
): ChartRun | undefined {
  const range = resolveTimeRange({ from, to }, nowMs, zone);
  if (!range || widthPx === 0) return undefined;
  const stepMs = chooseStepMs(range, widthPx);
  const { startMs, count } = stepGrid(range, stepMs);
  return {
    fromMs: startMs,
    toMs: startMs + Math.max(0, count - 1) * stepMs,
    stepMs,
    steps: count,
  };
}

/** One evaluation, now. */
export function momentRun(nowMs: number): ChartRun {
  return { fromMs: nowMs, toMs: nowMs, stepMs: 1_000, steps: 1 };
}
