import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { type DataColumn, DataTable } from "./data-table.tsx";

interface Row {
  readonly name: string;
  readonly value: number;
}

const columns: readonly DataColumn<Row>[] = [
  { key: "name", head: "Name", cell: (row) => row.name },
  {
    key: "value",
    head: "Value",
    kind: "number",
    cell: (row) => String(row.value),
    sortBy: (row) => row.value,
  },
];
const rows = [
  { name: "b", value: 2 },
  { name: "missing", value: Number.NaN },
  { name: "c", value: 10 },
];

function names(down: boolean | undefined): readonly string[] {
  const html = renderToStaticMarkup(
    <DataTable
      caption="Figures"
      columns={columns}
      rows={rows}
      rowKey={(row) => row.name}
      sort={down === undefined ? undefined : { key: "value", down }}
      onSort={() => undefined}
    />,
  );
  return [...html.matchAll(/<td>(\w+)<\/td>/g)].map((match) => match[1] ?? "");
}

describe("a table of data", () => {
  it("stands as it was given until a column sorts it", () => {
    expect(names(undefined)).toEqual(["b", "missing", "c"]);
  });

  it("sorts numbers as numbers; what is missing comes last either way", () => {
    expect(names(true)).toEqual(["c", "b", "missing"]);
    expect(names(false)).toEqual(["b", "c", "missing"]);
  });
});
