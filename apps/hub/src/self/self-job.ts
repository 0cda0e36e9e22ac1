import { labelsOf, type MetricStoreStats } from "@hms-ops/model";
import { writeExposition } from "@hms-ops/wire/exposition";
import type { HubServices, Job } from "../ports.ts";
import { ProcessWatch } from "./process-watch.ts";
import type { SelfMetricsRegistry } from "./registry.ts";
import { storeMetricName } from "./store-metrics.ts";

const INTERVAL_MS = 15_000;
const encoder = new TextEncoder();
/** Figures whose labels go away: a level may lose its last block. */
const LEVELS = ["level_blocks", "level_block_bytes"] as const;

export interface SelfJobServices extends Pick<HubServices, "clock" | "log" | "ingest"> {
  readonly registry: SelfMetricsRegistry;
  /** Takes the figures of the threads into the registry. */
  readonly measureThreads: () => Promise<void>;
  readonly storeStats: () => Promise<MetricStoreStats>;
  readonly diskSpace: () => Promise<{ readonly freeBytes: number; readonly totalBytes: number }>;
}

/** Stores what the hub tells of itself, as if it scraped itself. */
export class SelfJob implements Job {
  readonly name = "self";
  readonly #services: SelfJobServices;
  readonly #target: Readonly<Record<string, string>>;
  readonly #watch: ProcessWatch;
  #stopped = true;
  #running: Promise<void> = Promise.resolve();
  #forgetNext: () => void = () => {};
  #lastStoredMs: number | null = null;

  constructor(services: SelfJobServices, instance: string) {
    this.#services = services;
    this.#target = { job: "hms-ops", instance };
    this.#watch = new ProcessWatch(services.registry);
  }

  /** When the latest figures were stored. */
  get lastStoredMs(): number | null {
    return this.#lastStoredMs;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#forgetNext();
    await this.#running;
    this.#watch.stop();
  }

  /** Brings the registry up to date, for /metrics. */
  async measure(): Promise<void> {
    const { registry, measureThreads, storeStats, diskSpace } = this.#services;
    const { freeBytes, totalBytes } = await diskSpace();
    registry.set("hms_ops_disk_free_bytes", freeBytes);
    registry.set("hms_ops_disk_total_bytes", totalBytes);
    await Promise.all([this.#watch.read(), measureThreads()]);
    const { seriesCount, sampleCount, figures = [] } = await storeStats();
    registry.set("hms_ops_store_series", seriesCount);
    registry.set("hms_ops_store_samples", sampleCount);
    for (const level of LEVELS) registry.clear(storeMetricName(level));
    for (const { name, labels, value, buckets } of figures) {
      if (buckets) registry.setBuckets(storeMetricName(name), buckets, value);
      else registry.set(storeMetricName(name), value, labels);
    }
  }

  async #run(): Promise<void> {
    const { clock, log, ingest, registry } = this.#services;
    try {
      await this.measure();
      const timeMs = clock.now();
      const families = registry.families().map((family) => ({ ...family, unit: "" }));
      await ingest.exposition(encoder.encode(writeExposition(families)), {
        source: "self",
        timeMs,
        honorTimestamps: false,
        honorLabels: false,
        targetLabels: labelsOf(this.#target),
        metricRelabel: [],
        sampleLimit: 0,
        trackStaleness: true,
        extra: [{ labels: labelsOf({ __name__: "up", ...this.#target }), timeMs, value: 1 }],
      });
      this.#lastStoredMs = timeMs;
    } catch (error) {
      log.warn("the hub's own figures could not be stored", { error });
    } finally {
      if (!this.#stopped) {
        this.#forgetNext = clock.after(INTERVAL_MS, () => {
          this.#running = this.#run();
        });
      }
    }
  }
}
