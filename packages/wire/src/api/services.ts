/** `GET /api/ops/v1/services`: every source of samples that the hub knows, worst first. */
export const SERVICES_PATH = "/api/ops/v1/services";

/** `POST /api/ops/v1/discovery` with `{"on": false}` stops looking for services on this machine. */
export const DISCOVERY_PATH = "/api/ops/v1/discovery";

export interface ServiceList {
  readonly discovery: boolean;
  readonly services: readonly DiscoveredService[];
}

export interface DiscoveredService {
  readonly job: string;
  readonly instance: string;
  /** Empty where what is configured is no address; `instance` is then what is written. */
  readonly url: string;
  /** By scrape_configs, by the service's own announcement, or found on a usual port. */
  readonly origin: "configured" | "announced" | "found" | "demo" | "self";
  readonly health: "up" | "down" | "unknown";
  readonly lastScrapeMs: number | null;
  readonly lastError: string;
  /** Lines of the last scrape that could not be read (they were skipped, the rest was kept). */
  readonly skippedLines: number;
}
