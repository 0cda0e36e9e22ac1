import { parseDurationMs, type TimestampMs } from "@hms-ops/model";
import { resolveTime, type TimeSetting, type TimeText } from "./grammar.ts";

/** What the time box made of a text. */
export interface TimeInput {
  readonly time: TimeText | undefined;
  /** Why it was not understood, with an example; empty when it was. */
  readonly problem: string;
}

const WORDS: Readonly<Record<string, TimeText>> = {
  today: { from: "now/d", to: "now" },
  yesterday: { from: "now-1d/d", to: "now-1d/d" },
  "this week": { from: "now/w", to: "now" },
  "last week": { from: "now-1w/w", to: "now-1w/w" },
  "this month": { from: "now/M", to: "now" },
  "last month": { from: "now-1M/M", to: "now-1M/M" },
};
const TIME_STAMP = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?/i;
/** A single moment is shown in the middle of an hour. */
const AROUND_MS = 30 * 60_000;

/**
 * Reads what a person types or pastes: `3h`, `yesterday`, `now-6h to now-1h`,
 * `2026-04-14 08:00 to 09:00`, an epoch number, a log line with a time in it.
 */
export function readTimeInput(text: string, nowMs: TimestampMs, zone: string): TimeInput {
  const setting = { nowMs, zone };
  const plain = text.trim().replace(/\s+/g, " ");
  const lower = plain.toLowerCase();
  const time =
    WORDS[lower] ??
    readSpan(lower) ??
    readPair(plain, setting) ??
    readDay(plain, setting) ??
    readMoment(plain, setting);
  if (time) return { time, problem: "" };
  const problem =
    plain === ""
      ? "Type a time range, for example 3h or 2026-04-14 08:00 to 09:00."
      : `"${cut(plain)}" is no time range. Examples: 3h, yesterday, 2026-04-14 08:00 to 09:00.`;
  return { time: undefined, problem };
}

function readSpan(text: string): TimeText | undefined {
  const span = text.replace(/^(the )?last /, "").replace(/ /g, "");
  if (!/^\d/.test(span) || !parseDurationMs(span) || span.includes("ms")) return undefined;
  return { from: `now-${span}`, to: "now" };
}

function readPair(text: string, setting: TimeSetting): TimeText | undefined {
  const [from, to, more] = text.split(/ to | – | \u2014 |, /);
  if (from === undefined || to === undefined || more !== undefined) return undefined;
  // `08:00 to 09:00`: the second may leave out the day that the first one names.
  const clock = /^\d\d:\d\d(:\d\d)?$/;
  const today = new Date(setting.nowMs).toISOString().slice(0, 10);
  const fullFrom = clock.test(from) ? `${today} ${from}` : from;
  const day = /^\d{4}-\d\d-\d\d/.exec(fullFrom)?.[0] ?? today;
  const fullTo = clock.test(to) ? `${day} ${to}` : to;
  const fromMs = resolveTime(fullFrom, "from", setting);
  const toMs = resolveTime(fullTo, "to", setting);
  if (fromMs === undefined || toMs === undefined || fromMs >= toMs) return undefined;
  const relative = fullFrom.startsWith("now") || fullTo.startsWith("now");
  return relative ? { from: fullFrom, to: fullTo } : frozen(fromMs, toMs);
}

function readDay(text: string, setting: TimeSetting): TimeText | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const fromMs = resolveTime(text, "from", setting);
  const toMs = resolveTime(text, "to", setting);
  return fromMs === undefined || toMs === undefined ? undefined : frozen(fromMs, toMs);
}

function readMoment(text: string, setting: TimeSetting): TimeText | undefined {
  const stamp = TIME_STAMP.exec(text)?.[0];
  const timeMs = resolveTime(stamp ?? text, "from", setting);
  if (timeMs === undefined || text.startsWith("now")) return undefined;
  return frozen(timeMs - AROUND_MS, timeMs + AROUND_MS);
}

function frozen(fromMs: TimestampMs, toMs: TimestampMs): TimeText {
  return { from: String(fromMs), to: String(toMs) };
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
