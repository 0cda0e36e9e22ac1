import type { TimeRange } from "@hms-ops/model";
import { decodeOpen, decodeSealed, readTime } from "../head/chunk.ts";
import {
  DIRECTORY_COUNT,
  DIRECTORY_PLACE,
  ENTRY_WORDS,
  FIRST_TIME,
  LAST_TIME,
  OPEN_COUNT,
  OPEN_PLACE,
  PLACE_WORDS,
} from "../head/head-state.ts";
import { histogramAt } from "../head/histogram-place.ts";
import { viewOf, wordOf } from "../memory/arena.ts";
import { type Columns, HISTOGRAM_HIGH, type RowMeter } from "../memory/columns.ts";
import type { SlabView } from "../memory/slabs.ts";
import type { HeadPlaces } from "../ports.ts";

export interface HeadSpan extends TimeRange {
  /** Row of the head. */
  readonly ordinal: number;
}

/** Whether a series has samples in a head; it came later where the places end before it. */
export function hasSamples(places: Uint32Array, at: number): boolean {
  return at < places.length && places[at + OPEN_COUNT] !== 0;
}

/** Whether a series has samples in a head, given its PLACE_WORDS words, that reach into a range. */
export function reachesInto(places: Uint32Array, at: number, { fromMs, toMs }: TimeRange): boolean {
  if (!hasSamples(places, at)) return false;
  return readTime(places, at + FIRST_TIME) <= toMs && readTime(places, at + LAST_TIME) >= fromMs;
}

/** First and last time of the samples that a series has in each head. */
export function spansOfHead({ places, frozenPlaces }: HeadPlaces, row: number): HeadSpan[] {
  const at = row * PLACE_WORDS;
  const spans: HeadSpan[] = [];
  for (const words of frozenPlaces ? [frozenPlaces, places] : [places]) {
    if (!hasSamples(words, at)) continue;
    const fromMs = readTime(words, at + FIRST_TIME);
    spans.push({ fromMs, toMs: readTime(words, at + LAST_TIME), ordinal: row });
  }
  return spans;
}

/**
 * Adds a series' rows within the range, given its PLACE_WORDS words from `at` on. Where memory may
 * have been used again under the reader, what comes out means nothing: whoever may be revoked asks
 * afterwards. Hot.
 */
export function decodeHeadSeries(
  views: readonly SlabView[],
  places: Uint32Array,
  at: number,
  range: TimeRange,
  into: Columns,
  meter?: RowMeter,
): void {
  if (!reachesInto(places, at, range)) return;
  const { fromMs, toMs } = range;
  decodeChunks(views, places, at, range, into, meter);
  const place = places[at + OPEN_PLACE]!;
  const view = viewOf(views, place);
  if (!view || readTime(view.words, wordOf(place)) > toMs) return;
  const start = into.count;
  decodeOpen(view.words, wordOf(place), places[at + OPEN_COUNT]!, into);
  meter?.decoded(into.count - start);
  settle(views, start, fromMs, toMs, into);
}

function decodeChunks(
  views: readonly SlabView[],
  places: Uint32Array,
  at: number,
  { fromMs, toMs }: TimeRange,
  into: Columns,
  meter: RowMeter | undefined,
): void {
  const count = places[at + DIRECTORY_COUNT]!;
  if (count === 0) return;
  const directory = places[at + DIRECTORY_PLACE]!;
  const words = viewOf(views, directory)?.words;
  if (!words) return;
  const base = wordOf(directory);
  for (let entry = firstEntry(words, base, count, fromMs); entry < count; entry++) {
    const cell = base + entry * ENTRY_WORDS;
    const firstMs = readTime(words, cell + 2);
    if (firstMs > toMs) return;
    const view = viewOf(views, words[cell]!);
    if (!view) return;
    const start = into.count;
    decodeSealed(view, wordOf(words[cell]!), firstMs, into);
    meter?.decoded(into.count - start);
    settle(views, start, fromMs, toMs, into);
  }
}

function settle(
  views: readonly SlabView[],
  start: number,
  fromMs: number,
  toMs: number,
  into: Columns,
): void {
  into.cut(start, fromMs, toMs);
  if (into.isFinite) return;
  const { valueWords, blobs } = into;
  for (let row = start; row < into.count; row++) {
    if (valueWords[2 * row + 1] !== HISTOGRAM_HIGH) continue;
    const place = valueWords[2 * row]!;
    valueWords[2 * row] = blobs.length;
    blobs.push(viewOf(views, place) ? histogramAt(views, place).slice() : new Uint8Array(0));
  }
}

/** The last chunk that starts at or before a time: it may reach into what follows. */
function firstEntry(words: Uint32Array, base: number, count: number, fromMs: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (readTime(words, base + middle * ENTRY_WORDS + 2) <= fromMs) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
