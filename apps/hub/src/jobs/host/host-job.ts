import { labelsOf } from "@hms-ops/model";
import { writeExposition } from "@hms-ops/wire/exposition";
import type { HubServices, Job } from "../../ports.ts";
import { familiesOf, type Reading } from "./families.ts";
import { readHost } from "./read-host.ts";

export interface HostJobOptions {
  /** The machine's name. */
  readonly instance: string;
  readonly intervalMs?: number;
  /** Where the readings come from; this machine when absent. */
  readonly read?: () => Promise<readonly Reading[]>;
}

const INTERVAL_MS = 15_000;
const SOURCE = "host";

/**
 * Stores how this machine does (`job="host"`), so that the first page is alive where no node
 * exporter runs. A device that goes away is marked stale like any series of a scrape.
 */
export class HostJob implements Job {
  readonly name = "host";
  readonly #services: Pick<HubServices, "clock" | "log" | "ingest">;
  readonly #options: Required<HostJobOptions>;
  #isStopped = true;
  #running: Promise<void> = Promise.resolve();
  #forgetNext: () => void = () => {};

  constructor(services: Pick<HubServices, "clock" | "log" | "ingest">, options: HostJobOptions) {
    this.#services = services;
    this.#options = { intervalMs: INTERVAL_MS, read: readHost, ...options };
  }

  async start(): Promise<void> {
    this.#isStopped = false;
    this.#running = this.#run(this.#services.clock.now());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#forgetNext();
    await this.#running;
  }

  async #run(timeMs: number): Promise<void> {
    try {
      await this.#store(await this.#options.read(), timeMs);
    } catch (error) {
      this.#services.log.warn("the machine's figures could not be stored", {
        reason: error instanceof Error ? error.message : String(error),
      });
    } finally {
      this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#isStopped) return;
    const { clock } = this.#services;
    const { intervalMs } = this.#options;
    const nextMs = (Math.floor(clock.now() / intervalMs) + 1) * intervalMs;
    this.#forgetNext = clock.after(nextMs - clock.now(), () => {
      this.#running = this.#run(nextMs);
    });
  }

  async #store(readings: readonly Reading[], timeMs: number): Promise<void> {
    const target = { job: "host", instance: this.#options.instance };
    await this.#services.ingest.exposition(
      new TextEncoder().encode(writeExposition(familiesOf(readings))),
      {
        source: SOURCE,
        timeMs,
        honorTimestamps: false,
        honorLabels: false,
        targetLabels: labelsOf(target),
        metricRelabel: [],
        sampleLimit: 0,
        trackStaleness: true,
        extra: [{ labels: labelsOf({ __name__: "up", ...target }), timeMs, value: 1 }],
        format: "text",
      },
    );
  }
}
