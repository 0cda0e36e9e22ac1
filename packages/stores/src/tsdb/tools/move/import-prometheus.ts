import { type NativeHistogram, OpsError } from "@hms-ops/model";
import { type Disk, openNodeDisk } from "../../../disk/index.ts";
import { STORE_ERRORS } from "../../../errors.ts";
import {
  ImportBatches,
  type ImportProgress,
  type ImportReport,
  type ImportSink,
} from "./import-batches.ts";
import {
  type PrometheusBlockMeta,
  readPrometheusMeta,
  visitPrometheusBlock,
} from "./prometheus/prometheus-block.ts";

export interface PrometheusSource {
  readonly blocks: readonly { readonly path: string; readonly meta: PrometheusBlockMeta }[];
  /** Its newest hours are not in blocks yet. */
  readonly hasWal: boolean;
}

/** Blocks that share a beginning are those of a compaction: the larger one says it all. */
export async function findPrometheusBlocks(
  folder: string,
  disk: Disk = openNodeDisk(),
): Promise<PrometheusSource | undefined> {
  const own = await readPrometheusMeta(disk, folder);
  if (own) return { blocks: [{ path: folder, meta: own }], hasWal: false };
  const names: readonly string[] = await disk.list(folder).catch(() => []);
  const blocks: { path: string; meta: PrometheusBlockMeta }[] = [];
  for (const name of names) {
    const path = disk.join(folder, name);
    const meta = await readPrometheusMeta(disk, path);
    if (meta) blocks.push({ path, meta });
  }
  const hasWal = names.includes("wal");
  if (blocks.length === 0 && !hasWal) return undefined;
  blocks.sort((a, b) => a.meta.fromMs - b.meta.fromMs || a.meta.toMs - b.meta.toMs);
  return { blocks, hasWal };
}

/**
 * Imports blocks of a Prometheus: floats, integer and float histograms, staleness; without what was
 * deleted. Repeating it changes nothing. A block whose index is damaged is left where that begins.
 */
export async function importPrometheus(
  { blocks }: PrometheusSource,
  sink: ImportSink,
  progress: ImportProgress,
  disk: Disk = openNodeDisk(),
): Promise<ImportReport> {
  const batches = new ImportBatches(sink);
  for (const [i, { path, meta }] of blocks.entries()) {
    let seriesCount = 0;
    try {
      await visitPrometheusBlock(disk, path, {
        series: (labels) => {
          seriesCount++;
          batches.series(labels);
        },
        floats: ({ timesMs, values, stale }, isDeleted) =>
          batches.floats(timesMs, values, stale, isDeleted),
        histograms: (timesMs, histograms, isDeleted) =>
          batches.histograms(timesMs, histograms.map(withoutClaim), isDeleted),
        problem: (text) => batches.problem(`block ${meta.ulid}: ${text}`),
      });
      if (seriesCount < meta.seriesCount) {
        const missing = meta.seriesCount - seriesCount;
        batches.problem(
          `block ${meta.ulid}: ${missing} of its series are not in its index`,
          missing,
        );
      }
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      batches.problem(`block ${meta.ulid}: ${error.message}; the rest of it is left out`);
    }
    await batches.flush();
    progress(batches, `block ${i + 1} of ${blocks.length}`);
  }
  return batches;
}

function isUnreadable(error: unknown): error is OpsError {
  return error instanceof OpsError && error.code === STORE_ERRORS.prometheusUnreadable.code;
}

/** Whether there was no reset before a chunk's first histogram depends on what stands before it. */
function withoutClaim(
  histogram: NativeHistogram | undefined,
  row: number,
): NativeHistogram | undefined {
  if (row > 0 || histogram?.resetHint !== "not-reset") return histogram;
  return { ...histogram, resetHint: "unknown" };
}
