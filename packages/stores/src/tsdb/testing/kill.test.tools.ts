import type { Row } from "@hms-ops/model/testing";

export const SERIES_PER_KILL_BATCH = 20;

/** What batch `number` writes to a series: one row in order, one late. */
export function rowsOfBatch(number: number, series: number): Row[] {
  return [
    [1_000_000_000 + number * 1_000, number * 1_000 + series],
    [500_000_000 - number * 1_000, number + series / 10],
  ];
}
