import type { Mounted } from "../mounted.ts";
import type { TableModel } from "./model.ts";

/** Draws a table that scrolls inside the element and can be reached by keyboard. */
export function mountTable(element: HTMLElement, model: TableModel): Mounted<TableModel> {
  const document = element.ownerDocument;
  const scroller = document.createElement("div");
  scroller.className = "ops-table";
  scroller.tabIndex = 0;
  scroller.setAttribute("role", "region");
  element.append(scroller);
  const update = (next: TableModel) => {
    scroller.setAttribute("aria-label", next.caption);
    scroller.replaceChildren(tableOf(document, next));
    if (next.more) scroller.append(next.more);
  };
  update(model);
  return { update, destroy: () => scroller.remove() };
}

function tableOf(document: Document, model: TableModel): HTMLTableElement {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const { name, kind, unit } of model.columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.className = `ops-cell-${kind}`;
    cell.textContent = unit ? `${name}, ${unit}` : name;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const { cells } of model.rows) {
    const row = body.insertRow();
    for (const [i, { text }] of cells.entries()) {
      const cell = row.insertCell();
      cell.className = `ops-cell-${model.columns[i]?.kind ?? "text"}`;
      cell.textContent = text;
    }
  }
  return table;
}
