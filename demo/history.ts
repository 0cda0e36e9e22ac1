import type { Agency } from "./agency-model.ts";
import type { Service } from "./services.ts";

/** Past the hour that boards show, so that rates over five minutes are whole from its first step. */
const HISTORY_MS = 4_500_000;
const INTERVAL_MS = 15_000;
const SECOND_MS = 1_000;
/** Expositions of one service in one body: some hundred kilobytes. */
const EXPOSITIONS_PER_BODY = 40;

/** Expositions of one service, with times: bodies for the hub's /ingest. */
export interface ServiceHistory {
  readonly service: string;
  readonly bodies: readonly string[];
}

/**
 * Lives what led up to `nowMs`, so that charts have a past at first sight. The counters go on
 * from there when the services are scraped.
 */
export function liveTheLastHour(
  agency: Agency,
  services: readonly Service[],
  nowMs: number,
): readonly ServiceHistory[] {
  const expositions = services.map((): string[] => []);
  for (let timeMs = nowMs - HISTORY_MS; timeMs < nowMs; timeMs += SECOND_MS) {
    const second = agency.second(timeMs);
    for (const service of services) service.record(second);
    if ((nowMs - timeMs) % INTERVAL_MS !== 0) continue;
    for (const [i, { telemetry }] of services.entries()) {
      expositions[i]?.push(withTime(telemetry.registry.expose(), timeMs));
    }
  }
  return services.map(({ telemetry }, i) => ({
    service: telemetry.service,
    bodies: joined(expositions[i] ?? []),
  }));
}

/** TYPE lines stay: by them the hub knows bounds of buckets, which it spells as when it scrapes. */
function withTime(exposition: string, timeMs: number): string {
  const lines = exposition.split("\n").filter((line) => line !== "");
  return lines.map((line) => (line.startsWith("#") ? `${line}\n` : `${line} ${timeMs}\n`)).join("");
}

function joined(expositions: readonly string[]): readonly string[] {
  const bodies: string[] = [];
  for (let i = 0; i < expositions.length; i += EXPOSITIONS_PER_BODY) {
    bodies.push(expositions.slice(i, i + EXPOSITIONS_PER_BODY).join(""));
  }
  return bodies;
}
