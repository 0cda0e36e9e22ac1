/** Milliseconds since the epoch, an integer, may be negative. */
export type TimestampMs = number;

/** Both ends belong to the range. */
export interface TimeRange {
  readonly fromMs: TimestampMs;
  readonly toMs: TimestampMs;
}

/** Whatever asks for the time or waits is handed a clock, so that a test can own it. */
export interface Clock {
  /** Wall time, whole milliseconds. */
  now(): TimestampMs;
  /** Never goes back; only differences mean something. Fractions of a millisecond. */
  monotonicMs(): number;
  /** Calls once after the delay. The returned function forgets the call. */
  after(delayMs: number, call: () => void): () => void;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};
const DURATION =
  /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;
const DURATION_UNITS = ["y", "w", "d", "h", "m", "s", "ms"] as const;

/**
 * Reads `1h30m`, `15s`, `500ms`, `0`: integers, largest unit first, each once (Prometheus'
 * `model.ParseDuration`). Undefined if it is none.
 */
export function parseDurationMs(text: string): number | undefined {
  if (text === "0") return 0;
  const match = text === "" ? null : DURATION.exec(text);
  if (!match) return undefined;
  let totalMs = 0;
  for (const [i, unit] of DURATION_UNITS.entries()) {
    totalMs += Number(match[i + 1] ?? 0) * (UNITS_MS[unit] ?? 0);
  }
  return Number.isSafeInteger(totalMs) ? totalMs : undefined;
}

/** Writes what `parseDurationMs` reads: `90000` is `1m30s`. Whole milliseconds, not negative. */
export function formatDurationMs(durationMs: number): string {
  if (durationMs === 0) return "0s";
  let rest = durationMs;
  let text = "";
  for (const unit of DURATION_UNITS) {
    const size = UNITS_MS[unit] ?? 1;
    // Years and weeks only where nothing is left over, as Prometheus prints them.
    if ((unit === "y" || unit === "w") && rest % size !== 0) continue;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

const LEAST_TIME_TEXT = "-292273086-05-16T16:47:06Z";
const GREATEST_TIME_TEXT = "292277025-08-18T07:12:54.999999999Z";
const RFC_3339 = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;
/** What 64 bits of milliseconds can say. */
const MOST_MS = 2 ** 63;

/**
 * Reads a time as the Prometheus HTTP API takes it: seconds as a decimal number, or RFC 3339.
 * The two texts with which Go clients say "all of time", and numbers as far away as 64 bits of
 * milliseconds reach, become ±`Number.MAX_SAFE_INTEGER`.
 */
export function parseTimestampMs(text: string): TimestampMs | undefined {
  if (text === LEAST_TIME_TEXT) return Number.MIN_SAFE_INTEGER;
  if (text === GREATEST_TIME_TEXT) return Number.MAX_SAFE_INTEGER;
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    const seconds = Number(text);
    // As Prometheus rounds: whole seconds apart, halves of milliseconds away from zero.
    const whole = Math.trunc(seconds);
    const rest = Math.round(Math.abs(seconds - whole) * 1000);
    const timeMs = whole * 1000 + (seconds < 0 ? -rest : rest);
    if (Number.isNaN(timeMs) || Math.abs(timeMs) > MOST_MS) return undefined;
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(timeMs, Number.MAX_SAFE_INTEGER));
  }
  const [, date = "", time = "", fraction = "", zone = ""] = RFC_3339.exec(text) ?? [];
  if (!isDay(date) || time.startsWith("24")) return undefined;
  const timeMs = Date.parse(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}${zone}`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** JavaScript takes the 30th of February for the 1st of March. */
function isDay(date: string): boolean {
  const midnightMs = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(midnightMs) && new Date(midnightMs).toISOString().startsWith(date);
}
