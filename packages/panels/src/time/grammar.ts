import type { TimestampMs } from "@hms-ops/model";
import { addUnits, type CalendarUnit, endOfUnit, isCalendarUnit, startOfUnit } from "./calendar.ts";
import { momentOf } from "./zone.ts";

/** A range as the URL says it: `now-1h` to `now`. */
export interface TimeText {
  readonly from: string;
  readonly to: string;
}

/** Which end of a range a text stands for: `/d` and a bare date mean its start or its end. */
export type TimeEdge = "from" | "to";

export interface TimeSetting {
  readonly nowMs: TimestampMs;
  /** IANA name or `UTC`. */
  readonly zone: string;
}

const RELATIVE = /^now((?:[+-](?:\d+[smhdwMQy])+|\/[smhdwMQy])*)$/;
const STEP = /([+-])((?:\d+[smhdwMQy])+)|\/([smhdwMQy])/g;
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s?(Z|[+-]\d\d:?\d\d)?$/i;
/** Epoch numbers below this are seconds; as milliseconds they would lie before March 1973. */
const LEAST_EPOCH_MS = 100_000_000_000;

/**
 * Reads `now-6h`, `now-1d/d`, `now/w`, ISO 8601 (in the zone, unless it names an offset), epoch
 * milliseconds or seconds. Undefined if it is none of them.
 */
export function resolveTime(
  text: string,
  edge: TimeEdge,
  { nowMs, zone }: TimeSetting,
): TimestampMs | undefined {
  const trimmed = text.trim();
  const relative = RELATIVE.exec(trimmed);
  if (relative) return resolveRelative(relative[1] ?? "", edge, nowMs, zone);
  if (/^-?\d{9,16}$/.test(trimmed)) {
    const number = Number(trimmed);
    return Math.abs(number) < LEAST_EPOCH_MS ? number * 1000 : number;
  }
  return resolveIso(trimmed, edge, zone);
}

function resolveRelative(steps: string, edge: TimeEdge, nowMs: number, zone: string): number {
  let timeMs = nowMs;
  for (const [, sign, amounts, roundTo] of steps.matchAll(STEP)) {
    if (roundTo && isCalendarUnit(roundTo)) {
      const round = edge === "from" ? startOfUnit : endOfUnit;
      timeMs = round(timeMs, roundTo, zone);
    }
    for (const [, count, unit] of (amounts ?? "").matchAll(/(\d+)([smhdwMQy])/g)) {
      const signed = Number(count) * (sign === "-" ? -1 : 1);
      timeMs = addUnits(timeMs, signed, unit as CalendarUnit, zone);
    }
  }
  return timeMs;
}

function resolveIso(text: string, edge: TimeEdge, zone: string): TimestampMs | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  const civil = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    millisecond: Math.floor(Number(`0.${fraction ?? 0}`) * 1000),
  };
  if (!isCivil(civil)) return undefined;
  const timeMs = offset ? momentOf(civil, "UTC") - offsetMsOf(offset) : momentOf(civil, zone);
  return hour === undefined && edge === "to" ? addUnits(timeMs, 1, "d", zone) : timeMs;
}

interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

function isCivil({ year, month, day, hour, minute, second }: Civil): boolean {
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const dateHolds = month >= 1 && month <= 12 && day >= 1 && day <= lastDay;
  return dateHolds && hour <= 24 && minute <= 59 && second <= 60;
}

function offsetMsOf(text: string): number {
  if (/^z$/i.test(text)) return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return (text.startsWith("-") ? -minutes : minutes) * 60_000;
}
