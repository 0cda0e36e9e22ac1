import type { TimestampMs } from "@hms-ops/model";
import { formatClock, formatDay } from "../time/clock-text.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `8 s`, `26 min`, `2 h 4 min`, `6 d 4 h`. */
export function formatSpan(spanMs: number): string {
  const span = Math.max(0, spanMs);
  if (span < SECOND && span > 0) return `${Math.round(span)} ms`;
  if (span < 2 * MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < DAY) return pair(span, HOUR, "h", MINUTE, "min");
  return pair(span, DAY, "d", HOUR, "h");
}

/** `26:07`, from one hour `1:26:07`: the T+ clock. */
export function formatMissionClock(spanMs: number): string {
  const seconds = Math.max(0, Math.floor(spanMs / SECOND));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = `${two(minutes)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** `3 s ago`; after an hour the clock, after a day the day too. */
export function formatAgo(atMs: TimestampMs, nowMs: TimestampMs, zone: string): string {
  const agoMs = Math.max(0, nowMs - atMs);
  if (agoMs < MINUTE) return `${Math.floor(agoMs / SECOND)} s ago`;
  if (agoMs < HOUR) return `${Math.floor(agoMs / MINUTE)} min ago`;
  const clock = formatClock(atMs, zone);
  return agoMs < DAY ? clock : `${formatDay(atMs, zone)} ${clock}`;
}

function pair(span: number, big: number, bigUnit: string, small: number, unit: string): string {
  const whole = Math.floor(span / big);
  const rest = Math.floor((span - whole * big) / small);
  return rest === 0 ? `${whole} ${bigUnit}` : `${whole} ${bigUnit} ${rest} ${unit}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
