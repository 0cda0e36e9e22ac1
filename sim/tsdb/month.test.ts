import { beforeAll, describe, expect, it } from "vitest";
import { campaign, reportFigures } from "../support/campaign.ts";
import { type MonthPoint, runMonth } from "./month.ts";

const SERIES = campaign("HMS_OPS_MONTH_SERIES", 100);
const INTERVAL_MS = campaign("HMS_OPS_MONTH_INTERVAL_MS", 30_000);
const HOURS = campaign("HMS_OPS_MONTH_HOURS", 30);
const MEBIBYTE = 2 ** 20;
/** When the first day is compacted and has its companions; of a single day, when it has begun. */
const PREDICTED_AT_HOUR = HOURS > 27 ? 27 : HOURS / 4;

describe(`${HOURS} hours of ${SERIES} series each ${INTERVAL_MS} ms, on a clock of our own`, () => {
  let points: readonly MonthPoint[] = [];
  const at = (hour: number) => {
    const found = points.find((point) => point.hour === hour);
    if (!found) throw new Error(`nothing is told of hour ${hour}`);
    return found;
  };
  const end = () => at(HOURS) && (points.at(-1) as MonthPoint);

  beforeAll(async () => {
    points = await runMonth({ series: SERIES, intervalMs: INTERVAL_MS, hours: HOURS });
    const { samples, seconds, heapBytes, residentBytes, diskBytes, flushes, compactions } = end();
    const predictedBytes = Math.round((at(PREDICTED_AT_HOUR).predictedBytesPerDay * HOURS) / 24);
    reportFigures({
      ...{ hours: HOURS, series: SERIES, samples, flushes, compactions },
      samplesPerSecond: Math.round(samples / seconds),
      predictedAtHour: PREDICTED_AT_HOUR,
      ...{ predictedBytes, diskBytes, heapBytes, residentBytes },
      bytesPerSample: Number((diskBytes / samples).toFixed(3)),
      ...memoryByDay(points),
    });
  }, 7_200_000);

  it("keeps all samples, in as many flushes as hours ask for", () => {
    expect(end().samples).toBe((SERIES * HOURS * 3_600_000) / INTERVAL_MS);
    expect(end().flushes).toBeGreaterThanOrEqual(HOURS / 3);
  });

  it("keeps no more in memory than it did", () => {
    const most = (from: number, to: number, bytesOf: (point: MonthPoint) => number) =>
      Math.max(...points.slice(from * points.length, to * points.length).map(bytesOf));
    const isFlat = (bytesOf: (point: MonthPoint) => number, growth: number) =>
      most(3 / 4, 1, bytesOf) <= growth * most(1 / 4, 1 / 2, bytesOf) + 16 * MEBIBYTE;
    expect(isFlat(({ heapBytes }) => heapBytes, 1.05)).toBe(true);
    // What the process holds of the machine, allocators' gaps and lazily freed pages included.
    expect(isFlat(({ residentBytes }) => residentBytes, 1.3)).toBe(true);
  });

  it("grows on disk as it said it would", () => {
    const predicted = (at(PREDICTED_AT_HOUR).predictedBytesPerDay * HOURS) / 24;
    expect(end().diskBytes).toBeGreaterThan(0.9 * predicted);
    expect(end().diskBytes).toBeLessThan(1.1 * predicted);
  });
});

/** At the end of each day, so that a reader sees whether it is flat. */
function memoryByDay(points: readonly MonthPoint[]): Readonly<Record<string, number>> {
  const ends = points.filter(({ hour }, i) => hour % 24 === 0 && i < points.length - 1);
  return Object.fromEntries(
    ends.flatMap(({ hour, heapBytes, residentBytes }) => [
      [`heapMebibytesDay${hour / 24}`, Math.round(heapBytes / MEBIBYTE)],
      [`residentMebibytesDay${hour / 24}`, Math.round(residentBytes / MEBIBYTE)],
    ]),
  );
}
