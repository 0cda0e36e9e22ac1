import { type Labels, type NativeHistogram, OpsError, type TimeRange } from "@hms-ops/model";
import {
  decodeHistogramChunk,
  decodeXorChunk,
  FLOAT_HISTOGRAM_ENCODING,
  type FloatSamples,
  HISTOGRAM_ENCODING,
  type HistogramSamples,
  XOR_ENCODING,
} from "@hms-ops/wire/prometheus-chunks";
import type { Disk } from "../../../../disk/index.ts";
import { messageOf, STORE_ERRORS } from "../../../../errors.ts";
import { ChunkFiles } from "./chunk-files.ts";
import { type IndexedSeries, IndexFile } from "./index-file.ts";
import { readPrometheusTombstones } from "./tombstones-file.ts";

export interface PrometheusBlockMeta {
  readonly ulid: string;
  readonly fromMs: number;
  /** Not included. */
  readonly toMs: number;
  readonly seriesCount: number;
  readonly sampleCount: number;
}

/** Hears of what a block holds, chunk by chunk; may wait. */
export interface PrometheusVisitor {
  /** Of the chunks that follow. */
  series(labels: Labels): void;
  floats(samples: FloatSamples, isDeleted: (timeMs: number) => boolean): Promise<void>;
  histograms(
    timesMs: Float64Array,
    histograms: readonly (NativeHistogram | undefined)[],
    isDeleted: (timeMs: number) => boolean,
  ): Promise<void>;
  /** A chunk that cannot be read; the others follow. */
  problem(text: string): void;
}

const META_FILE = "meta.json";
const META_VERSION = 1;

/** What `meta.json` of a Prometheus block says; undefined if the folder is none. */
export async function readPrometheusMeta(
  disk: Disk,
  folder: string,
): Promise<PrometheusBlockMeta | undefined> {
  const names: readonly string[] = await disk.list(folder).catch(() => []);
  if (!names.includes(META_FILE) || !names.includes("index")) return undefined;
  const file = disk.join(folder, META_FILE);
  const text = new TextDecoder().decode(await disk.read(file, 0, await disk.sizeOf(file)));
  try {
    const { version, ulid, minTime, maxTime, stats } = JSON.parse(text);
    if (typeof minTime !== "number" || typeof ulid !== "string") return undefined;
    if (version !== META_VERSION) throw new Error(`version ${version} is not read`);
    const { numSeries = 0, numSamples = 0, numHistogramSamples = 0 } = stats ?? {};
    const sampleCount = numSamples + numHistogramSamples;
    return { ulid, fromMs: minTime, toMs: maxTime, seriesCount: numSeries, sampleCount };
  } catch (error) {
    const inputs = { file, offset: 0, problem: messageOf(error) };
    throw new OpsError(STORE_ERRORS.prometheusUnreadable, inputs);
  }
}

/**
 * Hands over all series and samples of a block in the order of its index. Throws OPS-1331 where the
 * index is damaged; a damaged chunk is told and left out.
 */
export async function visitPrometheusBlock(
  disk: Disk,
  folder: string,
  visitor: PrometheusVisitor,
): Promise<void> {
  const names = await disk.list(folder);
  const chunksFolder = disk.join(folder, "chunks");
  const chunks = new ChunkFiles(disk, chunksFolder, await disk.list(chunksFolder));
  const index = new IndexFile(disk, disk.join(folder, "index"));
  try {
    const deleted = names.includes("tombstones")
      ? readPrometheusTombstones(disk, disk.join(folder, "tombstones"))
      : new Map<number, readonly TimeRange[]>();
    for (const series of index.series()) {
      const ranges = deleted.get(series.reference);
      await visitSeries(series, chunks, visitor, (timeMs) => isWithin(timeMs, ranges));
    }
  } finally {
    index.close();
    chunks.close();
  }
}

async function visitSeries(
  series: IndexedSeries,
  chunks: ChunkFiles,
  visitor: PrometheusVisitor,
  isDeleted: (timeMs: number) => boolean,
): Promise<void> {
  visitor.series(series.labels);
  for (const place of series.chunks) {
    const decoded = decode(chunks, place, visitor);
    if (decoded === undefined) continue;
    if ("values" in decoded) await visitor.floats(decoded, isDeleted);
    else await visitor.histograms(decoded.timesMs, decoded.histograms, isDeleted);
  }
}

function decode(
  chunks: ChunkFiles,
  place: IndexedSeries["chunks"][number],
  visitor: PrometheusVisitor,
): FloatSamples | HistogramSamples | undefined {
  try {
    const { encoding, data } = chunks.read(place);
    if (encoding === XOR_ENCODING) return decodeXorChunk(data);
    if (encoding === HISTOGRAM_ENCODING) return decodeHistogramChunk(data, true);
    if (encoding === FLOAT_HISTOGRAM_ENCODING) return decodeHistogramChunk(data, false);
    visitor.problem(`a chunk of encoding ${encoding} is not known and left out`);
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    visitor.problem(error.message);
  }
  return undefined;
}

function isWithin(timeMs: number, ranges: readonly TimeRange[] | undefined): boolean {
  return ranges?.some(({ fromMs, toMs }) => timeMs >= fromMs && timeMs <= toMs) === true;
}
