import type { BlockMeta } from "../block/ports.ts";
import type { BlockRef } from "../ports.ts";

const HOUR_MS = 3_600_000;
/** Blocks are made for whole days of UTC, then for stretches of days. */
export const DAY_MS = 24 * HOUR_MS;
const STRETCH_MS = 16 * DAY_MS;
/** So many small blocks of one day become one before the day is over. */
const FAN_IN = 8;
/** What came late to a large block waits until it is this part of them, or many blocks. */
const LATE_SHARE = 1 / 16;
/** How long after its end a day is taken to be complete. */
const LATE_MS = HOUR_MS;
/** A complete day is left alone for so long after a flush: back-fill brings more than one. */
const QUIET_MS = 600_000;
/** Larger ones stay: what a compaction writes again is bounded, and what retention drops at once. */
const STRETCH_BYTES_MAX = 1024 * 1024 * 1024;

export interface CompactionMoment {
  readonly nowMs: number;
  readonly flushedAtMs: number;
  /** Days that ended later have samples in the head; Infinity where none has. */
  readonly headFromMs: number;
  /** Asked for by a person: every day counts as complete and quiet. */
  readonly isForced: boolean;
}

/**
 * The blocks, in order of arrival, that should become one next; undefined if all is well. Only runs
 * with no other block between them in arrival that shares their times: of two samples at one time
 * the first to arrive must still win.
 */
export function planCompaction(
  blocks: readonly BlockRef[],
  moment: CompactionMoment,
): readonly BlockRef[] | undefined {
  const candidates = function* () {
    yield* dayRuns(blocks, moment);
    yield* stretchRuns(blocks, moment);
    // Written anew without what was deleted.
    if (moment.isForced) for (const block of blocks) if (block.tombstones) yield [block];
  };
  for (const run of candidates()) if (isContiguous(run, blocks)) return run;
  return undefined;
}

function* dayRuns(
  blocks: readonly BlockRef[],
  moment: CompactionMoment,
): Generator<readonly BlockRef[]> {
  for (const [day, run] of byWindow(blocks, DAY_MS)) {
    const isWhole = isDone((day + 1) * DAY_MS, moment);
    if (run.length > 1 && isWhole && isWorth(run, moment)) yield run;
    const levels = new Set(run.map(({ meta }) => meta.level));
    for (const level of levels) {
      const alike = run.filter(({ meta }) => meta.level === level);
      if (alike.length >= FAN_IN) yield alike;
    }
  }
}

function* stretchRuns(
  blocks: readonly BlockRef[],
  moment: CompactionMoment,
): Generator<readonly BlockRef[]> {
  for (const [stretch, run] of byWindow(blocks, STRETCH_MS)) {
    if (run.length < 2 || moment.isForced || !isDone((stretch + 1) * STRETCH_MS, moment)) continue;
    if (bytesOfAll(run) <= STRETCH_BYTES_MAX && isWorth(run, moment)) yield run;
  }
}

/** A few late samples must not make a large block be written again after each flush. */
function isWorth(run: readonly BlockRef[], { isForced }: CompactionMoment): boolean {
  if (isForced || run.length >= FAN_IN) return true;
  const largest = Math.max(...run.map(({ meta }) => sizeOf(meta)));
  const total = bytesOfAll(run);
  return total - largest >= total * LATE_SHARE;
}

function bytesOfAll(run: readonly BlockRef[]): number {
  return run.reduce((sum, { meta }) => sum + sizeOf(meta), 0);
}

function isDone(endMs: number, moment: CompactionMoment): boolean {
  const { nowMs, flushedAtMs, headFromMs, isForced } = moment;
  const isOver = endMs + LATE_MS <= nowMs && endMs <= headFromMs;
  return isForced || (isOver && nowMs - flushedAtMs >= QUIET_MS);
}

/** Whether the day of a time is over and at rest; asked for by a person, over is enough. */
export function isDayDone(timeMs: number, moment: CompactionMoment): boolean {
  const endMs = (Math.floor(timeMs / DAY_MS) + 1) * DAY_MS;
  return moment.isForced ? endMs + LATE_MS <= moment.nowMs : isDone(endMs, moment);
}

/** Blocks that lie in one window each, oldest window first. */
function byWindow(
  blocks: readonly BlockRef[],
  windowMs: number,
): readonly (readonly [number, readonly BlockRef[]])[] {
  const windows = new Map<number, BlockRef[]>();
  for (const block of blocks) {
    const window = Math.floor(block.meta.fromMs / windowMs);
    if (window !== Math.floor(block.meta.toMs / windowMs)) continue;
    const known = windows.get(window);
    if (known) known.push(block);
    else windows.set(window, [block]);
  }
  return [...windows].sort(([a], [b]) => a - b);
}

function isContiguous(run: readonly BlockRef[], blocks: readonly BlockRef[]): boolean {
  const fromMs = Math.min(...run.map(({ meta }) => meta.fromMs));
  const toMs = Math.max(...run.map(({ meta }) => meta.toMs));
  const first = Math.min(...run.map(({ meta }) => meta.arrival));
  const last = Math.max(...run.map(({ meta }) => meta.arrival));
  return blocks.every((block) => {
    const { meta } = block;
    if (run.includes(block) || meta.toMs < fromMs || meta.fromMs > toMs) return true;
    return meta.arrival < first || meta.arrival > last;
  });
}

export function sizeOf({ files }: BlockMeta): number {
  return Object.values(files).reduce((sum, bytes) => sum + bytes, 0);
}
