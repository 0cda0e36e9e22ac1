import type { HubStatus } from "@hms-ops/wire/api";
import { systemClock } from "../self/clock.ts";
import type { IngestMeter } from "../self/ingest-meter.ts";
import { VERSION } from "../self/version.ts";
import type { HubThreads } from "../threads/hub-threads.ts";

export interface HubStatusParts {
  readonly hub: Omit<HubStatus["hub"], "version" | "pid">;
  readonly threads: Pick<HubThreads, "stats">;
  readonly meter: Pick<IngestMeter, "health">;
  readonly pulse: Parameters<IngestMeter["health"]>[2];
  readonly alerts: HubStatus["alerts"];
  readonly demo: HubStatus["demo"];
  readonly refusals: HubStatus["refusals"];
}

/** How the hub is, put together. */
export async function hubStatus(parts: HubStatusParts): Promise<HubStatus> {
  const { hub, threads, meter, pulse, alerts, demo, refusals } = parts;
  const nowMs = systemClock.now();
  const { seriesCount } = await threads.stats();
  return {
    hub: { ...hub, version: VERSION, pid: process.pid },
    nowMs,
    ingest: meter.health(nowMs, seriesCount, pulse),
    alerts,
    demo,
    refusals,
  };
}
