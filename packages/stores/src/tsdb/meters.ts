import type { Clock } from "@hms-ops/model";
import { LimitWatch } from "./cardinality/limit-watch.ts";
import type { Waiting } from "./commit-queue.ts";
import type { MaintenanceJob, MaintenanceResult } from "./ports.ts";
import { sizeOf } from "./upkeep/compaction-plan.ts";

/** Upper bounds of the buckets of `wal_sync_seconds`. */
export const SYNC_SECONDS_BOUNDS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5,
];
/** Upper bounds of the buckets of `commit_rows`. */
export const COMMIT_ROWS_BOUNDS: readonly number[] = [
  1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000,
];

/** Observations by bucket. */
class Buckets {
  readonly counts: number[];
  readonly #bounds: readonly number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += value;
  }
}

/** What the writer counts of its own work. */
export class StoreMeters {
  readonly watch: LimitWatch;
  readonly commits: CommitMeter;
  readonly jobs: JobMeter;

  constructor(clock: Clock) {
    this.watch = new LimitWatch(clock);
    this.commits = new CommitMeter(clock);
    this.jobs = new JobMeter(clock);
  }
}

/** What making batches durable took. */
class CommitMeter {
  readonly seconds = new Buckets(SYNC_SECONDS_BOUNDS);
  readonly rows = new Buckets(COMMIT_ROWS_BOUNDS);
  readonly #clock: Clock;
  count = 0;
  failures = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async time(group: readonly Waiting[], commit: () => Promise<void>): Promise<void> {
    const startMs = this.#clock.monotonicMs();
    await commit();
    this.count++;
    this.seconds.observe((this.#clock.monotonicMs() - startMs) / 1_000);
    this.rows.observe(group.reduce((sum, { batch }) => sum + batch.count, 0));
  }
}

interface JobTotals {
  seconds: number;
  readBytes: number;
  writtenBytes: number;
}

/** What flushes, compactions, deletions and companions took; failed ones included in their seconds. */
class JobMeter {
  readonly #clock: Clock;
  readonly #totals: Readonly<Record<MaintenanceJob["kind"], JobTotals>> = {
    flush: { seconds: 0, readBytes: 0, writtenBytes: 0 },
    compact: { seconds: 0, readBytes: 0, writtenBytes: 0 },
    delete: { seconds: 0, readBytes: 0, writtenBytes: 0 },
    companions: { seconds: 0, readBytes: 0, writtenBytes: 0 },
  };
  #running: { readonly job: MaintenanceJob; readonly startMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get totals(): Readonly<Record<MaintenanceJob["kind"], Readonly<JobTotals>>> {
    return this.#totals;
  }

  begin(job: MaintenanceJob): void {
    this.#running = { job, startMs: this.#clock.monotonicMs() };
  }

  /** Without a result: it failed. */
  end(result?: MaintenanceResult): void {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    const totals = this.#totals[running.job.kind];
    totals.seconds += (this.#clock.monotonicMs() - running.startMs) / 1_000;
    if (result?.kind === "flush") {
      for (const meta of result.blocks) totals.writtenBytes += sizeOf(meta);
    } else if (result?.kind === "compact" && running.job.kind === "compact") {
      for (const { meta } of running.job.inputs) totals.readBytes += sizeOf(meta);
      if (result.block) totals.writtenBytes += sizeOf(result.block);
    } else if (result?.kind === "companions" && running.job.kind === "companions") {
      totals.readBytes += sizeOf(running.job.block.meta);
      for (const bytes of Object.values(result.files)) totals.writtenBytes += bytes;
    }
  }
}
