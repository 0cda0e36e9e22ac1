import type { TableCell, TableModel } from "./model.ts";

/** RFC 4180, with a head; numbers as they are, not as they are shown. */
export function tableCsv({ columns, rows }: TableModel): string {
  const head = columns.map(({ name, unit }) => quote(unit ? `${name} (${unit})` : name));
  const lines = rows.map(({ cells }) => cells.map(cellText).join(","));
  return [head.join(","), ...lines, ""].join("\r\n");
}

function cellText({ text, sort }: TableCell): string {
  if (typeof sort !== "number") return quote(text);
  if (!Number.isNaN(sort)) return String(sort);
  // Missing numbers sort as NaN does, and have another text.
  return text === "NaN" ? text : "";
}

function quote(text: string): string {
  // A spreadsheet would run a text that begins like a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
