import type { Matcher, QueryBudget, TimeRange } from "@hms-ops/model";
import type { TsdbReader } from "@hms-ops/stores/tsdb";
import { INTERVAL_SERIES_MAX, INTERVAL_WINDOWS_MS } from "../limits.ts";

/** Distances fewer than these may be those of a target that was lost in between. */
const ENOUGH_DISTANCES = 2;
/** Scrapes come a few milliseconds early or late; whoever reads the figure set whole seconds. */
const SECOND_MS = 1_000;

/**
 * How far apart the samples before `endMs` are that match, in milliseconds: the median of a few
 * series. Undefined where there are too few to tell.
 */
export async function sampleIntervalMs(
  reader: TsdbReader,
  matchers: readonly Matcher[],
  endMs: number,
  budget: QueryBudget,
): Promise<number | undefined> {
  for (const windowMs of INTERVAL_WINDOWS_MS) {
    const range = { fromMs: endMs - windowMs, toMs: endMs };
    const distances = await distancesIn(reader, matchers, range, budget);
    if (distances.length < ENOUGH_DISTANCES) continue;
    const median = distances.sort((a, b) => a - b)[distances.length >> 1] ?? 0;
    return median < SECOND_MS ? median : Math.round(median / SECOND_MS) * SECOND_MS;
  }
  return undefined;
}

async function distancesIn(
  reader: TsdbReader,
  matchers: readonly Matcher[],
  range: TimeRange,
  budget: QueryBudget,
): Promise<number[]> {
  const snapshot = await reader.snapshot({ matchers, range, budget });
  try {
    const distances: number[] = [];
    // Labels of a million series need not become text for it.
    const matched = snapshot.numbering?.numbers.length ?? snapshot.series.length;
    const few = Math.min(INTERVAL_SERIES_MAX, matched);
    const order = Uint32Array.from({ length: few }, (_, i) => i);
    for await (const { count, offsets, timesMs, stale } of snapshot.read(range, order)) {
      for (let row = 0; row < count; row++) {
        let lastMs = Number.NaN;
        for (let at = offsets[row] ?? 0; at < (offsets[row + 1] ?? 0); at++) {
          const timeMs = timesMs[at] ?? Number.NaN;
          if (stale[at] === 1 || timeMs <= range.fromMs || timeMs > range.toMs) continue;
          if (!Number.isNaN(lastMs)) distances.push(timeMs - lastMs);
          lastMs = timeMs;
        }
      }
    }
    return distances;
  } finally {
    snapshot.close();
  }
}
