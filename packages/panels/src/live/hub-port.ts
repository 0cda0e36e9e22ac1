import type { QueryValue, StepGrid, TimestampMs } from "@hms-ops/model";

/**
 * What the pages ask of a hub. `HubClient` of `@hms-ops/client` is one; tests hand in a fake.
 * A refusal is thrown as an OpsError (code, message, mend), a cancelled question as AbortError.
 */
export interface HubPort {
  query(request: InstantQuestion, signal?: AbortSignal): Promise<HubAnswer>;
  queryRange(request: RangeQuestion, signal?: AbortSignal): Promise<HubAnswer>;
  /** `GET` of one of the hub's own resources, as JSON. `/api/ops/v1/status`, `/api/v1/rules` … */
  getJson(path: string, signal?: AbortSignal): Promise<unknown>;
}

export interface InstantQuestion {
  readonly expr: string;
  /** Absent = the hub's now. */
  readonly atMs?: TimestampMs;
}

export interface RangeQuestion {
  readonly expr: string;
  readonly grid: StepGrid;
}

export interface HubAnswer {
  readonly value: QueryValue;
  readonly warnings: readonly string[];
}
