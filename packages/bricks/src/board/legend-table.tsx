import {
  formatClock,
  type LegendRow,
  legendRows,
  type SeriesLook,
  sampleShape,
  type TimeseriesModel,
} from "@hms-ops/panels";
import { useState, useSyncExternalStore } from "react";
import { type DataColumn, type DataSort, DataTable } from "../panel/data-table.tsx";
import { useChartScope } from "./chart-scope.tsx";
import "./legend-table.css";

export interface LegendTableProps {
  readonly model: TimeseriesModel;
}

/** Dates are long, and their mean says nothing: of moments the newest figures are enough. */
const COLUMNS = [
  { key: "last", head: "Last", isOfMoments: true },
  { key: "least", head: "Least", isOfMoments: false },
  { key: "mean", head: "Mean", isOfMoments: false },
  { key: "most", head: "Most", isOfMoments: true },
] as const;

/** Below a chart: every series with its sample and figures; the column of the cursor moves with it. */
export function LegendTable({ model }: LegendTableProps) {
  const { crosshair } = useChartScope();
  const [sort, setSort] = useState<DataSort>({ key: "last", down: true });
  const cursorMs = () => crosshair.timeMs;
  const atMs = useSyncExternalStore(
    (listener) => crosshair.subscribe(listener),
    cursorMs,
    cursorMs,
  );
  const isMoments = model.unit === "timestamp";
  const figures = isMoments ? COLUMNS.filter(({ isOfMoments }) => isOfMoments) : COLUMNS;
  const at = atMs === undefined ? "At cursor" : `At ${formatClock(atMs, model.zone, "seconds")}`;
  const columns: readonly DataColumn<LegendRow>[] = [
    {
      key: "name",
      head: "Series",
      cell: (row) => (
        <span className="hms-legend-name">
          <SeriesSample look={row.look} />
          {row.name}
        </span>
      ),
      sortBy: (row) => row.name,
    },
    { key: "at", head: at, kind: "number", optional: true, cell: (row) => row.at?.text ?? "–" },
    ...figures.map(
      ({ key, head }): DataColumn<LegendRow> => ({
        key,
        head,
        kind: "number",
        optional: key === "least" || key === "mean" || (isMoments && key === "most"),
        cell: (row) => row[key].text,
        sortBy: (row) => row.figures?.[key] ?? Number.NaN,
      }),
    ),
  ];
  return (
    <>
      <DataTable
        caption={`Series of ${model.title}`}
        columns={columns}
        rows={legendRows(model, atMs)}
        rowKey={(row) => row.key}
        sort={sort}
        onSort={setSort}
      />
      {model.bundled > 0 ? <p className="hms-small hms-dim">and {model.bundled} more</p> : null}
    </>
  );
}

function SeriesSample({ look }: { readonly look: SeriesLook }) {
  const { dash, mark } = sampleShape(look);
  const color = `var(--${look.color})`;
  const fill = mark?.way === "filled" ? color : mark?.way === "hollow" ? "var(--paper)" : "none";
  return (
    <svg className="hms-legend-sample" viewBox="0 0 24 10" aria-hidden="true">
      <path d="M0 5H24" stroke={color} strokeWidth="2" strokeDasharray={dash} />
      {mark ? (
        <path
          d={mark.d}
          fill={fill}
          stroke={mark.way === "filled" ? "var(--paper)" : color}
          strokeWidth={mark.way === "filled" ? 1 : 2}
        />
      ) : null}
    </svg>
  );
}
