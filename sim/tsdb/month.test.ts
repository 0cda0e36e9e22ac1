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
    const { samples, seconds, residentBytes, diskBytes, flushes, compactions } = end();
    const predictedBytes = Math.round((at(PREDICTED_AT_HOUR).predictedBytesPerDay * HOURS) / 24);
    reportFigures({
      ...{ hours: HOURS, series: SERIES, samples, flushes, compactions },
      samplesPerSecond: Math.round(samples / seconds),
      predictedAtHour: PREDICTED_AT_HOUR,
      ...{ predictedBytes, diskBytes, residentBytes },
      bytesPerSample: Number((diskBytes / samples).toFixed(3)),
      ...residentByDay(points),
    });
  }, 7_200_000);

  it("keeps all samples, in as many flushes as hours ask for", () => {
    expect(end().samples).toBe((SERIES * HOURS * 3_600_000) / INTERVAL_MS);
    expect(end().flushes).toBeGreaterThanOrEqual(HOURS / 3);
  });

  it("stays as large in memory as it was", () => {
    const late = points.slice(Math.floor((3 * points.length) / 4));
    const most = Math.max(...late.map(({ residentBytes }) => residentBytes));
    const first = late[0]?.residentBytes ?? 0;
    expect(most).toBeLessThanOrEqual(1.05 * first + 32 * MEBIBYTE);
  });

  it("grows on disk as it said it would", () => {
    const predicted = (at(PREDICTED_AT_HOUR).predictedBytesPerDay * HOURS) / 24;
    expect(end().diskBytes).toBeGreaterThan(0.9 * predicted);
    expect(end().diskBytes).toBeLessThan(1.1 * predicted);
  });
});

/** Megabytes at the end of each day, so that a reader sees whether it is flat. */
function residentByDay(points: readonly MonthPoint[]): Readonly<Record<string, number>> {
  const ends = points.filter(({ hour }, i) => hour % 24 === 0 && i < points.length - 1);
  return Object.fromEntries(
    ends.map(({ hour, residentBytes }) => {
      return [`residentMebibytesDay${hour / 24}`, Math.round(residentBytes / MEBIBYTE)];
    }),
  );
}
