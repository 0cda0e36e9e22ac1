import type { TimestampMs } from "@hms-ops/model";

/** A moment as a calendar on the wall shows it. */
export interface CivilTime {
  readonly year: number;
  /** 1 … 12 */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

const MINUTE_MS = 60_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether the runtime knows the zone (`UTC`, `America/New_York`). */
export function isZone(zone: string): boolean {
  return zone === "UTC" || formatOf(zone) !== undefined;
}

export function civilTime(timeMs: TimestampMs, zone: string): CivilTime {
  const local = new Date(timeMs + zoneOffsetMs(timeMs, zone));
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    millisecond: local.getUTCMilliseconds(),
  };
}

/**
 * The moment at which the zone's clocks show this. Members may overflow (month 13, day 0). Where
 * clocks are put forward the missing hour counts on; where they are put back the first one is it.
 */
export function momentOf(civil: Partial<CivilTime> & { readonly year: number }, zone: string) {
  const asUtc = Date.UTC(
    civil.year,
    (civil.month ?? 1) - 1,
    civil.day ?? 1,
    civil.hour ?? 0,
    civil.minute ?? 0,
    civil.second ?? 0,
    civil.millisecond ?? 0,
  );
  const before = asUtc - zoneOffsetMs(asUtc - 24 * 60 * MINUTE_MS, zone);
  if (before + zoneOffsetMs(before, zone) === asUtc) return before;
  const after = asUtc - zoneOffsetMs(asUtc + 24 * 60 * MINUTE_MS, zone);
  return after + zoneOffsetMs(after, zone) === asUtc ? after : before;
}

/** East of Greenwich is positive. An unknown zone counts as UTC. */
export function zoneOffsetMs(timeMs: TimestampMs, zone: string): number {
  const format = zone === "UTC" ? undefined : formatOf(zone);
  if (!format) return 0;
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(timeMs)) parts[type] = Number(value);
  const shown = Date.UTC(
    parts.year ?? 0,
    (parts.month ?? 1) - 1,
    parts.day ?? 1,
    parts.hour ?? 0,
    parts.minute ?? 0,
    parts.second ?? 0,
  );
  return shown - Math.floor(timeMs / 1000) * 1000;
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known) return known;
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}
