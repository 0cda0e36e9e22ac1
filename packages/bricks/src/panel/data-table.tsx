import type { ReactNode } from "react";
import "./data-table.css";

export interface DataColumn<Row> {
  readonly key: string;
  readonly head: string;
  /** Words stand left, numbers right. */
  readonly kind?: "words" | "number";
  /** Not on narrow screens. */
  readonly optional?: boolean;
  readonly cell: (row: Row) => ReactNode;
  /** Absent = the column cannot be sorted. Missing numbers (NaN) come last either way. */
  readonly sortBy?: (row: Row) => number | string;
}

export interface DataSort {
  readonly key: string;
  readonly down: boolean;
}

export interface DataTableProps<Row> {
  /** Read aloud; shown only where `showCaption` says so. */
  readonly caption: string;
  readonly columns: readonly DataColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly selected?: (row: Row) => boolean;
  readonly sort?: DataSort | undefined;
  onSort?(sort: DataSort): void;
}

/** Hairlines between rows, sticky head; a wide one scrolls inside and keeps its first column. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, columns, rowKey, selected, sort } = props;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className="hms-table-frame" tabIndex={0} aria-label={caption}>
      <table className="hms-table">
        <caption className="hms-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeadCell key={column.key} column={column} sort={sort} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(props).map((row) => (
            <tr key={rowKey(row)} data-selected={selected?.(row) === true}>
              {columns.map((column) => (
                <td key={column.key} className={cellClass(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface HeadCellProps<Row> {
  readonly column: DataColumn<Row>;
  readonly sort: DataSort | undefined;
  readonly onSort: ((sort: DataSort) => void) | undefined;
}

function HeadCell<Row>({ column, sort, onSort }: HeadCellProps<Row>) {
  const down = sort?.key === column.key ? sort.down : undefined;
  const order = down === undefined ? undefined : down ? "descending" : "ascending";
  return (
    <th scope="col" className={cellClass(column)} aria-sort={order}>
      {column.sortBy && onSort ? (
        <button type="button" onClick={() => onSort({ key: column.key, down: down !== true })}>
          {column.head}
          <span aria-hidden="true">{down === undefined ? "" : down ? " ↓" : " ↑"}</span>
        </button>
      ) : (
        column.head
      )}
    </th>
  );
}

function cellClass<Row>(column: DataColumn<Row>): string | undefined {
  const names = [
    column.kind === "number" ? "hms-table-number" : "",
    column.optional ? "hms-not-small" : "",
  ];
  return names.join(" ").trim() || undefined;
}

function sorted<Row>({ rows, columns, sort }: DataTableProps<Row>): readonly Row[] {
  const sortBy = columns.find((column) => column.key === sort?.key)?.sortBy;
  if (!sortBy || !sort) return rows;
  return [...rows].sort((a, b) => compare(sortBy(a), sortBy(b), sort.down ? -1 : 1));
}

function compare(a: number | string, b: number | string, direction: 1 | -1): number {
  if (typeof a === "number" && typeof b === "number") {
    if (Number.isNaN(a) || Number.isNaN(b))
      return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return (a - b) * direction;
  }
  return String(a).localeCompare(String(b), "en") * direction;
}
