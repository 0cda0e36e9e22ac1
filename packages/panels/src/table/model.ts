/** A table as data: a panel of kind `table`, or "view as table" of a chart. */
export interface TableModel {
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  /** `and 1,204 more`; empty when every row is here. */
  readonly more: string;
}

export interface TableColumn {
  readonly name: string;
  readonly kind: "text" | "number" | "time";
  /** One unit a column, beside its head. */
  readonly unit: string;
}

export interface TableRow {
  readonly key: string;
  readonly cells: readonly TableCell[];
}

export interface TableCell {
  readonly text: string;
  /** What the column sorts by; text for words, NaN for missing numbers. */
  readonly sort: string | number;
}
