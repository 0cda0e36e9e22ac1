import { METRIC_NAME, type TimeRange } from "@hms-ops/model";
import { readTime } from "../head/chunk.ts";
import {
  DIRECTORY_COUNT,
  FIRST_TIME,
  LAST_TIME,
  OPEN_COUNT,
  PLACE_WORDS,
} from "../head/head-state.ts";
import type { IndexReader } from "../index/index-reader.ts";
import type { CountedName, TopCounts } from "./ports.ts";
import { topOf } from "./top.ts";

/** Counts over the index' own arrays: no series is listed, no text made that is not answered. */
export function tallyIndex(
  index: IndexReader,
  limit: number,
): Omit<TopCounts, "chunkCount" | "range"> {
  const series = index.seriesByPair();
  const nameCount = index.nameCount;
  const values = new Float64Array(nameCount);
  const bytes = new Float64Array(nameCount);
  const ofMetrics = new Uint32Array(series.length);
  const metricName = index.nameNumber(METRIC_NAME);
  for (let pair = 0; pair < series.length; pair++) {
    if (series[pair] === 0) continue;
    const name = index.nameOf(pair);
    values[name]!++;
    bytes[name]! += index.valueBytesOf(pair) * series[pair]!;
    if (name === metricName) ofMetrics[pair] = series[pair]!;
  }
  const listed = (scores: ArrayLike<number>, text: (place: number) => string) =>
    topOf(scores, limit).map(
      (place): CountedName => ({ name: text(place), value: scores[place]! }),
    );
  return {
    seriesCount: index.seriesCount,
    labelPairCount: index.pairCount,
    seriesByMetricName: listed(ofMetrics, (pair) => index.pairText(pair)[1]),
    valuesByLabelName: listed(values, (name) => index.nameText(name)),
    bytesByLabelName: listed(bytes, (name) => index.nameText(name)),
    seriesByPair: listed(series, (pair) => index.pairText(pair).join("=")),
  };
}

/** What the pinned places of a head say of all its series. */
export class HeadTally {
  chunkCount = 0;
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.NEGATIVE_INFINITY;

  add(places: Uint32Array): void {
    for (let at = 0; at < places.length; at += PLACE_WORDS) {
      if (places[at + OPEN_COUNT] === 0) continue;
      this.chunkCount += places[at + DIRECTORY_COUNT]! + 1;
      this.#fromMs = Math.min(this.#fromMs, readTime(places, at + FIRST_TIME));
      this.#toMs = Math.max(this.#toMs, readTime(places, at + LAST_TIME));
    }
  }

  get range(): TimeRange | undefined {
    return this.chunkCount === 0 ? undefined : { fromMs: this.#fromMs, toMs: this.#toMs };
  }
}
