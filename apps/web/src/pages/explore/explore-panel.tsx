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
import { useEffect, useId, useMemo, useState } from "react";
import { unitOf } from "./expressions.ts";
import { PromqlField } from "./promql-field.tsx";

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

/** One expression: where it is typed, and what it answers. */
export function ExplorePanel(props: ExplorePanelProps) {
  const { index, expr, alone, onRun, onRemove } = props;
  const live = useHub();
  const [draft, setDraft] = useState(expr);
  useEffect(() => setDraft(expr), [expr]);
  const label = alone ? "Expression" : `Expression ${index + 1}`;
  return (
    <div className="explore-one">
      <div className="explore-ask">
        <PromqlField
          label={label}
          value={draft}
          hub={live.hub}
          focused={expr === "" && index > 0}
          onChange={setDraft}
          onRun={onRun}
        />
        <div className="explore-ask-actions">
          <Button
            look={index === 0 ? "main" : "outlined"}
            onClick={() => (draft === expr ? live.refreshAll() : onRun(draft))}
          >
            Run <kbd className="hms-key">↵</kbd>
          </Button>
          {alone ? null : (
            <Button look="quiet" aria-label={`Remove ${label}`} onClick={onRemove}>
              <Icon name="close" small />
              Remove
            </Button>
          )}
        </div>
      </div>
      {expr.trim() === "" ? (
        <p className="hms-dim">Type an expression, or choose a metric from the list.</p>
      ) : (
        <Answer {...props} />
      )}
    </div>
  );
}

function Answer({ expr, view, onView }: ExplorePanelProps) {
  const frame = useFrame();
  const spec = useMemo(() => specOf(expr), [expr]);
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
    <div ref={frame.ref}>{view === "graph" ? <Graph {...shown} /> : <Table {...shown} />}</div>
  );
}

function specOf(expr: string): PanelSpec {
  return {
    id: 1,
    title: expr.replace(/\s+/g, " "),
    kind: "timeseries",
    grid: { x: 0, y: 0, w: 24, h: 8 },
    queries: [{ expr }],
    unit: unitOf(expr),
  };
}

interface ShownProps {
  readonly spec: PanelSpec;
  readonly more: React.ReactNode;
  readonly visible: boolean;
  readonly widthPx: number;
}

function Graph({ spec, more, visible, widthPx }: ShownProps) {
  const { clock } = useHub();
  const { zone } = useTimeRange();
  const { palette } = useChartScope();
  const answer = useRangeQuery(spec.queries[0]?.expr ?? "", { widthPx, visible, shortForms: true });
  const model = timeseriesModel(spec, [answer.data], { palette, zone, nowMs: clock.now() });
  const state = panelStateOf([answer], zone, model.emptyText);
  const sentenceId = useId();
  return (
    <Panel
      title={<span className="hms-code explore-title">{spec.title}</span>}
      unit={unitWords(spec.unit)}
      sentence={answer.status === "loading" ? "Loading" : model.sentence}
      sentenceId={sentenceId}
      state={state.kind === "error" ? state : { kind: "ready" }}
      fetching={answer.fetching}
      more={more}
    >
      <Chart model={model} sentenceId={sentenceId} />
      {answer.status === "ready" ? <LegendTable model={model} /> : null}
      {(answer.data?.notes ?? []).map((note) => (
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

function Table({ spec, more, visible }: ShownProps) {
  const { zone } = useTimeRange();
  const answer = useInstantQuery(spec.queries[0]?.expr ?? "", { visible, shortForms: true });
  const model = tableModel(spec, [answer.data]);
  return (
    <Panel
      title={<span className="hms-code explore-title">{spec.title}</span>}
      unit={unitWords(spec.unit)}
      state={panelStateOf([answer], zone, "No series has this now.")}
      fetching={answer.fetching}
      more={more}
    >
      <ModelTable model={model} />
    </Panel>
  );
}
