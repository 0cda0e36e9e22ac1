import type { HistogramRows, NativeHistogram } from "@hms-ops/model";
import { encodeHistogramChunk } from "./histogram-chunk-writer.ts";
import { isSameLayout } from "./histogram-layout.ts";
import { encodeXorChunk } from "./xor-chunk.ts";

/** As Prometheus numbers them, on disk and in remote read. */
export type ChunkEncoding = 1 | 2 | 3;

export const XOR_ENCODING = 1;
export const HISTOGRAM_ENCODING = 2;
export const FLOAT_HISTOGRAM_ENCODING = 3;

export interface EncodedChunk {
  readonly encoding: ChunkEncoding;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

/** Rows of one or more series as a store hands them out. */
export interface SampleColumns {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly stale: Uint8Array;
  readonly histograms?: HistogramRows;
}

/** What Prometheus' own head puts into one. */
const SAMPLES_PER_CHUNK = 120;

/**
 * Rows `from` to `to` (not included) of one series, rising in time, as chunks. A chunk ends where
 * samples turn from floats to histograms or back, where a histogram has another layout, and where
 * a count falls. Inside a chunk "unknown" hints become "not-reset", which they were found to be.
 */
export function encodeSeriesChunks(
  columns: SampleColumns,
  from: number,
  to: number,
  samplesMax = SAMPLES_PER_CHUNK,
): EncodedChunk[] {
  const chunks: EncodedChunk[] = [];
  for (let start = from; start < to; ) {
    const limit = Math.min(to, start + samplesMax);
    const isHistogram = columns.histograms?.isHistogram[start] === 1;
    const end = isHistogram
      ? addHistogramChunk(chunks, columns, columns.histograms, start, limit)
      : addXorChunk(chunks, columns, start, limit);
    start = end;
  }
  return chunks;
}

function addXorChunk(
  chunks: EncodedChunk[],
  columns: SampleColumns,
  start: number,
  limit: number,
): number {
  const { timesMs, histograms } = columns;
  let end = start + 1;
  while (end < limit && histograms?.isHistogram[end] !== 1) end++;
  const data = encodeXorChunk(columns, start, end);
  chunks.push({ encoding: XOR_ENCODING, data, ...timesOf(timesMs, start, end) });
  return end;
}

function addHistogramChunk(
  chunks: EncodedChunk[],
  { timesMs, stale }: SampleColumns,
  rows: HistogramRows,
  start: number,
  limit: number,
): number {
  const histograms: (NativeHistogram | undefined)[] = [rows.at(start)];
  const first = histograms[0]!;
  let before: NativeHistogram | undefined = first;
  let end = start + 1;
  for (; end < limit; end++) {
    const next: NativeHistogram | undefined =
      rows.isHistogram[end] === 1 ? rows.at(end) : undefined;
    const belongs = next === undefined ? stale[end] === 1 : before && canFollow(before, next);
    if (!belongs) break;
    histograms.push(next);
    before = next;
  }
  const encoding = first.isInteger ? HISTOGRAM_ENCODING : FLOAT_HISTOGRAM_ENCODING;
  const times = timesMs.subarray(start, end);
  const data = encodeHistogramChunk({ timesMs: times, histograms }, 0, end - start);
  chunks.push({ encoding, data, ...timesOf(timesMs, start, end) });
  return end;
}

function timesOf(timesMs: Float64Array, start: number, end: number) {
  return { minTimeMs: timesMs[start]!, maxTimeMs: timesMs[end - 1]! };
}

/** Whether it may stand in the same chunk, where nothing but gauges may fall. */
function canFollow(before: NativeHistogram, next: NativeHistogram): boolean {
  if (before.isInteger !== next.isInteger || !isSameLayout(before, next)) return false;
  const isGauge = before.resetHint === "gauge";
  if (isGauge || next.resetHint === "gauge") return before.resetHint === next.resetHint;
  if (next.resetHint === "reset") return false;
  return (
    next.count >= before.count &&
    next.zeroCount >= before.zeroCount &&
    hasNotFallen(before.positive.counts, next.positive.counts) &&
    hasNotFallen(before.negative.counts, next.negative.counts)
  );
}

function hasNotFallen(before: Float64Array, next: Float64Array): boolean {
  for (let i = 0; i < before.length; i++) if (next[i]! < before[i]!) return false;
  return true;
}
