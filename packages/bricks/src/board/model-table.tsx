import type { TableCell, TableModel } from "@hms-ops/panels";
import { useMemo, useState } from "react";
import { type DataColumn, type DataSort, DataTable } from "../panel/data-table.tsx";

export interface ModelTableProps {
  readonly model: TableModel;
}

type ModelRow = TableModel["rows"][number];

/** A table that panels made: a panel of kind table, or a chart "as table". */
export function ModelTable({ model }: ModelTableProps) {
  const [sort, setSort] = useState<DataSort>();
  const columns = useMemo(
    () =>
      model.columns.map(
        (column, i): DataColumn<ModelRow> => ({
          key: String(i),
          head: column.unit ? `${column.name}, ${column.unit}` : column.name,
          kind: column.kind === "text" ? "words" : "number",
          cell: (row) => cellAt(row, i).text,
          sortBy: (row) => cellAt(row, i).sort,
        }),
      ),
    [model.columns],
  );
  return (
    <>
      <DataTable
        caption={model.caption}
        columns={columns}
        rows={model.rows}
        rowKey={(row) => row.key}
        sort={sort}
        onSort={setSort}
      />
      {model.more ? <p className="hms-small hms-dim">{model.more}</p> : null}
    </>
  );
}

const NO_CELL: TableCell = { text: "–", sort: Number.NaN };

function cellAt(row: ModelRow, index: number): TableCell {
  return row.cells[index] ?? NO_CELL;
}
