import type { Clock, MetricStoreStats } from "@hms-ops/model";
import type { Recovery } from "@hms-ops/stores/tsdb";
import type { StoreDisk, StoreReport } from "@hms-ops/wire/api";
import type { HubResponse } from "../ports.ts";
import { jsonAnswer } from "./json-answer.ts";

const DAY_MS = 86_400_000;

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface StoreSources {
  readonly clock: Clock;
  readonly retentionMs: number;
  readonly stats: () => Promise<MetricStoreStats>;
  readonly recovery: () => Recovery;
  readonly space: () => Promise<DiskSpace>;
}

/** `/api/ops/v1/store` */
export class StoreApi {
  readonly #sources: StoreSources;

  constructor(sources: StoreSources) {
    this.#sources = sources;
  }

  readonly storeReport = async (): Promise<HubResponse> => {
    const { clock, retentionMs, stats, recovery, space } = this.#sources;
    const [held, disk] = await Promise.all([stats(), space()]);
    const { tookMs, segments, loadedBlocks, samples, tornTails, damagedStretches, orphanedRows } =
      recovery();
    const nowMs = clock.now();
    const report: StoreReport = {
      nowMs,
      seriesCount: held.seriesCount,
      sampleCount: held.sampleCount,
      start: {
        tookMs,
        segments,
        blocks: loadedBlocks,
        samples,
        tornTails,
        damagedStretches,
        orphanedRows,
      },
      damaged: held.damaged ?? [],
      disk: forecast(disk, held.details, { nowMs, retentionMs }),
      limitHits: held.limitHits ?? [],
    };
    return jsonAnswer(report);
  };
}

/** Whether what the store will come to fits what is free. */
export function forecast(
  { freeBytes, totalBytes }: DiskSpace,
  details: MetricStoreStats["details"],
  { nowMs, retentionMs }: { readonly nowMs: number; readonly retentionMs: number },
): StoreDisk {
  const { block_bytes: blockBytes = 0, wal_bytes: walBytes = 0 } = details;
  const growthBytesPerDay = details.growth_bytes_per_day ?? 0;
  const usedBytes = blockBytes + walBytes;
  const known = { freeBytes, totalBytes, usedBytes, growthBytesPerDay };
  if (growthBytesPerDay === 0) return { ...known, expectedBytes: null, fullAtMs: null };
  const expectedBytes = growthBytesPerDay * (retentionMs / DAY_MS) + walBytes;
  const isEnough = expectedBytes - usedBytes <= freeBytes;
  const fullAtMs = isEnough ? null : nowMs + (freeBytes / growthBytesPerDay) * DAY_MS;
  return { ...known, expectedBytes, fullAtMs };
}
