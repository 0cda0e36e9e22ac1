import { useHub, useTimeRange } from "@hms-ops/react";
import { useEffect, useState } from "react";
import { chartRun, momentRun } from "./chart-run.ts";
import { explainer } from "./use-explanation.ts";
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
      ({ notes }) => {
        if (leave.signal.aborted) return;
        const told = notes.filter(({ about }) => about === "series").slice(0, MOST_REASONS);
        setReason(told.map(noteText).join(" ") || undefined);
      },
      () => {},
    );
    return () => leave.abort();
  }, [expr, empty, drawn, widthPx, from, to, zone, clock]);
  return reason;
}
