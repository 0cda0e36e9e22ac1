import {
  type BucketBatch,
  type BucketRead,
  type BucketRequest,
  SERIES_PER_BATCH,
  type TimeRange,
} from "@hms-ops/model";
import { BucketRows, COMPANIONS, sumUp } from "../companion/index.ts";
import { Columns } from "../memory/columns.ts";
import type { SlabView } from "../memory/slabs.ts";
import { spansOfHead } from "./head-series.ts";
import type { PlacedSeries } from "./join.ts";
import type { OpenBlock } from "./open-blocks.ts";
import { type ReadOptions, SeriesDecoder } from "./series-batches.ts";

/** Two and a half years of 5 minutes: what a read holds for each bucket of a series, times this. */
const BUCKETS_MAX = 262_144;
/** A batch ends at so many buckets, however few series they are. */
const BUCKETS_PER_BATCH = 65_536;
/** Number, count, sum, low, error, minimum, maximum, whole. */
const BUCKET_BYTES = 8 * 8;
/** Samples between two stretches of samples are read too: a chunk is decoded as a whole. */
const GAP_MS = 4 * 3_600_000;

export type BucketOptions = Omit<ReadOptions, "range" | "order">;

/**
 * The buckets of pinned series: from companions where one block alone has the samples of a bucket,
 * or several have it that follow one another, and nothing of it was deleted; else from the samples.
 * Undefined where companions would not help.
 */
export function bucketRead(
  series: PlacedSeries,
  views: readonly SlabView[],
  request: BucketRequest,
  options: BucketOptions,
): BucketRead | undefined {
  const { startMs, endMs, alignMs } = request;
  const fits = COMPANIONS.find(
    ({ widthMs }) =>
      alignMs % widthMs === 0 &&
      startMs % widthMs === 0 &&
      endMs > startMs &&
      (endMs - startMs) / widthMs <= BUCKETS_MAX &&
      series.blocks.some((open) => !open.isDamaged && open.companions.has(widthMs)),
  );
  if (!fits) return undefined;
  const { widthMs } = fits;
  return { widthMs, read: () => readBuckets(series, views, { ...request, widthMs }, options) };
}

type Stretch = Omit<BucketRequest, "alignMs"> & { readonly widthMs: number };

async function* readBuckets(
  series: PlacedSeries,
  views: readonly SlabView[],
  stretch: Stretch,
  options: BucketOptions,
): AsyncGenerator<BucketBatch> {
  const reader = new SeriesBuckets(series, views, stretch, options);
  const { out } = reader;
  const offsets = new Uint32Array(SERIES_PER_BATCH + 1);
  const endsMs = { column: new Float64Array(0) };
  let first = 0;
  while (first < series.count) {
    out.count = 0;
    reader.samplesRead = 0;
    reader.bucketsRead = 0;
    let count = 0;
    let isWhole = true;
    const most = Math.min(SERIES_PER_BATCH, series.count - first);
    while (count < most && out.count < BUCKETS_PER_BATCH && isWhole) {
      isWhole = reader.add(first + count);
      offsets[++count] = out.count;
    }
    options.check();
    if (endsMs.column.length < out.count) endsMs.column = new Float64Array(out.numbers.length);
    for (let i = 0; i < out.count; i++) endsMs.column[i] = out.numbers[i]! * stretch.widthMs;
    const { counts, sums, lows, errors, minimums, maximums } = out;
    const { samplesRead, bucketsRead } = reader;
    const columns = { counts, sums, lows, errors, minimums, maximums };
    const read = { samplesRead, bucketsRead };
    yield { isWhole, first, count, offsets, endsMs: endsMs.column, ...columns, ...read };
    if (!isWhole) return;
    first += count;
  }
}

/** Samples of one series in one block, or in a head. */
interface Part extends TimeRange {
  readonly open?: OpenBlock;
  readonly ordinal: number;
}

class SeriesBuckets {
  readonly out = new BucketRows();
  samplesRead = 0;
  bucketsRead = 0;
  readonly #series: PlacedSeries;
  readonly #stretch: Stretch;
  readonly #options: BucketOptions;
  readonly #decoder: SeriesDecoder;
  /** Of the series at hand; by place in the stretch, empty ones too. */
  readonly #grid = new BucketRows();
  readonly #some = new BucketRows();
  /** 1 = the samples answer. */
  readonly #isRaw: Uint8Array;
  /** Number of the bucket before the first. */
  readonly #base: number;

  constructor(
    series: PlacedSeries,
    views: readonly SlabView[],
    stretch: Stretch,
    options: BucketOptions,
  ) {
    this.#series = series;
    this.#stretch = stretch;
    this.#options = options;
    const { startMs, endMs, widthMs } = stretch;
    const range = { fromMs: startMs + 1, toMs: endMs };
    const memory = { columns: new Columns(4_096), stale: new Uint8Array(0) };
    this.#decoder = new SeriesDecoder(series, views, { ...options, range }, memory);
    const length = (endMs - startMs) / widthMs;
    options.budget.spend(0, 2 * length * BUCKET_BYTES);
    this.#isRaw = new Uint8Array(length);
    this.#grid.reserve(length);
    this.#base = startMs / widthMs;
  }

  /** Adds the buckets of series k to `out`; false if they cannot tell what its samples do. */
  add(k: number): boolean {
    const parts = this.#partsOf(k).sort((a, b) => a.fromMs - b.fromMs);
    this.#isRaw.fill(0);
    this.#grid.counts.fill(0);
    this.#chooseRaw(parts);
    for (const part of parts) if (part.open) this.#takeCompanion(part, part.open);
    const isWhole = this.#takeSamples(k);
    this.#put();
    return isWhole;
  }

  #partsOf(k: number): Part[] {
    const { parts, blocks, head } = this.#series;
    const found: Part[] = [];
    if (!parts) return spansOfHead(head, head.rows[k]!);
    for (let part = parts.starts[k]!; part < parts.starts[k + 1]!; part++) {
      const open = blocks[parts.sources[part]!];
      const row = parts.rows[part]!;
      if (!open) found.push(...spansOfHead(head, row));
      else if (!open.isDamaged) found.push({ ...open.block.timesOf(row), open, ordinal: row });
    }
    return found;
  }

  /** Marks the buckets in which parts overlap, or something was deleted, or one is not kept. */
  #chooseRaw(parts: readonly Part[]): void {
    let reachMs = Number.NEGATIVE_INFINITY;
    for (const { fromMs, toMs, open, ordinal } of parts) {
      if (fromMs <= reachMs) this.#markRaw(fromMs, Math.min(toMs, reachMs));
      reachMs = Math.max(reachMs, toMs);
      const isKept = open && this.#read(open, (companion) => companion.keeps(ordinal));
      if (!open || !isKept) this.#markRaw(fromMs, toMs);
      else
        for (const tomb of open.block.tombstonesOf(ordinal)) this.#markRaw(tomb.fromMs, tomb.toMs);
    }
  }

  #markRaw(fromMs: number, toMs: number): void {
    const first = Math.max(0, this.#placeOf(fromMs));
    const last = Math.min(this.#isRaw.length - 1, this.#placeOf(toMs));
    if (first <= last) this.#isRaw.fill(1, first, last + 1);
  }

  #placeOf(timeMs: number): number {
    return Math.ceil(timeMs / this.#stretch.widthMs) - this.#base - 1;
  }

  /** Parts come in the order of their times, and so do the samples of a bucket that they share. */
  #takeCompanion({ fromMs, toMs, ordinal }: Part, open: OpenBlock): void {
    const some = this.#some;
    const isRead = this.#read(open, (companion) => {
      if (!companion.keeps(ordinal)) return false;
      companion.read(ordinal, some);
      return true;
    });
    // It was kept a moment ago: the file turned out damaged.
    if (isRead === undefined) this.#markRaw(fromMs, toMs);
    if (!isRead) return;
    this.#options.budget.spend(some.count, some.count * BUCKET_BYTES);
    for (let row = 0; row < some.count; row++) {
      const place = some.numbers[row]! - this.#base - 1;
      if (place < 0 || place >= this.#isRaw.length || this.#isRaw[place] === 1) continue;
      this.bucketsRead++;
      merge(some, row, this.#grid, place);
    }
  }

  #read<Result>(
    open: OpenBlock,
    work: Parameters<typeof open.companions.read<Result>>[2],
  ): Result | undefined {
    return open.companions.read(this.#stretch.widthMs, this.#options.check, work);
  }

  #takeSamples(k: number): boolean {
    const { startMs, widthMs } = this.#stretch;
    const isRaw = this.#isRaw;
    const gap = Math.ceil(GAP_MS / widthMs);
    for (let first = isRaw.indexOf(1); first >= 0; ) {
      let end = first + 1;
      let next = isRaw.indexOf(1, end);
      while (next >= 0 && next - end <= gap) {
        end = next + 1;
        next = isRaw.indexOf(1, end);
      }
      const range = { fromMs: startMs + first * widthMs + 1, toMs: startMs + end * widthMs };
      if (!this.#takeStretch(k, range, first, end)) return false;
      first = next;
    }
    return true;
  }

  #takeStretch(k: number, range: TimeRange, first: number, end: number): boolean {
    const { columns } = this.#decoder;
    const some = this.#some;
    columns.clear();
    this.#decoder.decode(k, range);
    this.#decoder.settle();
    this.samplesRead += columns.count;
    this.#grid.counts.fill(0, first, end);
    some.count = 0;
    if (!sumUp(columns, 0, columns.count, this.#stretch.widthMs, some)) return false;
    for (let row = 0; row < some.count; row++) {
      merge(some, row, this.#grid, some.numbers[row]! - this.#base - 1);
    }
    return true;
  }

  #put(): void {
    const grid = this.#grid;
    const { out } = this;
    for (let place = 0; place < this.#isRaw.length; place++) {
      if (grid.counts[place] === 0) continue;
      out.reserve(1);
      const row = out.count++;
      out.counts[row] = 0;
      out.numbers[row] = this.#base + place + 1;
      merge(grid, place, out, row);
    }
  }
}

/** Adds a bucket to another one, of samples before its own; one of count 0 is empty. */
function merge(from: BucketRows, row: number, into: BucketRows, at: number): void {
  const count = into.counts[at]!;
  into.counts[at] = count + from.counts[row]!;
  if (count === 0) {
    into.sums[at] = from.sums[row]!;
    into.lows[at] = from.lows[row]!;
    into.errors[at] = from.errors[row]!;
    into.minimums[at] = from.minimums[row]!;
    into.maximums[at] = from.maximums[row]!;
    return;
  }
  const [sum, added] = [into.sums[at]!, from.sums[row]!];
  const total = sum + added;
  const lost = Math.abs(sum) >= Math.abs(added) ? sum - total + added : added - total + sum;
  into.sums[at] = total;
  into.lows[at] = Number.isFinite(total) ? into.lows[at]! + from.lows[row]! + lost : 0;
  into.errors[at]! += from.errors[row]!;
  const [least, most] = [from.minimums[row]!, from.maximums[row]!];
  if (least < into.minimums[at]! || Number.isNaN(into.minimums[at]!)) into.minimums[at] = least;
  if (most > into.maximums[at]! || Number.isNaN(into.maximums[at]!)) into.maximums[at] = most;
}
