/** `GET /api/ops/v1/store`: how the metric store is, for `hms-ops doctor` and the pages. */
export const STORE_PATH = "/api/ops/v1/store";

export interface StoreReport {
  readonly nowMs: number;
  readonly seriesCount: number;
  readonly sampleCount: number;
  readonly start: StoreStart;
  /** Blocks out of service since the start, each with what is wrong with it. */
  readonly damaged: readonly { readonly name: string; readonly problem: string }[];
  readonly disk: StoreDisk;
  /** Whom limits refused samples, the latest first. */
  readonly limitHits: readonly StoreLimitHit[];
}

/** What the last start found. */
export interface StoreStart {
  readonly tookMs: number;
  readonly segments: number;
  readonly blocks: number;
  readonly samples: number;
  /** Ends of the log that no sync had confirmed: nothing acknowledged is lost. */
  readonly tornTails: number;
  /** Stretches of the log set aside, and rows that could not be told a series. */
  readonly damagedStretches: number;
  readonly orphanedRows: number;
}

export interface StoreDisk {
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Blocks and write-ahead log. */
  readonly usedBytes: number;
  /** Of blocks, a day of samples; 0 before the first flush. */
  readonly growthBytesPerDay: number;
  /** What the store comes to when its retention is full; null before the first flush. */
  readonly expectedBytes: number | null;
  /** When the disk is full at this growth; null if retention ends it before, or is not known. */
  readonly fullAtMs: number | null;
}

export interface StoreLimitHit {
  readonly limit: string;
  readonly metric: string;
  readonly source: string;
  readonly count: number;
  readonly lastMs: number;
  readonly example: string;
}

/** `GET /api/v1/status/walreplay`, answered while the hub starts, too. */
export interface ReplayStatus {
  readonly min: number;
  readonly max: number;
  readonly current: number;
  readonly state: "waiting" | "in progress" | "done";
}
