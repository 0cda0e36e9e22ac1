import type { TimeRange, TimestampMs } from "@hms-ops/model";
import { formatSpan } from "../numbers/spans.ts";
import { formatClock, formatDay } from "./clock-text.ts";
import { resolveTime, type TimeText } from "./grammar.ts";

/** Undefined when an end is not understood or the range is not longer than nothing. */
export function resolveTimeRange(
  { from, to }: TimeText,
  nowMs: TimestampMs,
  zone: string,
): TimeRange | undefined {
  const fromMs = resolveTime(from, "from", { nowMs, zone });
  const toMs = resolveTime(to, "to", { nowMs, zone });
  if (fromMs === undefined || toMs === undefined || fromMs >= toMs) return undefined;
  return { fromMs, toMs };
}

/** Whether the range moves on with the clock. */
export function isSliding({ from, to }: TimeText): boolean {
  return from.trim().startsWith("now") || to.trim().startsWith("now");
}

/** A link that still shows the same tomorrow. */
export function freezeTime({ fromMs, toMs }: TimeRange): TimeText {
  return { from: String(Math.round(fromMs)), to: String(Math.round(toMs)) };
}

/** Twice as long, around the same middle. */
export function zoomOutTime({ fromMs, toMs }: TimeRange): TimeText {
  const quarterMs = Math.max(500, (toMs - fromMs) / 2);
  return freezeTime({ fromMs: fromMs - quarterMs, toMs: toMs + quarterMs });
}

/** Half a range earlier (−1) or later (1). */
export function shiftTime({ fromMs, toMs }: TimeRange, direction: -1 | 1): TimeText {
  const byMs = ((toMs - fromMs) / 2) * direction;
  return freezeTime({ fromMs: fromMs + byMs, toMs: toMs + byMs });
}

const NAMED: Readonly<Record<string, string>> = {
  "now/d now": "Today",
  "now-1d/d now-1d/d": "Yesterday",
  "now/w now": "This week",
  "now-1w/w now-1w/w": "Last week",
  "now/M now": "This month",
  "now-1M/M now-1M/M": "Last month",
};
const UNIT_WORDS: Readonly<Record<string, string>> = {
  s: "s",
  m: "min",
  h: "h",
  d: "d",
  w: "weeks",
  M: "months",
  Q: "quarters",
  y: "years",
};

/** `Last 1 h`, `Yesterday`, `17 Nov 08:00 to 09:00`; anything else as it was written. */
export function describeTime(time: TimeText, zone: string): string {
  const named = NAMED[`${time.from} ${time.to}`];
  if (named) return named;
  const last = /^now-(\d+)([smhdwMQy])$/.exec(time.from);
  if (last && time.to === "now") return `Last ${last[1]} ${UNIT_WORDS[last[2] ?? ""]}`;
  if (isSliding(time)) return `${time.from} to ${time.to}`;
  const range = resolveTimeRange(time, 0, zone);
  if (!range) return `${time.from} to ${time.to}`;
  const from = `${formatDay(range.fromMs, zone)} ${formatClock(range.fromMs, zone)}`;
  const sameDay = formatDay(range.fromMs, zone) === formatDay(range.toMs, zone);
  const to = sameDay ? "" : `${formatDay(range.toMs, zone)} `;
  return `${from} to ${to}${formatClock(range.toMs, zone)}`;
}

/** `13:32–14:32`; with days when it is longer than one. */
export function describeRange({ fromMs, toMs }: TimeRange, zone: string): string {
  const days = formatDay(fromMs, zone) !== formatDay(toMs, zone);
  const text = (timeMs: TimestampMs) =>
    days
      ? `${formatDay(timeMs, zone)} ${formatClock(timeMs, zone)}`
      : formatClock(timeMs, zone, toMs - fromMs < 120_000 ? "seconds" : "minutes");
  return `${text(fromMs)}${days ? " – " : "–"}${text(toMs)}`;
}

/** `1 h`, for a zoomed range that no name fits. */
export function describeLength({ fromMs, toMs }: TimeRange): string {
  return formatSpan(toMs - fromMs);
}
