import {
  type QueryBudget,
  SERIES_PER_BATCH,
  type SeriesBatch,
  type TimeRange,
} from "@hms-ops/model";
import { CHUNK_ROWS_MAX, decodeOpen, decodeSealed, readTime } from "../head/chunk.ts";
import {
  DIRECTORY_COUNT,
  DIRECTORY_PLACE,
  ENTRY_WORDS,
  LAST_TIME,
  OPEN_COUNT,
  OPEN_PLACE,
  PLACE_WORDS,
} from "../head/head-state.ts";
import { viewOf, wordOf } from "../memory/arena.ts";
import { Columns, isStaleMarker } from "../memory/columns.ts";
import type { SlabView } from "../memory/slabs.ts";

/** A batch ends at so many rows, however few series they are: bounds its memory. */
const ROWS_PER_BATCH = 262_144;
/** With the chunk that reaches it, a budget is asked at least once in 1,000 rows. */
const SPEND_ROWS = 1_000 - CHUNK_ROWS_MAX;
/** Time, value, staleness. */
const ROW_BYTES = 17;

export interface PinnedSeries {
  readonly ids: readonly number[];
  /** PLACE_WORDS words each. */
  readonly places: Uint32Array;
}

export interface ReadOptions {
  readonly range: TimeRange;
  readonly budget: QueryBudget;
  /** Throws once the pin no longer holds; what was copied before it must then be thrown away. */
  readonly check: () => void;
}

/** Decodes pinned series from the slabs, batch by batch, into columns that are re-used. */
export async function* readSeries(
  series: PinnedSeries,
  views: readonly SlabView[],
  options: ReadOptions,
): AsyncGenerator<SeriesBatch> {
  const decoder = new SeriesDecoder(views, options);
  const offsets = new Uint32Array(SERIES_PER_BATCH + 1);
  let first = 0;
  while (first < series.ids.length) {
    const count = decodeBatch(decoder, series, first, offsets);
    options.check();
    const { columns } = decoder;
    yield { first, count, offsets, ...columnsOf(columns), stale: decoder.takeStale() };
    first += count;
  }
}

function columnsOf({ timesMs, values }: Columns): Pick<SeriesBatch, "timesMs" | "values"> {
  return { timesMs, values };
}

function decodeBatch(
  decoder: SeriesDecoder,
  { ids, places }: PinnedSeries,
  first: number,
  offsets: Uint32Array,
): number {
  const most = Math.min(SERIES_PER_BATCH, ids.length - first);
  const { columns } = decoder;
  columns.count = 0;
  let count = 0;
  while (count < most && columns.count < ROWS_PER_BATCH) {
    decoder.decode(places, (first + count) * PLACE_WORDS);
    offsets[++count] = columns.count;
  }
  decoder.settle();
  return count;
}

class SeriesDecoder {
  readonly columns = new Columns(4_096);
  readonly #views: readonly SlabView[];
  readonly #options: ReadOptions;
  #stale = new Uint8Array(0);
  #unspent = 0;

  constructor(views: readonly SlabView[], options: ReadOptions) {
    this.#views = views;
    this.#options = options;
  }

  /** Adds one series' rows within the range. */
  decode(places: Uint32Array, at: number): void {
    this.#decodeSealed(places, at);
    const count = places[at + OPEN_COUNT]!;
    const { fromMs, toMs } = this.#options.range;
    if (count === 0 || readTime(places, at + LAST_TIME) < fromMs) return;
    const place = places[at + OPEN_PLACE]!;
    const { words } = this.#viewOf(place);
    if (readTime(words, wordOf(place)) > toMs) return;
    const start = this.columns.count;
    decodeOpen(words, wordOf(place), count, this.columns);
    this.#settleChunk(start);
  }

  /** Tells the budget what it has not heard of yet. */
  settle(): void {
    if (this.#unspent > 0) this.#options.budget.spend(this.#unspent, this.#unspent * ROW_BYTES);
    this.#unspent = 0;
  }

  /** Marks the stale rows of the columns, whose values become plain NaN. Hot. */
  takeStale(): Uint8Array {
    const { count, values, valueWords } = this.columns;
    if (this.#stale.length < count) this.#stale = new Uint8Array(values.length);
    const stale = this.#stale;
    for (let i = 0; i < count; i++) {
      const isStale = isStaleMarker(valueWords[2 * i]!, valueWords[2 * i + 1]!);
      stale[i] = isStale ? 1 : 0;
      if (isStale) values[i] = Number.NaN;
    }
    return stale;
  }

  #decodeSealed(places: Uint32Array, at: number): void {
    const count = places[at + DIRECTORY_COUNT]!;
    if (count === 0) return;
    const { fromMs, toMs } = this.#options.range;
    const directory = places[at + DIRECTORY_PLACE]!;
    const { words } = this.#viewOf(directory);
    const base = wordOf(directory);
    for (let entry = firstEntry(words, base, count, fromMs); entry < count; entry++) {
      const cell = base + entry * ENTRY_WORDS;
      const firstMs = readTime(words, cell + 2);
      if (firstMs > toMs) return;
      const place = words[cell]!;
      const start = this.columns.count;
      decodeSealed(this.#viewOf(place), wordOf(place), firstMs, this.columns);
      this.#settleChunk(start);
    }
  }

  #settleChunk(start: number): void {
    const { fromMs, toMs } = this.#options.range;
    this.#unspent += this.columns.count - start;
    this.columns.cut(start, fromMs, toMs);
    if (this.#unspent >= SPEND_ROWS) this.settle();
  }

  /** A place that leads nowhere is seen only where a revoked pin's memory was used again. */
  #viewOf(place: number): SlabView {
    const view = viewOf(this.#views, place);
    if (!view) this.#options.check();
    return view;
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
