import { get } from "./ask.ts";

/** Each series of `/metrics` with its value, by the text before the value. */
export async function readHubMetrics(url: string): Promise<ReadonlyMap<string, number>> {
  const { text } = await get(`${url}/metrics`);
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    const space = line.lastIndexOf(" ");
    if (line.startsWith("#") || space < 0) continue;
    values.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return values;
}

const WATCH_RESOLUTION_MS = 20;
const LONGEST = 'hms_ops_event_loop_delay_seconds{quantile="1"}';

/**
 * Main's longest task since the last reading, ms. The hub looks every 20 ms and tells the time
 * between two looks.
 */
export function longestTaskMs(metrics: ReadonlyMap<string, number>): number {
  return Math.max(0, (metrics.get(LONGEST) ?? 0) * 1000 - WATCH_RESOLUTION_MS);
}

const FLUSHES = "hms_ops_store_flushes_total";
const BACKGROUND_BUSY = 'hms_ops_thread_busy_ratio{thread="background"}';
const IDLE_RATIO = 0.05;

export function flushCount(metrics: ReadonlyMap<string, number>): number {
  return metrics.get(FLUSHES) ?? 0;
}

/** Whether nothing was flushed or compacted since the last reading. */
export function isUpkeepIdle(metrics: ReadonlyMap<string, number>): boolean {
  const isFlushing = metrics.get("hms_ops_store_frozen_heads") === 1;
  return !isFlushing && (metrics.get(BACKGROUND_BUSY) ?? 0) < IDLE_RATIO;
}
