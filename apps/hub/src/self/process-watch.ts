import { readdir } from "node:fs/promises";
import { monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";
import type { SelfMetrics } from "../ports.ts";

/** Measures the process it runs in: memory, processor, event loop, garbage collection. */
export class ProcessWatch {
  readonly #metrics: SelfMetrics;
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>;
  readonly #collections: PerformanceObserver;

  constructor(metrics: SelfMetrics) {
    this.#metrics = metrics;
    this.#delay = monitorEventLoopDelay({ resolution: 20 });
    this.#delay.enable();
    this.#collections = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        metrics.add("hms_ops_gc_seconds_total", duration / 1_000);
      }
    });
    this.#collections.observe({ entryTypes: ["gc"] });
    const startSeconds = (performance.timeOrigin / 1_000).toFixed(3);
    metrics.set("process_start_time_seconds", Number(startSeconds));
  }

  /** Takes the figures since the last call. */
  async read(): Promise<void> {
    const { user, system } = process.cpuUsage();
    this.#metrics.set("process_cpu_seconds_total", (user + system) / 1e6);
    this.#metrics.set("process_resident_memory_bytes", process.memoryUsage.rss());
    for (const [quantile, share] of [
      ["0.5", 50],
      ["0.99", 99],
      ["1", 100],
    ] as const) {
      const seconds = this.#delay.percentile(share) / 1e9;
      this.#metrics.set("hms_ops_event_loop_delay_seconds", seconds, { quantile });
    }
    this.#delay.reset();
    const openFiles = await readdir("/proc/self/fd").catch(() => undefined);
    if (openFiles) this.#metrics.set("process_open_fds", openFiles.length);
  }

  stop(): void {
    this.#delay.disable();
    this.#collections.disconnect();
  }
}
