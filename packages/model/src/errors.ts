/**
 * Errors that a person sees. Every package lists its own in one table (`errors.ts`), each row has
 * an entry in docs/errors.md. Codes: 10xx model, 11xx wire, 12xx query, 13xx stores, 14xx control,
 * 15xx client, 16xx hub, 17xx command line, 18xx pages.
 */
export interface ErrorRow {
  readonly code: `OPS-${number}`;
  /** HTTP status with which the hub answers it. */
  readonly status: number;
  /** What failed, with what input; `{name}` is a hole. */
  readonly message: string;
  /** What to do next. */
  readonly mend: string;
}

export class OpsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly mend: string;

  constructor(row: ErrorRow, inputs: Readonly<Record<string, string | number>> = {}) {
    super(fill(row.message, inputs));
    this.name = "OpsError";
    this.code = row.code;
    this.status = row.status;
    this.mend = fill(row.mend, inputs);
  }
}

/** Error tables state their rows through this, so that a row's holes and code are checked. */
export function errorTable<const Rows extends Readonly<Record<string, ErrorRow>>>(
  rows: Rows,
): Rows {
  return rows;
}

/** A mistake of ours; data from outside must never reach it. */
export function bug(what: string): never {
  throw new Error(`bug: ${what}`);
}

function fill(text: string, inputs: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => String(inputs[name] ?? hole));
}

export type Severity = "error" | "warning" | "info";

/** What a parser or checker has to say about a piece of text. Offsets are UTF-16 units. */
export interface Diagnostic {
  readonly severity: Severity;
  readonly message: string;
  readonly from: number;
  readonly to: number;
  /** How to mend it, when that is known. */
  readonly suggestion?: string;
  readonly code?: string;
}
