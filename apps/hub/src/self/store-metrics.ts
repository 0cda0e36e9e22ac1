import { COMMIT_ROWS_BOUNDS, SYNC_SECONDS_BOUNDS } from "@hms-ops/stores/tsdb";
import type { SelfMetricRow } from "./metric-row.ts";

/** What a figure of the store is called here. */
export function storeMetricName(figure: string): string {
  return `hms_ops_store_${figure}`;
}

/** Figures of the metric store (`MetricStoreStats.figures`), and of the threads that read it. */
export const STORE_METRICS: readonly SelfMetricRow[] = [
  gauge("label_pairs", "Pairs of label and value in the index."),
  gauge("index_bytes", "Memory of the index in memory."),
  gauge("head_bytes", "Memory of the newest samples."),
  gauge("head_samples", "Samples that are not in blocks yet."),
  gauge("frozen_heads", "1 while samples are being flushed."),
  gauge("frozen_bytes", "Memory of the samples that are being flushed."),
  gauge("frozen_samples", "Samples that are being flushed."),
  gauge("exemplars", "Exemplars in memory."),
  gauge("queued_rows", "Rows that wait for the disk."),
  gauge("open_pins", "Queries and jobs that hold a state of the store."),
  gauge("blocks", "Blocks in service."),
  gauge("block_bytes", "Bytes of the blocks in service, with their companions."),
  gauge("companion_bytes", "Bytes of the companions of blocks: sums of 5 minutes and of hours."),
  gauge("block_samples", "Samples in blocks."),
  gauge("level_blocks", "Blocks by level: 0 was flushed, higher ones were compacted.", ["level"]),
  gauge("level_block_bytes", "Bytes of blocks by level.", ["level"]),
  gauge("tombstoned_blocks", "Blocks of which something was deleted and not yet taken out."),
  gauge("damaged_blocks", "Blocks and companions found damaged since the start, and set aside."),
  gauge(
    "growth_bytes_per_day",
    "Bytes of blocks a day of samples, of the newest seven days; 0 while they span less than an hour.",
  ),
  gauge("wal_bytes", "Bytes of the write-ahead log."),
  gauge("wal_segments", "Segments of the write-ahead log."),
  gauge("recovery_seconds", "How long the last start read blocks and the write-ahead log."),
  gauge("recovery_segments", "Segments that the last start read."),
  gauge("recovery_samples", "Samples that the last start read from the write-ahead log."),
  gauge("recovery_torn_tails", "Unfinished ends of the log that the last start cut off."),
  gauge("recovery_damaged_stretches", "Damaged stretches of the log that it set aside."),
  gauge("recovery_orphaned_rows", "Rows of the log whose series was lost to damage."),
  counter("wal_commits_total", "Groups of batches made durable."),
  counter("wal_failed_commits_total", "Groups that the disk did not take at the first try."),
  {
    ...figure("wal_sync_seconds", "histogram", "Writing and syncing one group.", []),
    buckets: SYNC_SECONDS_BOUNDS,
  },
  {
    ...figure("commit_rows", "histogram", "Rows of one group.", []),
    buckets: COMMIT_ROWS_BOUNDS,
  },
  counter("flushes_total", "Heads written into blocks."),
  counter("flush_seconds_total", "Time of flushes."),
  counter("flush_written_bytes_total", "Bytes of blocks written by flushes."),
  counter("compactions_total", "Compactions."),
  counter("compaction_seconds_total", "Time of compactions."),
  counter("compaction_read_bytes_total", "Bytes of the blocks that compactions read."),
  counter("compaction_written_bytes_total", "Bytes of the blocks that compactions wrote."),
  counter("companion_seconds_total", "Time of making companions of blocks."),
  counter("companion_written_bytes_total", "Bytes of companions written."),
  counter("deletion_seconds_total", "Time of deletions."),
  counter(
    "failed_jobs_total",
    "Flushes, compactions, deletions and companions that must be tried again.",
  ),
  counter("dropped_blocks_total", "Blocks removed by retention."),
  counter("dropped_segments_total", "Segments of the log removed by retention."),
  counter("dropped_exemplars_total", "Exemplars forgotten to make room for newer ones."),
  counter(
    "limit_hits_total",
    "How often a limit of the store took effect; those about series and labels count samples.",
    ["limit"],
  ),
  gauge("page_cache_bytes", "Unpacked pages of blocks that a reader thread keeps ready.", [
    "thread",
  ]),
  counter("page_cache_hits_total", "Pages that a reader thread had ready.", ["thread"]),
  counter("page_cache_misses_total", "Pages that a reader thread had to read.", ["thread"]),
];

function gauge(name: string, help: string, labels: readonly string[] = []): SelfMetricRow {
  return figure(name, "gauge", help, labels);
}

function counter(name: string, help: string, labels: readonly string[] = []): SelfMetricRow {
  return figure(name, "counter", help, labels);
}

function figure(
  name: string,
  type: SelfMetricRow["type"],
  help: string,
  labels: readonly string[],
): SelfMetricRow {
  return { name: storeMetricName(name), type, help, labels };
}
