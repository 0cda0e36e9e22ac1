import type { TimeRange, TimestampMs } from "@hms-ops/model";
import { addUnits, startOfUnit } from "./calendar.ts";
import { formatClock, formatDay, formatMonth } from "./clock-text.ts";
import { zoneOffsetMs } from "./zone.ts";

export interface TimeTick {
  readonly atMs: TimestampMs;
  /** `14:10`, at midnight `17 Nov`, by month `Nov 2026`. */
  readonly text: string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 4, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 5, 7, 14].map((n) => n * DAY),
];
const LEAST_SPACE_PX = 68;

/** Round moments of the zone's own calendar, at least 68 px apart. */
export function timeTicks(range: TimeRange, widthPx: number, zone: string): readonly TimeTick[] {
  const spanMs = range.toMs - range.fromMs;
  if (!(spanMs > 0) || widthPx < LEAST_SPACE_PX) return [];
  const leastMs = (spanMs * LEAST_SPACE_PX) / widthPx;
  const stepMs = STEPS_MS.find((step) => step >= leastMs);
  return stepMs === undefined ? monthTicks(range, leastMs, zone) : evenTicks(range, stepMs, zone);
}

function evenTicks(range: TimeRange, stepMs: number, zone: string): readonly TimeTick[] {
  const ticks: TimeTick[] = [];
  const offsetMs = zoneOffsetMs(range.fromMs, zone);
  const first = Math.ceil((range.fromMs + offsetMs) / stepMs) * stepMs - offsetMs;
  for (let timeMs = first; timeMs <= range.toMs; timeMs += stepMs) {
    // Where clocks change inside the range the ticks move with them.
    const atMs = timeMs + offsetMs - zoneOffsetMs(timeMs, zone);
    if (atMs < range.fromMs || atMs > range.toMs) continue;
    ticks.push({ atMs, text: tickText(atMs, stepMs, zone) });
  }
  return ticks;
}

function tickText(atMs: TimestampMs, stepMs: number, zone: string): string {
  if (stepMs >= DAY) return formatDay(atMs, zone);
  if (stepMs < MINUTE) return formatClock(atMs, zone, "seconds");
  return startOfUnit(atMs, "d", zone) === atMs ? formatDay(atMs, zone) : formatClock(atMs, zone);
}

function monthTicks(range: TimeRange, leastMs: number, zone: string): readonly TimeTick[] {
  const months = [1, 2, 3, 6, 12, 24, 60, 120, 600].find((n) => n * 28 * DAY >= leastMs) ?? 1200;
  const ticks: TimeTick[] = [];
  const yearStart = startOfUnit(range.fromMs, "y", zone);
  for (let i = 0; ; i += months) {
    const atMs = addUnits(yearStart, i, "M", zone);
    if (atMs > range.toMs) return ticks;
    if (atMs >= range.fromMs) ticks.push({ atMs, text: formatMonth(atMs, zone) });
  }
}
