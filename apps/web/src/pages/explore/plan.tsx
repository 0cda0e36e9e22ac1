import { Button } from "@hms-mfe/bricks";
import { formatDurationMs } from "@hms-ops/model";
import { formatTogether, formatValue } from "@hms-ops/panels";
import { useHub, useTimeRange } from "@hms-ops/react";
import { type CSSProperties, useEffect, useState } from "react";
import { chartRun } from "./chart-run.ts";
import { type PlanLine, planLines } from "./plan-tree.ts";
import { type ExplainCost, type Explanation, explainer } from "./use-explanation.ts";

const PLAN_CAPTION = "The steps, the result first, below each what it takes";
/** Deeper steps stand no further to the right. */
const MOST_INDENTED = 8;

interface PlanProps {
  readonly expr: string;
  readonly drawn: boolean;
  /** Of the chart: decides the step, as it does there. */
  readonly widthPx: number;
}

/** How an expression is answered, and, once somebody looks, where the time goes. */
export function Plan(props: PlanProps) {
  const [open, setOpen] = useState(false);
  return (
    <details
      className="explore-plan"
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>How this is answered</summary>
      {open ? <Measured {...props} /> : null}
    </details>
  );
}

type Run =
  | { readonly state: "running" }
  | { readonly state: "failed"; readonly message: string }
  | {
      readonly state: "done";
      readonly told: Explanation;
      readonly stepMs: number;
      readonly steps: number;
    };

function Measured(props: PlanProps) {
  const [turn, setTurn] = useState(0);
  const run = useRun(props, turn);
  if (run.state === "running") return <p className="hms-small hms-dim">Running each step once</p>;
  const again = <Button onClick={() => setTurn(turn + 1)}>Run again</Button>;
  if (run.state === "failed") {
    return (
      <p className="hms-small hms-dim" role="status">
        Not measured: {run.message} {again}
      </p>
    );
  }
  const { told, stepMs, steps } = run;
  if (told.cost === null)
    return <p className="hms-small hms-dim">It cannot be read, so it is not run.</p>;
  return (
    <>
      <Costs cost={told.cost} stepMs={stepMs} steps={steps} more={again} />
      <PlanTable lines={planLines(told.steps)} />
    </>
  );
}

/** Asked when it is looked at, and again by a click: not with every refresh of the chart. */
function useRun({ expr, drawn, widthPx }: PlanProps, turn: number): Run {
  const { clock } = useHub();
  const { time, zone } = useTimeRange();
  const [run, setRun] = useState<Run>({ state: "running" });
  const { from, to } = time;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn asks the same again.
  useEffect(() => {
    const asked = chartRun({ from, to }, clock.now(), zone, widthPx);
    if (!asked) return;
    const leave = new AbortController();
    const { stepMs, steps } = asked;
    setRun({ state: "running" });
    const options = { shortForms: true, drawn, run: asked, signal: leave.signal };
    explainer.explain(expr, options).then(
      (told) => setRun({ state: "done", told, stepMs, steps }),
      (error: unknown) => {
        if (leave.signal.aborted) return;
        setRun({ state: "failed", message: error instanceof Error ? error.message : "" });
      },
    );
    return () => leave.abort();
  }, [expr, drawn, widthPx, from, to, zone, clock, turn]);
  return run;
}

interface CostsProps {
  readonly cost: ExplainCost;
  readonly stepMs: number;
  readonly steps: number;
  readonly more: React.ReactNode;
}

function Costs({ cost, stepMs, steps, more }: CostsProps) {
  const { parseMs, readMs, evaluateMs, totalMs, seriesSelected, samplesRead, seriesCount } = cost;
  const parts = [
    { word: "parse", ms: parseMs },
    { word: "read", ms: readMs },
    { word: "evaluate", ms: evaluateMs },
  ];
  const facts = [
    `${counted(seriesSelected, "series")} and ${counted(samplesRead, "sample")} read`,
    `${counted(seriesCount, "series")} in the answer`,
    `${counted(steps, "step")} of ${formatDurationMs(stepMs)}`,
  ];
  return (
    <div className="explore-costs">
      <span className="hms-number explore-costs-all">{formatValue(totalMs, "ms").text}</span>
      <ul>
        {parts.map(({ word, ms }) => (
          <li key={word} style={{ flexGrow: Math.max(ms, totalMs / 100) }}>
            {word} <span className="hms-number">{formatValue(ms, "ms").text}</span>
          </li>
        ))}
      </ul>
      {more}
      <p className="hms-small hms-dim">{facts.join(" · ")}</p>
    </div>
  );
}

function counted(count: number, word: string): string {
  const plural = word.endsWith("s") || count === 1 ? word : `${word}s`;
  return `${count.toLocaleString("en-US")} ${plural}`;
}

function PlanTable({ lines }: { readonly lines: readonly PlanLine[] }) {
  const measured = lines.filter(({ repeated }) => !repeated);
  const times = formatTogether(
    lines.map(({ ownMs }) => ownMs ?? undefined),
    "ms",
  );
  const isMeasured = measured.some(({ ownMs }) => ownMs !== null);
  const unit = times.find(({ unit: one }) => one !== "")?.unit;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: where it is too wide, arrow keys scroll it.
    <section className="hms-table-frame" tabIndex={0} aria-label={PLAN_CAPTION}>
      <table className="hms-table explore-steps">
        <caption className="hms-hidden">{PLAN_CAPTION}</caption>
        <thead>
          <tr>
            <th scope="col">Step</th>
            {isMeasured ? (
              <>
                <th scope="col" className="hms-table-number">
                  Own time{unit ? <span className="hms-unit"> {unit}</span> : null}
                </th>
                <th scope="col" className="hms-table-number">
                  Series
                </th>
                <th scope="col" className="hms-table-number">
                  Samples
                </th>
              </>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {lines.map((line, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: one step may stand twice.
            <tr key={i}>
              <StepName line={line} />
              {isMeasured ? <StepFigures line={line} time={times[i]?.number ?? ""} /> : null}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function StepName({ line: { step, depth, repeated } }: { readonly line: PlanLine }) {
  return (
    <th scope="row" style={{ "--depth": Math.min(depth, MOST_INDENTED) } as CSSProperties}>
      {depth > 0 ? <span className="explore-branch" aria-hidden="true" /> : null}
      <span className="hms-number hms-faint">{step.number}</span>{" "}
      {repeated ? <span className="hms-dim">as above</span> : step.does}
      {step.takes.length > 0 && !repeated ? (
        <span className="hms-hidden">, of {step.takes.join(" and ")}</span>
      ) : null}
    </th>
  );
}

function StepFigures({ line, time }: { readonly line: PlanLine; readonly time: string }) {
  const { cost } = line.step;
  if (line.repeated || cost === null) return <td colSpan={3} />;
  return (
    <>
      <td className="hms-table-number">
        <span className="explore-share" aria-hidden="true">
          <span style={{ width: `${Math.max(1, line.share * 100)}%` }} />
        </span>
        {time}
      </td>
      <td className="hms-table-number">{cost.seriesCount.toLocaleString("en-US")}</td>
      <td className="hms-table-number">{cost.samplesRead.toLocaleString("en-US")}</td>
    </>
  );
}
