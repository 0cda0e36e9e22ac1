/** `GET /api/ops/v1/status`: what the strip of every page and `hms-ops status` show. */
export const STATUS_PATH = "/api/ops/v1/status";

/** `POST`: the metric store flushes its head and makes one block of each day's; answers at once. */
export const COMPACT_PATH = "/api/ops/v1/tsdb/compact";

export interface HubStatus {
  readonly hub: HubIdentity;
  readonly nowMs: number;
  readonly ingest: IngestHealth;
  readonly alerts: AlertSummary;
  readonly demo: DemoStatus | null;
  readonly refusals: readonly Refusal[];
}

/** What the hub read last and did not take: what was good before holds. */
export interface Refusal {
  readonly part: "configuration" | "rules";
  /** With file, line and column, one problem a line. */
  readonly reason: string;
  readonly mend: string;
}

export interface HubIdentity {
  /** Shown in the strip; from --name, else the machine's name. */
  readonly name: string;
  readonly version: string;
  readonly pid: number;
  readonly startedAtMs: number;
  readonly dataDir: string;
  readonly url: string;
  /** How commands are typed where it was started: `hms-ops`, `npx hms-ops`, a path. */
  readonly command: string;
}

export interface IngestHealth {
  /** `waiting` until the first sample came; `lagging` when scrapes are late or samples refused. */
  readonly state: "waiting" | "healthy" | "lagging" | "failing";
  /** Why it is not healthy, in words; empty when it is. */
  readonly reason: string;
  readonly seriesCount: number;
  readonly samplesPerSecond: number;
  readonly lastSampleMs: number | null;
  /** The latest scrapes of all targets, oldest first, at most 40: the pulse tape. */
  readonly pulse: readonly PulseTick[];
}

export interface PulseTick {
  readonly atMs: number;
  readonly state: "ok" | "late" | "failed";
}

export interface AlertSummary {
  readonly firing: number;
  readonly pending: number;
  /** The oldest critical alert that fires: the T+ clock. */
  readonly oldestCritical: { readonly name: string; readonly sinceMs: number } | null;
  /** Since when nothing critical fires: `Steady 6 d 4 h`. Null while something does. */
  readonly steadySinceMs: number | null;
}

export interface DemoStatus {
  readonly faults: readonly DemoFault[];
}

/** `POST /api/ops/v1/demo/faults/NAME` with `{"on": true}` switches one. */
export interface DemoFault {
  readonly name: string;
  readonly summary: string;
  readonly on: boolean;
}

export const DEMO_FAULT_PATH = "/api/ops/v1/demo/faults/:name";
