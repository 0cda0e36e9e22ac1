import type { MetricStoreStats, TimeRange } from "@hms-ops/model";
import type { Head } from "./head/head.ts";
import type { IndexWriter } from "./index/index-writer.ts";
import type { Journal } from "./journal/journal.ts";
import type { Recovery } from "./ports.ts";
import type { Maintenance } from "./upkeep/maintenance.ts";
import type { Retention } from "./upkeep/retention.ts";
import type { BlockShelf } from "./upkeep/shelf.ts";

export const NO_RECOVERY: Recovery = {
  segments: 0,
  samples: 0,
  orphanedRows: 0,
  tornTails: 0,
  damagedStretches: 0,
  damagedBytes: 0,
  tookMs: 0,
  loadedBlocks: 0,
  damagedBlocks: [],
};

export interface StatsParts {
  readonly index: IndexWriter;
  readonly head: Head;
  readonly journal: Journal;
  readonly shelf: BlockShelf;
  readonly maintenance: Maintenance;
  readonly retention: Retention;
  readonly recovery: Recovery;
  /** Of all that came in since the store was opened. */
  readonly headRange: TimeRange | undefined;
  readonly details: Readonly<Record<string, number>>;
}

export function storeStats(parts: StatsParts): MetricStoreStats {
  const { index, head, shelf, maintenance } = parts;
  const blockSamples = shelf.blocks.reduce((sum, { meta }) => sum + meta.sampleCount, 0);
  const sampleCount = head.sampleCount + maintenance.frozenSamples + blockSamples;
  return {
    seriesCount: index.seriesCount,
    sampleCount,
    labelPairCount: index.pairCount,
    range: sampleCount > 0 ? rangeOf(parts) : undefined,
    details: { ...parts.details, ...ownDetails(parts), block_samples: blockSamples },
  };
}

function ownDetails({ head, journal, shelf, maintenance, retention, recovery }: StatsParts) {
  return {
    head_bytes: head.sizeBytes,
    head_samples: head.sampleCount,
    frozen_bytes: maintenance.frozenBytes,
    frozen_samples: maintenance.frozenSamples,
    wal_bytes: journal.sizeBytes,
    wal_segments: journal.segmentCount,
    blocks: shelf.blocks.length,
    block_bytes: shelf.sizeBytes,
    damaged_blocks: shelf.damaged.length,
    flushes_total: maintenance.counts.flushes,
    compactions_total: maintenance.counts.compactions,
    failed_jobs_total: maintenance.counts.failures,
    dropped_blocks_total: retention.droppedBlocks,
    dropped_segments_total: retention.droppedSegments,
    recovery_samples: recovery.samples,
    recovery_torn_tails: recovery.tornTails,
    recovery_damaged_stretches: recovery.damagedStretches,
    recovery_orphaned_rows: recovery.orphanedRows,
  };
}

function rangeOf({ shelf, headRange }: StatsParts): TimeRange {
  const ranges: TimeRange[] = shelf.blocks.map(({ meta }) => meta);
  if (headRange) ranges.push(headRange);
  return {
    fromMs: Math.min(...ranges.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...ranges.map(({ toMs }) => toMs)),
  };
}
