import type { Panel as BoardPanelSpec } from "@hms-ops/model";
import {
  chartTable,
  lightsModel,
  type PanelContext,
  type StatusState,
  statModel,
  tableModel,
  timeseriesModel,
  unitWords,
} from "@hms-ops/panels";
import { useHub, useRangeQueries, useTimeRange } from "@hms-ops/react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef } from "react";
import { Lights } from "../panel/lights.tsx";
import { Panel } from "../panel/panel.tsx";
import { Stat } from "../panel/stat.tsx";
import { StatusMark } from "../status/status-mark.tsx";
import { useChartScope } from "./chart-scope.tsx";
import { panelStateOf } from "./live-words.ts";
import { ModelTable } from "./model-table.tsx";
import { TimeseriesChart } from "./timeseries-chart.tsx";
import { type Frame, useFrame } from "./use-frame.ts";
import { useInstants } from "./use-instants.ts";
import "./board-panel.css";

/** A board's row with its gap; what title, sentence and the space below take of a panel. */
const ROW_PX = 38;
const AROUND_CHART_PX = 90;
const LEAST_CHART_PX = 112;

export interface BoardPanelProps {
  readonly panel: BoardPanelSpec;
  /** Of the chart; absent = as high as the panel's place. */
  readonly heightPx?: number;
  /** Shown as table instead of as picture. */
  readonly asTable?: boolean;
  /** The one solid red tile of the screen. */
  readonly solid?: boolean;
  readonly bands?: PanelContext["bands"];
  /** Links beside "As table". */
  readonly more?: ReactNode;
  /** Understand `latency_ms_p95` and dotted names; boards are strict. */
  readonly shortForms?: boolean;
  /** Told what its limits say, at first and after each change; charts and tables say nothing. */
  onState?(state: StatusState): void;
  /** Absent = there is no table to change to. */
  onTable?(asTable: boolean): void;
}

/** One panel of a board, asked while it is in sight. */
export function BoardPanel(props: BoardPanelProps) {
  const frame = useFrame();
  const { panel, asTable, onTable } = props;
  function onKeyDown(event: KeyboardEvent) {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const typing =
      event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
    if (event.key !== "a" || !plain || typing || event.defaultPrevented || !onTable) return;
    event.preventDefault();
    onTable(asTable !== true);
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears the keys of the panel within.
    <div ref={frame.ref} className={`hms-board-panel hms-kind-${panel.kind}`} onKeyDown={onKeyDown}>
      {panel.kind === "table" ? (
        <TablePanel {...props} frame={frame} />
      ) : (
        <PicturePanel {...props} frame={frame} />
      )}
    </div>
  );
}

interface FramedProps extends BoardPanelProps {
  readonly frame: Frame;
}

function usePanelContext(bands: PanelContext["bands"]): PanelContext {
  const { palette } = useChartScope();
  const { clock } = useHub();
  const { zone } = useTimeRange();
  return { palette, zone, nowMs: clock.now(), ...(bands ? { bands } : {}) };
}

function TablePanel({ panel, frame, more }: FramedProps) {
  const { zone } = useTimeRange();
  const exprs = panel.queries.map((query) => query.expr);
  const answers = useInstants(exprs, frame.visible);
  const model = tableModel(
    panel,
    answers.map((answer) => answer.data),
    zone,
  );
  return (
    <Panel
      title={panel.title}
      state={panelStateOf(answers, zone, "No series answers.")}
      fetching={answers.some((answer) => answer.fetching)}
      more={more}
    >
      <ModelTable model={model} />
    </Panel>
  );
}

function PicturePanel(props: FramedProps) {
  const { panel, frame, bands } = props;
  const context = usePanelContext(bands);
  const exprs = useMemo(() => panel.queries.map((query) => query.expr), [panel.queries]);
  const answers = useRangeQueries(exprs, {
    widthPx: frame.widthPx,
    visible: frame.visible && frame.widthPx > 0,
    ...(props.shortForms ? { shortForms: true } : {}),
  });
  const pictures = answers.map((answer) => answer.data);
  const state = panelStateOf(answers, context.zone, "No series answers in this time range.");
  const fetching = answers.some((answer) => answer.fetching);
  const shared = { ...props, context, pictures, state, fetching };
  switch (panel.kind) {
    case "stat":
      return <StatPanel {...shared} />;
    case "lights":
      return <LightsPanel {...shared} />;
    default:
      return <ChartPanel {...shared} />;
  }
}

interface PictureProps extends FramedProps {
  readonly context: PanelContext;
  readonly pictures: Parameters<typeof timeseriesModel>[1];
  readonly state: ReturnType<typeof panelStateOf>;
  readonly fetching: boolean;
}

function StatPanel({ panel, context, pictures, state, fetching, solid, onState }: PictureProps) {
  const model = statModel(panel, pictures, context);
  useTold(model.state, onState);
  // A readout without data says so itself, in its own place.
  const own = state.kind === "empty" ? ({ kind: "ready" } as const) : state;
  const isSolid = solid === true && model.state === "crit";
  return (
    <Panel
      title={panel.title}
      state={own}
      fetching={fetching}
      status={alarm(model.state)}
      className={isSolid ? "hms-panel-solid" : ""}
    >
      <Stat model={model} solid={isSolid} />
    </Panel>
  );
}

function LightsPanel({ panel, pictures, state, fetching, onState }: PictureProps) {
  const model = lightsModel(panel, pictures);
  useTold(model.lights[0]?.state ?? "none", onState);
  const own =
    state.kind === "empty"
      ? ({ kind: "empty", text: <StatusMark state="none" /> } as const)
      : state;
  return (
    <Panel title={panel.title} state={own} fetching={fetching}>
      <Lights model={model} />
    </Panel>
  );
}

function ChartPanel(props: PictureProps) {
  const { panel, context, pictures, state, fetching, asTable, onTable, more } = props;
  const sentenceId = useId();
  const { clock } = useHub();
  const { crosshair } = useChartScope();
  const { set } = useTimeRange();
  const model = timeseriesModel(panel, pictures, context);
  // Axes stand from the beginning; the chart itself says why there is no line.
  const own = state.kind === "error" ? state : ({ kind: "ready" } as const);
  const heightPx =
    props.heightPx ?? Math.max(LEAST_CHART_PX, panel.grid.h * ROW_PX - AROUND_CHART_PX);
  return (
    <Panel
      title={panel.title}
      unit={asTable ? unitWords(panel.unit) : model.unitText}
      sentence={state.kind === "loading" ? "Loading" : model.sentence}
      sentenceId={sentenceId}
      state={own}
      fetching={fetching}
      more={
        <>
          {onTable ? (
            <button type="button" className="hms-more-button" onClick={() => onTable(!asTable)}>
              {asTable ? "As chart" : "As table"}
            </button>
          ) : null}
          {more}
        </>
      }
    >
      {asTable ? (
        <ModelTable model={chartTable(model)} />
      ) : (
        <TimeseriesChart
          model={model}
          clock={clock}
          crosshair={crosshair}
          heightPx={heightPx}
          sentenceId={sentenceId}
          onZoom={(range) => set({ time: { from: String(range.fromMs), to: String(range.toMs) } })}
          {...(onTable ? { onTable: () => onTable(true) } : {})}
        />
      )}
    </Panel>
  );
}

function useTold(state: StatusState, tell: BoardPanelProps["onState"]): void {
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => latest.current?.(state), [state]);
}

function alarm(state: string): "warn" | "crit" | undefined {
  return state === "warn" || state === "crit" ? state : undefined;
}
