import {
  type HistogramRows,
  type QueryBudget,
  SERIES_PER_BATCH,
  type SeriesBatch,
  type TimeRange,
} from "@hms-ops/model";
import type { PageCache } from "../block/index.ts";
import { CHUNK_ROWS_MAX } from "../head/chunk.ts";
import { PLACE_WORDS } from "../head/head-state.ts";
import { Columns, HISTOGRAM_HIGH, isStaleMarker, type RowMeter } from "../memory/columns.ts";
import { decodeHistogram } from "../memory/histogram-blob.ts";
import type { SlabView } from "../memory/slabs.ts";
import type { SeriesParts } from "../ports.ts";
import { decodeHeadSeries } from "./head-series.ts";
import type { PlacedSeries } from "./join.ts";
import { joinTail } from "./join-tail.ts";
import type { OpenBlock } from "./open-blocks.ts";

/**
 * A batch ends at so many rows, however few series they are: its columns (17 bytes a row) are still
 * in the core's cache when they are evaluated, and are small to make for each read.
 */
const ROWS_PER_BATCH = 12_288;
/** Reads of one thread at a time, mostly; the columns of one with very long series are not kept. */
const SPARE_MAX = 4;
const SPARE_ROWS_MAX = 65_536;
/** With the chunk that reaches it, a budget is asked at least once in 1,000 rows. */
const SPEND_ROWS = 1_000 - CHUNK_ROWS_MAX;
/** Time, value, staleness. */
const ROW_BYTES = 17;

/** What one read fills, batch by batch. */
interface ReadMemory {
  readonly columns: Columns;
  readonly offsets: Uint32Array;
  stale: Uint8Array;
}

/** Memory of reads that are over, for those to come: new one costs more than what it holds. */
export class SpareColumns {
  readonly #spare: ReadMemory[] = [];

  take(): ReadMemory {
    const memory = this.#spare.pop() ?? {
      columns: new Columns(ROWS_PER_BATCH),
      offsets: new Uint32Array(SERIES_PER_BATCH + 1),
      stale: new Uint8Array(ROWS_PER_BATCH),
    };
    memory.columns.clear();
    return memory;
  }

  give(memory: ReadMemory): void {
    const isSmall = memory.columns.timesMs.length <= SPARE_ROWS_MAX;
    if (isSmall && this.#spare.length < SPARE_MAX) this.#spare.push(memory);
  }
}

/** What the reads of one reader have in common. */
export interface ReaderMemory {
  readonly spare: SpareColumns;
  readonly pages: PageCache;
}

export interface ReadOptions {
  readonly range: TimeRange;
  /** Which series, in which order; absent = all. */
  readonly order?: Uint32Array | undefined;
  readonly budget: QueryBudget;
  /** Throws once the pin no longer holds; what was copied before it must then be thrown away. */
  readonly check: () => void;
  /** Puts a block aside if that is why its read failed; throws the error if not. */
  readonly giveUp: (open: OpenBlock, error: unknown) => void;
}

/** Decodes pinned series from blocks and slabs, batch by batch, into columns that are re-used. */
export function* readSeries(
  series: PlacedSeries,
  views: readonly SlabView[],
  options: ReadOptions,
  { spare, pages }: ReaderMemory,
): Generator<SeriesBatch, void> {
  const memory = spare.take();
  const decoder = new SeriesDecoder(series, views, options, memory);
  const { offsets } = memory;
  const seriesCount = options.order?.length ?? series.count;
  try {
    let first = 0;
    while (first < seriesCount) {
      const from = first;
      const decode = () => decodeBatch(decoder, seriesCount, from, offsets);
      const count = pages.reading(series.count, decode);
      options.check();
      yield { first, count, offsets, ...decoder.take() };
      first += count;
    }
  } finally {
    spare.give(memory);
  }
}

/** As an async generator would give them, at a fraction of what one costs for a small read. */
export function inTurn(batches: Generator<SeriesBatch, void>): AsyncIterableIterator<SeriesBatch> {
  return {
    next: async () => batches.next(),
    return: async () => batches.return(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function decodeBatch(
  decoder: SeriesDecoder,
  seriesCount: number,
  first: number,
  offsets: Uint32Array,
): number {
  const most = Math.min(SERIES_PER_BATCH, seriesCount - first);
  const { columns } = decoder;
  columns.clear();
  let count = 0;
  while (count < most && columns.count < ROWS_PER_BATCH) {
    decoder.decode(first + count);
    offsets[++count] = columns.count;
  }
  decoder.settle();
  return count;
}

/** Decodes series by series; what it decoded stands in its columns. */
export class SeriesDecoder implements RowMeter {
  readonly columns: Columns;
  readonly #series: PlacedSeries;
  readonly #views: readonly SlabView[];
  readonly #options: ReadOptions;
  readonly #memory: Pick<ReadMemory, "stale">;
  #unspent = 0;
  #range: TimeRange;
  /** The block that is being read. */
  #reading: OpenBlock | undefined;

  constructor(
    series: PlacedSeries,
    views: readonly SlabView[],
    options: ReadOptions,
    memory: Pick<ReadMemory, "columns" | "stale">,
  ) {
    this.columns = memory.columns;
    this.#memory = memory;
    this.#series = series;
    this.#views = views;
    this.#options = options;
    this.#range = options.range;
  }

  /** Adds the rows within the range of the series at this place of the order. */
  decode(place: number, range = this.#options.range): void {
    this.#range = range;
    const { parts, head } = this.#series;
    const { order } = this.#options;
    const k = order ? order[place]! : place;
    if (parts) this.#decodeParts(parts, k);
    else this.#decodeHead(head.rows[k]!, this.columns.count);
  }

  decoded(rows: number): void {
    this.#unspent += rows;
    if (this.#unspent >= SPEND_ROWS) this.settle();
  }

  /** Tells the budget what it has not heard of yet. */
  settle(): void {
    if (this.#unspent > 0) this.#options.budget.spend(this.#unspent, this.#unspent * ROW_BYTES);
    this.#unspent = 0;
  }

  /** The columns of a batch: stale rows are marked, and their values become plain NaN. Hot. */
  take(): Pick<SeriesBatch, "timesMs" | "values" | "stale" | "histograms"> {
    const { count, timesMs, values, valueWords, blobs } = this.columns;
    if (this.#memory.stale.length < count) this.#memory.stale = new Uint8Array(values.length);
    const { stale } = this.#memory;
    const histograms = blobs.length > 0 ? takeHistograms(this.columns) : undefined;
    stale.fill(0, 0, count);
    if (this.columns.isFinite) return { timesMs, values, stale };
    for (let i = 0; i < count; i++) {
      // A marker is a NaN, which most values are not.
      if (!Number.isNaN(values[i]!)) continue;
      if (!isStaleMarker(valueWords[2 * i]!, valueWords[2 * i + 1]!)) continue;
      stale[i] = 1;
      values[i] = Number.NaN;
    }
    return histograms ? { timesMs, values, stale, histograms } : { timesMs, values, stale };
  }

  /** Where a block turns out damaged, the series is read once more without it. */
  #decodeParts(parts: SeriesParts, k: number): void {
    const { columns } = this;
    const start = columns.count;
    const blobs = columns.blobs.length;
    for (;;) {
      try {
        this.#joinParts(parts, k, start);
        return;
      } catch (error) {
        if (!this.#reading) throw error;
        this.#options.giveUp(this.#reading, error);
        this.#reading = undefined;
        columns.count = start;
        columns.blobs.length = blobs;
      }
    }
  }

  #joinParts({ starts, sources, rows }: SeriesParts, k: number, start: number): void {
    const { blocks } = this.#series;
    const range = this.#range;
    for (let part = starts[k]!; part < starts[k + 1]!; part++) {
      const open = blocks[sources[part]!];
      if (!open) {
        this.#decodeHead(rows[part]!, start);
        continue;
      }
      const { fromMs, toMs } = open.block.meta;
      if (open.isDamaged || fromMs > range.toMs || toMs < range.fromMs) continue;
      const middle = this.columns.count;
      this.#reading = open;
      open.block.read(rows[part]!, range, this.columns, this);
      this.#reading = undefined;
      joinTail(this.columns, start, middle);
    }
  }

  /** Joins the head's rows to those from `start` on. */
  #decodeHead(row: number, start: number): void {
    const { columns } = this;
    const range = this.#range;
    const { places, frozenPlaces } = this.#series.head;
    const at = row * PLACE_WORDS;
    if (frozenPlaces) {
      const middle = columns.count;
      decodeHeadSeries(this.#views, frozenPlaces, at, range, columns, this);
      joinTail(columns, start, middle);
    }
    const middle = columns.count;
    decodeHeadSeries(this.#views, places, at, range, columns, this);
    joinTail(columns, start, middle);
  }
}

/** Remembers where the histograms of a batch are; their values become plain NaN. */
function takeHistograms({ count, values, valueWords, blobs }: Columns): HistogramRows | undefined {
  const isHistogram = new Uint8Array(count);
  const blobOf = new Uint32Array(count);
  let isAny = false;
  for (let i = 0; i < count; i++) {
    if (valueWords[2 * i + 1] !== HISTOGRAM_HIGH) continue;
    isAny = true;
    isHistogram[i] = 1;
    blobOf[i] = valueWords[2 * i]!;
    values[i] = Number.NaN;
  }
  return isAny ? { isHistogram, at: (row) => decodeHistogram(blobs[blobOf[row]!]!) } : undefined;
}
