import {
  Button,
  Icon,
  LegendTable,
  ModelTable,
  Panel,
  panelStateOf,
  SegmentedBar,
  TimeseriesChart,
  useChartScope,
  useFrame,
} from "@hms-mfe/bricks";
import type { Panel as PanelSpec } from "@hms-ops/model";
import { type TimeseriesModel, tableModel, timeseriesModel, unitWords } from "@hms-ops/panels";
import { useHub, useInstantQuery, useRangeQuery, useTimeRange } from "@hms-ops/react";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { ExplanationOf, spokenNotes } from "./explanation.tsx";
import { unitOf } from "./expressions.ts";
import { Plan } from "./plan.tsx";
import { PromqlField, type PromqlFieldHandle } from "./promql-field.tsx";
import { useEmptyReason } from "./use-empty-reason.ts";
import { type Explained, type ExplainNote, explainer, useExplanation } from "./use-explanation.ts";
import { noRowsText } from "./words.ts";
import "./explanation.css";

export type ExploreView = "graph" | "table";

interface ExplorePanelProps {
  /** From 0, told in the labels where there are several. */
  readonly index: number;
  readonly expr: string;
  readonly view: ExploreView;
  readonly alone: boolean;
  onView(view: ExploreView): void;
  onRun(expr: string): void;
  onRemove(): void;
}

const CHART_HEIGHT_PX = 268;

const NO_NOTES: readonly ExplainNote[] = [];

/** One expression: where it is typed, what it means, and what it answers. */
export function ExplorePanel(props: ExplorePanelProps) {
  const { index, expr, view, alone, onRun } = props;
  const live = useHub();
  const [draft, setDraft] = useState(expr);
  useEffect(() => setDraft(expr), [expr]);
  const field = useRef<PromqlFieldHandle>(null);
  const explained = useExplanation(draft, view === "graph");
  const current = explained?.text === draft;
  const notes = current ? explained.told.notes : NO_NOTES;
  const format = useFormat(draft, setDraft);
  const label = alone ? "Expression" : `Expression ${index + 1}`;
  const notesId = useId();
  const use = (query: string) => {
    setDraft(query);
    onRun(query);
    field.current?.focus();
  };
  return (
    <div className="explore-one">
      <div className="explore-ask">
        <PromqlField
          ref={field}
          label={label}
          value={draft}
          hub={live.hub}
          focused={expr === "" && index > 0}
          notes={notes}
          notesId={notesId}
          onChange={setDraft}
          onRun={onRun}
          onFormat={format.run}
        />
        <AskActions {...props} label={label} draft={draft} onFormat={format.run} />
      </div>
      <p className="hms-hidden" role="status">
        {format.said || spokenNotes(notes)}
      </p>
      <div id={notesId}>
        {explained ? (
          <ExplanationOf
            explained={explained}
            current={current}
            onUse={use}
            onShow={({ from, to }) => field.current?.select(from, to)}
          />
        ) : null}
      </div>
      {expr.trim() === "" ? (
        <Invitation typed={draft.trim() !== ""} />
      ) : (
        <Answer {...props} explained={explained} />
      )}
    </div>
  );
}

interface AskActionsProps extends ExplorePanelProps {
  readonly label: string;
  readonly draft: string;
  onFormat(): void;
}

function AskActions(props: AskActionsProps) {
  const { index, expr, draft, label, alone, onRun, onRemove, onFormat } = props;
  const live = useHub();
  return (
    <div className="explore-ask-actions">
      <Button
        look={index === 0 ? "main" : "outlined"}
        onClick={() => (draft === expr ? live.refreshAll() : onRun(draft))}
      >
        Run <kbd className="hms-key">↵</kbd>
      </Button>
      <Button
        onClick={onFormat}
        title="Format the expression: Alt Shift F"
        aria-keyshortcuts="Alt+Shift+F"
      >
        Format
      </Button>
      {alone ? null : (
        <Button look="quiet" aria-label={`Remove ${label}`} onClick={onRemove}>
          <Icon name="close" small />
          Remove
        </Button>
      )}
    </div>
  );
}

/** Writes the expression as it is usually written; what it could not do is said. */
function useFormat(draft: string, setDraft: (text: string) => void) {
  const [said, setSaid] = useState<{ readonly of: string; readonly words: string }>();
  const run = () => {
    const say = (of: string, words: string) => setSaid({ of, words });
    explainer.explain(draft).then(
      ({ formatted }) => {
        if (formatted === "") return say(draft, "Not formatted: this is no PromQL");
        say(formatted, formatted === draft ? "Formatted already" : "Formatted");
        setDraft(formatted);
      },
      () => say(draft, "Not formatted: the hub does not answer"),
    );
  };
  return { run, said: said?.of === draft ? said.words : "" };
}

function Invitation({ typed }: { readonly typed: boolean }) {
  if (typed) return <p className="hms-dim">Enter runs it.</p>;
  return (
    <p className="hms-dim explore-invitation">
      Type an expression, or choose a metric from the list. Plain words work too:{" "}
      <code className="hms-code">requests_total per minute</code>,{" "}
      <code className="hms-code">latency_ms_p95</code>,{" "}
      <code className="hms-code">avg(write_ms) over 5 min &gt; 200</code>.
    </p>
  );
}

interface AnswerProps extends ExplorePanelProps {
  readonly explained: Explained | undefined;
}

function Answer({ expr, view, explained, onView }: AnswerProps) {
  const frame = useFrame();
  const told = explained?.text === expr ? explained.told : undefined;
  const promql = told?.promql || expr;
  const spec = useMemo(() => specOf(expr, promql), [expr, promql]);
  const more = (
    <SegmentedBar
      label="Show as"
      small
      segments={[
        { value: "graph", word: "Graph" },
        { value: "table", word: "Table" },
      ]}
      value={view}
      onChange={onView}
    />
  );
  const shown = { spec, more, visible: frame.visible, widthPx: frame.widthPx };
  return (
    <div ref={frame.ref}>
      {view === "graph" ? (
        <Graph {...shown} said={told ? saidOf(told) : []} />
      ) : (
        <Table {...shown} />
      )}
      <Plan expr={expr} drawn={view === "graph"} widthPx={frame.widthPx} />
    </div>
  );
}

/** What stands below the expression already. */
function saidOf({ rewritten, notes }: Explained["told"]): readonly string[] {
  return [...rewritten, ...notes.map(({ message }) => message)];
}

function specOf(expr: string, promql: string): PanelSpec {
  return {
    id: 1,
    title: expr.replace(/\s+/g, " "),
    kind: "timeseries",
    grid: { x: 0, y: 0, w: 24, h: 8 },
    queries: [{ expr }],
    unit: unitOf(promql),
  };
}

interface ShownProps {
  readonly spec: PanelSpec;
  readonly more: React.ReactNode;
  readonly visible: boolean;
  readonly widthPx: number;
}

interface GraphProps extends ShownProps {
  /** As `saidOf` has it: not said again below the chart. */
  readonly said: readonly string[];
}

function Graph({ spec, more, visible, widthPx, said }: GraphProps) {
  const { clock } = useHub();
  const { zone } = useTimeRange();
  const { palette } = useChartScope();
  const expr = spec.queries[0]?.expr ?? "";
  const answer = useRangeQuery(expr, { widthPx, visible, shortForms: true });
  const empty = answer.status === "empty";
  const reason = useEmptyReason({ expr, empty, drawn: true, widthPx });
  const drawn = timeseriesModel(spec, [answer.data], { palette, zone, nowMs: clock.now() });
  const model = empty && reason ? { ...drawn, emptyText: reason } : drawn;
  const state = panelStateOf([answer], zone, model.emptyText);
  const sentenceId = useId();
  return (
    <Panel
      title={<span className="hms-code explore-title">{spec.title}</span>}
      unit={model.unitText}
      sentence={answer.status === "loading" ? "Loading" : model.sentence}
      sentenceId={sentenceId}
      state={state.kind === "error" ? state : { kind: "ready" }}
      fetching={answer.fetching}
      more={more}
    >
      <Chart model={model} sentenceId={sentenceId} />
      {answer.status === "ready" ? <LegendTable model={model} /> : null}
      {(answer.data?.notes ?? [])
        .filter((note) => !said.includes(note))
        .map((note) => (
          <p className="hms-small hms-dim" key={note}>
            {note}
          </p>
        ))}
    </Panel>
  );
}

function Chart({
  model,
  sentenceId,
}: {
  readonly model: TimeseriesModel;
  readonly sentenceId: string;
}) {
  const { clock } = useHub();
  const { crosshair } = useChartScope();
  const { set } = useTimeRange();
  return (
    <TimeseriesChart
      model={model}
      clock={clock}
      crosshair={crosshair}
      heightPx={CHART_HEIGHT_PX}
      sentenceId={sentenceId}
      onZoom={({ fromMs, toMs }) =>
        set({ time: { from: String(Math.round(fromMs)), to: String(Math.round(toMs)) } })
      }
    />
  );
}

function Table({ spec, more, visible, widthPx }: ShownProps) {
  const { zone } = useTimeRange();
  const expr = spec.queries[0]?.expr ?? "";
  const answer = useInstantQuery(expr, { visible, shortForms: true });
  const empty = answer.status === "empty";
  const reason = useEmptyReason({ expr, empty, drawn: false, widthPx });
  const model = tableModel(spec, [answer.data], zone);
  const state = panelStateOf([answer], zone, reason ?? "No series has this now.");
  const noRows = answer.data && state.kind === "ready" ? noRowsText(answer.data.value) : undefined;
  return (
    <Panel
      title={<span className="hms-code explore-title">{spec.title}</span>}
      unit={unitWords(spec.unit)}
      state={noRows ? { kind: "empty", text: noRows } : state}
      fetching={answer.fetching}
      more={more}
    >
      <ModelTable model={model} />
    </Panel>
  );
}
