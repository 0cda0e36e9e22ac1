import type { MetricStoreStats, StoreFigure, TimeRange } from "@hms-ops/model";
import type { TsdbLimits } from "../limits.ts";
import type { AcknowledgedBatches } from "./acknowledged.ts";
import type { CommitQueue } from "./commit-queue.ts";
import type { ExemplarRing } from "./exemplars.ts";
import type { Head } from "./head/head.ts";
import type { IndexWriter } from "./index/index-writer.ts";
import type { RawKeys } from "./index/raw-keys.ts";
import type { Journal } from "./journal/journal.ts";
import type { StoreMeters } from "./meters.ts";
import type { Pins } from "./pins.ts";
import type { Recovery } from "./ports.ts";
import { bytesOf } from "./upkeep/companions.ts";
import type { Maintenance } from "./upkeep/maintenance.ts";
import type { Retention } from "./upkeep/retention.ts";
import type { BlockShelf } from "./upkeep/shelf.ts";

const DAY_MS = 86_400_000;
/** Growth is told from blocks of so many days: what came in before may be of another time. */
const GROWTH_DAYS = 7;
/** Of less, what every block takes anyway would count as growth. */
const GROWTH_SPAN_LEAST_MS = 3_600_000;

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
  readonly rawKeys: RawKeys;
  readonly exemplars: ExemplarRing;
  readonly acknowledged: AcknowledgedBatches;
  readonly head: Head;
  readonly journal: Journal;
  readonly pins: Pins;
  readonly queue: CommitQueue;
  readonly meters: StoreMeters;
  readonly shelf: BlockShelf;
  readonly maintenance: Maintenance;
  readonly retention: Retention;
  readonly recovery: Recovery;
  /** Of all that came in since the store was opened. */
  readonly headRange: TimeRange | undefined;
}

export function storeStats(parts: StatsParts): MetricStoreStats {
  const { index, head, shelf, maintenance, meters } = parts;
  const blockSamples = shelf.blocks.reduce((sum, { meta }) => sum + meta.sampleCount, 0);
  const sampleCount = head.sampleCount + maintenance.frozenSamples + blockSamples;
  const details = { ...gauges(parts), ...counters(parts), block_samples: blockSamples };
  return {
    seriesCount: index.seriesCount,
    sampleCount,
    labelPairCount: index.pairCount,
    range: sampleCount > 0 ? rangeOf(parts) : undefined,
    details,
    figures: [
      ...Object.entries(details).map(([name, value]): StoreFigure => ({ name, value })),
      ...byLevel(parts),
      ...limitFigures(parts),
      ...histograms(parts),
    ],
    limitHits: meters.watch.offenders,
    damaged: shelf.damaged,
  };
}

function gauges(parts: StatsParts) {
  const { head, journal, shelf, maintenance, recovery, index, rawKeys } = parts;
  return {
    index_bytes: index.sizeBytes + rawKeys.sizeBytes,
    label_pairs: index.pairCount,
    head_bytes: head.sizeBytes,
    head_samples: head.sampleCount,
    frozen_heads: maintenance.frozenSamples > 0 ? 1 : 0,
    frozen_bytes: maintenance.frozenBytes,
    frozen_samples: maintenance.frozenSamples,
    wal_bytes: journal.sizeBytes,
    wal_segments: journal.segmentCount,
    blocks: shelf.blocks.length,
    block_bytes: shelf.sizeBytes,
    companion_bytes: shelf.companionBytes,
    tombstoned_blocks: shelf.blocks.filter(({ tombstones }) => tombstones !== undefined).length,
    damaged_blocks: shelf.damaged.length,
    growth_bytes_per_day: growthOf(shelf),
    exemplars: parts.exemplars.count,
    open_pins: parts.pins.count,
    queued_rows: parts.queue.rows,
    recovery_seconds: recovery.tookMs / 1_000,
    recovery_segments: recovery.segments,
    recovery_samples: recovery.samples,
    recovery_torn_tails: recovery.tornTails,
    recovery_damaged_stretches: recovery.damagedStretches,
    recovery_orphaned_rows: recovery.orphanedRows,
  };
}

function counters({ maintenance, retention, meters, exemplars }: StatsParts) {
  const { commits, jobs } = meters;
  const { flush, compact, delete: deletion, companions } = jobs.totals;
  return {
    wal_commits_total: commits.count,
    wal_failed_commits_total: commits.failures,
    flushes_total: maintenance.counts.flushes,
    flush_seconds_total: flush.seconds,
    flush_written_bytes_total: flush.writtenBytes,
    compactions_total: maintenance.counts.compactions,
    compaction_seconds_total: compact.seconds,
    compaction_read_bytes_total: compact.readBytes,
    compaction_written_bytes_total: compact.writtenBytes,
    companion_seconds_total: companions.seconds,
    companion_written_bytes_total: companions.writtenBytes,
    deletion_seconds_total: deletion.seconds,
    failed_jobs_total: maintenance.counts.failures,
    dropped_blocks_total: retention.droppedBlocks,
    dropped_segments_total: retention.droppedSegments,
    dropped_exemplars_total: exemplars.dropped,
  };
}

function byLevel({ shelf }: StatsParts): readonly StoreFigure[] {
  const levels = new Map<number, { count: number; bytes: number }>();
  for (const ref of shelf.blocks) {
    const { level } = ref.meta;
    const known = levels.get(level) ?? { count: 0, bytes: 0 };
    levels.set(level, { count: known.count + 1, bytes: known.bytes + bytesOf(ref) });
  }
  return [...levels].flatMap(([level, { count, bytes }]) => {
    const labels = { level: String(level) };
    return [
      { name: "level_blocks", labels, value: count },
      { name: "level_block_bytes", labels, value: bytes },
    ];
  });
}

/** How often each limit took effect; what that means stands in docs/metrics.md. */
function limitFigures(parts: StatsParts): readonly StoreFigure[] {
  const { meters, queue, pins, rawKeys, exemplars, acknowledged, maintenance, journal } = parts;
  const refused = (limit: keyof TsdbLimits) => meters.watch.refused.get(limit) ?? 0;
  // flushRowsMin makes a head wait; nothing comes to its end by it.
  const hits: Readonly<Record<Exclude<keyof TsdbLimits, "flushRowsMin">, number>> = {
    seriesMax: refused("seriesMax"),
    seriesPerMetricMax: refused("seriesPerMetricMax"),
    labelsPerSeriesMax: refused("labelsPerSeriesMax"),
    labelNameBytesMax: refused("labelNameBytesMax"),
    labelValueBytesMax: refused("labelValueBytesMax"),
    aheadMs: refused("aheadMs"),
    headBytes: maintenance.counts.freezes.headBytes,
    headAgeMs: maintenance.counts.freezes.headAgeMs,
    segmentBytes: journal.fullSegments,
    queuedRowsMax: queue.refusals,
    groupRowsMax: queue.cutGroups,
    rawKeyBytes: rawKeys.timesForgotten,
    exemplarsMax: exemplars.dropped,
    batchIdsMax: acknowledged.dropped,
    pinLifeMs: pins.revoked,
  };
  return Object.entries(hits).map(([limit, value]) => ({
    name: "limit_hits_total",
    labels: { limit },
    value,
  }));
}

function histograms({ meters }: StatsParts): readonly StoreFigure[] {
  const { seconds, rows } = meters.commits;
  return [
    { name: "wal_sync_seconds", value: seconds.sum, buckets: seconds.counts },
    { name: "commit_rows", value: rows.sum, buckets: rows.counts },
  ];
}

/** Bytes of blocks a day of their samples, of the newest days; 0 where they span too little. */
function growthOf({ blocks }: BlockShelf): number {
  const newestMs = Math.max(...blocks.map(({ meta }) => meta.toMs));
  const recent = blocks.filter(({ meta }) => meta.toMs > newestMs - GROWTH_DAYS * DAY_MS);
  if (recent.length === 0) return 0;
  const oldestMs = Math.min(...recent.map(({ meta }) => meta.fromMs));
  const bytes = recent.reduce((sum, ref) => sum + bytesOf(ref), 0);
  const spanMs = newestMs - oldestMs;
  return spanMs < GROWTH_SPAN_LEAST_MS ? 0 : (bytes / spanMs) * DAY_MS;
}

function rangeOf({ shelf, headRange }: StatsParts): TimeRange {
  const ranges: TimeRange[] = shelf.blocks.map(({ meta }) => meta);
  if (headRange) ranges.push(headRange);
  return {
    fromMs: Math.min(...ranges.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...ranges.map(({ toMs }) => toMs)),
  };
}
