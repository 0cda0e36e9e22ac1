/** `instant` at the end; `1h` at 15 s; `6h` at 60 s. */
export type QuerySpan = "instant" | "1h" | "6h";

/** `one`: its work stays the same however large the fleet; `fleet`: it grows with it. */
export type Breadth = "one" | "fleet";

export interface DashboardQuery {
  readonly name: string;
  readonly expr: string;
  readonly span: QuerySpan;
  readonly breadth: Breadth;
  /** From the fresh seed. */
  readonly isDrawn: boolean;
  /** An alert's expression: usually nothing answers. */
  readonly mayBeEmpty: boolean;
}

export interface QueryTimes {
  readonly startS: number;
  readonly endS: number;
  /** 0 = an instant query at `endS`. */
  readonly stepS: number;
}

const HOUR_S = 3_600;

export function timesOf(span: QuerySpan, endS: number): QueryTimes {
  if (span === "instant") return { startS: endS, endS, stepS: 0 };
  return span === "1h"
    ? { startS: endS - HOUR_S, endS, stepS: 15 }
    : { startS: endS - 6 * HOUR_S, endS, stepS: 60 };
}

/** How queries are told apart in tables and results. */
export function titleOf({ span, name, isDrawn }: DashboardQuery): string {
  return `${span}: ${name}${isDrawn ? " (drawn)" : ""}`;
}
