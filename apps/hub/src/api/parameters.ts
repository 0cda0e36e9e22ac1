import { OpsError, parseDurationMs, parseTimestampMs, type StepGrid } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import { MAX_STEPS } from "../limits.ts";

/** Beginning and end of time, for listings that name no range. */
export const ALL_TIME = {
  fromMs: Number.MIN_SAFE_INTEGER,
  toMs: Number.MAX_SAFE_INTEGER,
} as const;

/** What 64 bits of nanoseconds can say. */
const LONGEST_MS = 2 ** 63 / 1_000_000;

function secondsOf(number: string): number {
  return /inf/i.test(number) ? Number.POSITIVE_INFINITY : Number(number);
}

/** By way of whole nanoseconds, cut off like Go's: 1.0015 s are 1001 ms. */
function wholeMs(seconds: number): number {
  return Math.trunc(Math.trunc(seconds * 1e9) / 1e6);
}

export function badParameter(name: string, reason: string): OpsError {
  return new OpsError(HUB_ERRORS.badParameter, { name, reason });
}

/** A time as Prometheus takes it; the fallback holds only where the parameter is absent. */
export function readTime(form: URLSearchParams, name: string, fallbackMs?: number): number {
  const text = form.get(name) ?? "";
  if (text === "" && fallbackMs !== undefined) return fallbackMs;
  const timeMs = parseTimestampMs(plainDigits(text));
  if (timeMs !== undefined) return timeMs;
  throw badParameter(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`);
}

/** As `readTime`; Prometheus words the refusal of some parameters at more length. */
export function readTimeParameter(form: URLSearchParams, name: string, fallbackMs: number): number {
  const text = form.get(name) ?? "";
  if (text === "") return fallbackMs;
  const timeMs = parseTimestampMs(plainDigits(text));
  if (timeMs !== undefined) return timeMs;
  const reason = `cannot parse ${JSON.stringify(text)} to a valid timestamp`;
  throw badParameter(name, `invalid time value for '${name}': ${reason}`);
}

/** Go's numbers may have underscores between digits. */
function plainDigits(text: string): string {
  return text.replace(/(?<=\d)_(?=\d)/g, "");
}

/** A duration in seconds or with units, to milliseconds. */
export function readDuration(form: URLSearchParams, name: string): number {
  const duration = durationOf(form.get(name) ?? "");
  if (typeof duration === "number") return duration;
  throw badParameter(name, duration);
}

/** Undefined where none is given; Prometheus words the refusal without the parameter's name. */
export function readLookback(form: URLSearchParams): number | undefined {
  const text = form.get("lookback_delta");
  if (!text) return undefined;
  const duration = durationOf(text);
  if (typeof duration === "number") return duration;
  throw new OpsError(HUB_ERRORS.badLookback, { reason: duration });
}

/** Milliseconds, or why the text says none. */
function durationOf(text: string): number | string {
  const number = plainDigits(text);
  const isNumber = /^[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf(inity)?)$/i.test(number);
  const durationMs = isNumber ? wholeMs(secondsOf(number)) : parseDurationMs(text);
  const reason = `cannot parse ${JSON.stringify(text)} to a valid duration`;
  if (durationMs !== undefined && Math.abs(durationMs) <= LONGEST_MS) return durationMs;
  // Go reads no number beyond its floats, so that those do not overflow, nor do units.
  const isFloat = isNumber && (Number.isFinite(Number(number)) || /inf/i.test(number));
  return isFloat ? `${reason}. It overflows int64` : reason;
}

export function readOptionalDuration(form: URLSearchParams, name: string): number | undefined {
  return form.get(name) ? readDuration(form, name) : undefined;
}

/** `start`, `end` and `step` as the steps between them. */
export function readRangeGrid(form: URLSearchParams): StepGrid {
  const startMs = readTime(form, "start");
  const endMs = readTime(form, "end");
  if (endMs < startMs) throw badParameter("end", "end timestamp must not be before start time");
  const stepMs = readDuration(form, "step");
  if (stepMs <= 0) {
    const reason =
      "zero or negative query resolution step widths are not accepted. Try a positive integer";
    throw badParameter("step", reason);
  }
  const steps = Math.floor((endMs - startMs) / stepMs);
  if (steps > MAX_STEPS) throw new OpsError(HUB_ERRORS.tooManySteps);
  return { startMs, stepMs, count: steps + 1 };
}

/** 0 = no limit. */
export function readLimit(form: URLSearchParams): number {
  const text = form.get("limit") ?? "";
  if (text === "") return 0;
  const isNumber = /^[+-]?\d+$/.test(text);
  if (isNumber && Math.abs(Number(text)) < 2 ** 63) {
    if (Number(text) >= 0) return Number(text);
    throw badParameter("limit", "limit must be non-negative");
  }
  const fault = isNumber ? "value out of range" : "invalid syntax";
  throw badParameter("limit", `strconv.Atoi: parsing ${JSON.stringify(text)}: ${fault}`);
}

/** As Go reads one; undefined where the text is none. */
export function goBoolean(text: string): boolean | undefined {
  if (/^([1tT]|true|True|TRUE)$/.test(text)) return true;
  return /^([0fF]|false|False|FALSE)$/.test(text) ? false : undefined;
}

/** Rejects with the parameter's name before what a reader thread found wrong with its text. */
export async function naming<T>(name: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof OpsError && error.status === 400) throw badParameter(name, error.message);
    throw error;
  }
}
