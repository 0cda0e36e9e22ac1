import { OpsError, parseDurationMs, parseTimestampMs } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";

/** Beginning and end of time, for listings that name no range. */
export const ALL_TIME = {
  fromMs: Number.MIN_SAFE_INTEGER,
  toMs: Number.MAX_SAFE_INTEGER,
} as const;

export function badParameter(name: string, reason: string): OpsError {
  return new OpsError(HUB_ERRORS.badParameter, { name, reason });
}

/** A time as Prometheus takes it; the fallback holds only where the parameter is absent. */
export function readTime(form: URLSearchParams, name: string, fallbackMs?: number): number {
  const text = form.get(name) ?? "";
  if (text === "" && fallbackMs !== undefined) return fallbackMs;
  const timeMs = parseTimestampMs(text);
  if (timeMs !== undefined) return timeMs;
  throw badParameter(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`);
}

/** A duration in seconds or with units, to milliseconds. */
export function readDuration(form: URLSearchParams, name: string): number {
  const text = form.get(name) ?? "";
  const durationMs = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)
    ? Math.round(Number(text) * 1_000)
    : parseDurationMs(text);
  if (durationMs !== undefined && Number.isSafeInteger(durationMs)) return durationMs;
  throw badParameter(name, `cannot parse ${JSON.stringify(text)} to a valid duration`);
}

export function readOptionalDuration(form: URLSearchParams, name: string): number | undefined {
  return form.get(name) ? readDuration(form, name) : undefined;
}

/** 0 = no limit. */
export function readLimit(form: URLSearchParams): number {
  const text = form.get("limit") ?? "";
  if (text === "") return 0;
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))) {
    if (Number(text) >= 0) return Number(text);
    throw badParameter("limit", "limit must be non-negative");
  }
  throw badParameter("limit", `cannot parse ${JSON.stringify(text)} to a valid limit`);
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
