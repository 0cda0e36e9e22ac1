import type { TimestampMs } from "@hms-ops/model";
import { civilTime } from "./zone.ts";

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const DAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");

/** `14:32`, `14:32:07`. */
export function formatClock(
  timeMs: TimestampMs,
  zone: string,
  detail: "minutes" | "seconds" = "minutes",
): string {
  const { hour, minute, second } = civilTime(timeMs, zone);
  const text = `${two(hour)}:${two(minute)}`;
  return detail === "seconds" ? `${text}:${two(second)}` : text;
}

/** `17 Nov` */
export function formatDay(timeMs: TimestampMs, zone: string): string {
  const { day, month } = civilTime(timeMs, zone);
  return `${day} ${MONTHS[month - 1]}`;
}

/** `17 Nov 2026` */
export function formatDayOfYear(timeMs: TimestampMs, zone: string): string {
  return `${formatDay(timeMs, zone)} ${civilTime(timeMs, zone).year}`;
}

/** Half as far as a calendar goes, so that an axis may reach beyond. */
const MOST_MS = 4.32e15;

/** Whether a calendar can show it. */
export function isMoment(timeMs: number): boolean {
  return Math.abs(timeMs) <= MOST_MS;
}

/** `Nov 2026` */
export function formatMonth(timeMs: TimestampMs, zone: string): string {
  const { year, month } = civilTime(timeMs, zone);
  return `${MONTHS[month - 1]} ${year}`;
}

/** `Tue 17 Nov 14:16:30 UTC` */
export function formatMoment(timeMs: TimestampMs, zone: string): string {
  const { year, month, day } = civilTime(timeMs, zone);
  const weekday = DAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  const clock = formatClock(timeMs, zone, "seconds");
  return `${weekday} ${formatDay(timeMs, zone)} ${clock} ${zoneName(zone)}`;
}

/** The city of an IANA name, so that a zone is in sight without its continent. */
export function zoneName(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
