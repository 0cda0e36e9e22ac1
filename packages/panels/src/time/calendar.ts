import type { TimestampMs } from "@hms-ops/model";
import { civilTime, momentOf } from "./zone.ts";

/** Seconds, minutes, hours, days, weeks (from Monday), months, quarters, years. */
export type CalendarUnit = "s" | "m" | "h" | "d" | "w" | "M" | "Q" | "y";

const FIXED_MS: Readonly<Partial<Record<CalendarUnit, number>>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

export function isCalendarUnit(text: string): text is CalendarUnit {
  return /^[smhdwMQy]$/.test(text);
}

/** Days and longer keep the clock on the wall; a month that is too short ends on its last day. */
export function addUnits(
  timeMs: TimestampMs,
  count: number,
  unit: CalendarUnit,
  zone: string,
): TimestampMs {
  const fixed = FIXED_MS[unit];
  if (fixed) return timeMs + count * fixed;
  const civil = civilTime(timeMs, zone);
  if (unit === "d" || unit === "w") {
    return momentOf({ ...civil, day: civil.day + count * (unit === "w" ? 7 : 1) }, zone);
  }
  const months = count * (unit === "M" ? 1 : unit === "Q" ? 3 : 12);
  const month = civil.month + months;
  const lastDay = new Date(Date.UTC(civil.year, month, 0)).getUTCDate();
  return momentOf({ ...civil, month, day: Math.min(civil.day, lastDay) }, zone);
}

/** The beginning of the unit in which the moment lies. */
export function startOfUnit(timeMs: TimestampMs, unit: CalendarUnit, zone: string): TimestampMs {
  const { year, month, day, hour, minute, second } = civilTime(timeMs, zone);
  switch (unit) {
    case "s":
      return momentOf({ year, month, day, hour, minute, second }, zone);
    case "m":
      return momentOf({ year, month, day, hour, minute }, zone);
    case "h":
      return momentOf({ year, month, day, hour }, zone);
    case "d":
      return momentOf({ year, month, day }, zone);
    case "w": {
      const sinceMonday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
      return momentOf({ year, month, day: day - sinceMonday }, zone);
    }
    case "M":
      return momentOf({ year, month }, zone);
    case "Q":
      return momentOf({ year, month: month - ((month - 1) % 3) }, zone);
    case "y":
      return momentOf({ year }, zone);
  }
}

/** The last millisecond of the unit in which the moment lies. */
export function endOfUnit(timeMs: TimestampMs, unit: CalendarUnit, zone: string): TimestampMs {
  return addUnits(startOfUnit(timeMs, unit, zone), 1, unit, zone) - 1;
}
