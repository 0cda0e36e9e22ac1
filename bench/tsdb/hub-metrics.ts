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
