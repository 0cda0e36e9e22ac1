import { formatSpan } from "@hms-ops/panels";
import { useHub, useTimeRange } from "@hms-ops/react";
import { useEffect, useState } from "react";
import { type ChartRun, chartRun, momentRun } from "./chart-run.ts";
import { type Explanation, explainer } from "./use-explanation.ts";
import { noteText } from "./words.ts";

/** Reasons that are told; more are as many parts that are empty. */
const MOST_REASONS = 2;

interface EmptyAnswer {
  readonly expr: string;
  /** Nothing is asked before an answer came and is empty. */
  readonly empty: boolean;
  /** Drawn over the page's range, else a table of now. */
  readonly drawn: boolean;
  /** Of the chart: decides the step. */
  readonly widthPx: number;
}

/**
 * Why an answer is empty, in a sentence or two; undefined while that is asked, and where the hub
 * does not say. Asked once for an expression and a range, not with every refresh.
 */
export function useEmptyReason({ expr, empty, drawn, widthPx }: EmptyAnswer): string | undefined {
  const { clock } = useHub();
  const { time, zone } = useTimeRange();
  const [reason, setReason] = useState<string>();
  const { from, to } = time;
  useEffect(() => {
    setReason(undefined);
    const nowMs = clock.now();
    const run = drawn ? chartRun({ from, to }, nowMs, zone, widthPx) : momentRun(nowMs);
    if (!empty || !run) return;
    const leave = new AbortController();
    explainer.explain(expr, { shortForms: true, drawn, run, signal: leave.signal }).then(
      async (told) => {
        const isYetToCome = drawn && to === "now" && (await answersNow(told, leave.signal));
        if (leave.signal.aborted) return;
        setReason(isYetToCome ? yetToCome(run) : toldReason(told));
      },
      () => {},
    );
    return () => leave.abort();
  }, [expr, empty, drawn, widthPx, from, to, zone, clock]);
  return reason;
}

/** Steps lie on round times: what came in after the last one stands in no chart yet. */
async function answersNow({ promql }: Explanation, signal: AbortSignal): Promise<boolean> {
  if (promql === "") return false;
  const asked = explainer.query(promql, { signal });
  const value = await asked.then(
    (answer) => answer.value,
    () => undefined,
  );
  return value?.kind === "vector" && value.elements.length > 0;
}

function yetToCome({ stepMs }: ChartRun): string {
  return `It has a value now, newer than the chart's last step: it is drawn with the next one, within ${formatSpan(stepMs)}. The table shows it already.`;
}

function toldReason({ notes }: Explanation): string | undefined {
  const told = notes.filter(({ about }) => about === "series").slice(0, MOST_REASONS);
  return told.map(noteText).join(" ") || undefined;
}
