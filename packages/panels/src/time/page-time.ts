import { formatDurationMs, parseDurationMs } from "@hms-ops/model";
import type { TimeText } from "./grammar.ts";
import { resolveTimeRange } from "./range.ts";
import { isZone } from "./zone.ts";

/** What of the URL concerns time; the rest of the URL is kept as it is. */
export interface PageTime {
  readonly time: TimeText;
  /** Undefined = no refresh. */
  readonly refreshMs: number | undefined;
  readonly zone: string;
}

export const DEFAULT_PAGE_TIME: PageTime = {
  time: { from: "now-1h", to: "now" },
  refreshMs: 30_000,
  zone: "UTC",
};

/** The texts of the refresh menu. */
export const REFRESH_CHOICES: readonly string[] = [
  "5s",
  "10s",
  "30s",
  "1m",
  "5m",
  "15m",
  "30m",
  "1h",
  "2h",
  "1d",
];

/** Reads `from`, `to`, `refresh` and `timezone`; what is missing or no time takes the default. */
export function readPageTime(search: string, defaults: Partial<PageTime> = {}): PageTime {
  const query = new URLSearchParams(search);
  const fallback = { ...DEFAULT_PAGE_TIME, ...defaults };
  const zone = readZone(query.get("timezone"), fallback.zone);
  const time = {
    from: query.get("from") ?? fallback.time.from,
    to: query.get("to") ?? fallback.time.to,
  };
  // Any fixed "now" tells whether both ends are understood and in order.
  const sound = resolveTimeRange(time, 4_000_000_000_000, zone) !== undefined;
  return {
    time: sound ? time : fallback.time,
    refreshMs: readRefresh(query.get("refresh"), fallback.refreshMs),
    zone,
  };
}

/** The same address with other time; keys it does not know stay where they are. */
export function writePageTime(search: string, change: Partial<PageTime>): string {
  const query = new URLSearchParams(search);
  if (change.time) {
    query.set("from", change.time.from);
    query.set("to", change.time.to);
  }
  if ("refreshMs" in change) {
    query.set("refresh", change.refreshMs ? formatDurationMs(change.refreshMs) : "off");
  }
  if (change.zone) query.set("timezone", change.zone === "UTC" ? "utc" : change.zone);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

function readRefresh(text: string | null, fallback: number | undefined): number | undefined {
  if (text === null) return fallback;
  if (text === "off" || text === "") return undefined;
  const refreshMs = parseDurationMs(text);
  return refreshMs && refreshMs >= 1_000 ? refreshMs : fallback;
}

function readZone(text: string | null, fallback: string): string {
  if (text === null) return fallback;
  if (text === "utc") return "UTC";
  if (text === "browser") return new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return isZone(text) ? text : fallback;
}
