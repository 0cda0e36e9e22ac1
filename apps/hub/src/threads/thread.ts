import { Worker } from "node:worker_threads";
import { type Clock, OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import type { Log, SelfMetrics } from "../ports.ts";
import type { Calls } from "./calls.ts";
import { Caller } from "./rpc.ts";
import type { ThreadStart } from "./thread-entry.ts";

export interface ThreadOptions {
  /** `writer`, `rules`, `query-1`: in metrics, the log and errors. */
  readonly name: string;
  readonly entry: URL;
  readonly oldHeapMegabytes: number;
  /** For what lives for one batch or one step; small ones cost time, large ones memory. */
  readonly youngHeapMegabytes: number;
  /** See `standBack`. */
  readonly niceness: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: SelfMetrics;
  /** The thread ended by itself; its calls have failed already. */
  readonly onLoss: () => void;
}

/** One worker thread and the calls to it. */
export class Thread<C extends Calls> {
  readonly name: string;
  readonly #worker: Worker;
  readonly #caller: Caller<C>;
  readonly #options: ThreadOptions;
  #lastBusy: { readonly idle: number; readonly active: number } = { idle: 0, active: 0 };
  #stopping = false;
  #reason = "it ended";

  constructor(options: ThreadOptions) {
    const { name, entry, oldHeapMegabytes, youngHeapMegabytes, niceness } = options;
    const workerData: ThreadStart = { niceness };
    this.name = name;
    this.#options = options;
    this.#worker = new Worker(entry, {
      name: `hms-ops ${name}`,
      workerData,
      resourceLimits: {
        maxOldGenerationSizeMb: oldHeapMegabytes,
        maxYoungGenerationSizeMb: youngHeapMegabytes,
      },
    });
    this.#caller = new Caller<C>(this.#worker);
    this.#worker.on("error", (error) => {
      this.#reason = error instanceof Error ? error.message : String(error);
      options.log.error(`the ${name} thread failed`, { error });
    });
    this.#worker.on("exit", () => this.#lost());
  }

  get underWay(): number {
    return this.#caller.underWay;
  }

  readonly call: Caller<C>["call"] = (method, args, transfer) =>
    this.#caller.call(method, args, transfer);

  /** Ends it at once; calls under way fail. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#worker.terminate();
  }

  /** Ends a thread that does not come back; it counts as lost. */
  abandon(reason: string): void {
    this.#reason = reason;
    void this.#worker.terminate();
  }

  /** Takes the figures since the last call. */
  async measure(): Promise<void> {
    const { metrics } = this.#options;
    const labels = { thread: this.name };
    const now = this.#worker.performance.eventLoopUtilization();
    const active = now.active - this.#lastBusy.active;
    const total = active + now.idle - this.#lastBusy.idle;
    this.#lastBusy = now;
    metrics.set("hms_ops_thread_busy_ratio", total > 0 ? active / total : 0, labels);
    const heap = await this.#worker.getHeapStatistics().catch(() => undefined);
    if (heap) metrics.set("hms_ops_thread_heap_bytes", heap.used_heap_size, labels);
  }

  #lost(): void {
    const inputs = { thread: this.name, reason: this.#reason };
    this.#caller.end(new OpsError(HUB_ERRORS.threadEnded, inputs));
    if (this.#stopping) return;
    this.#options.metrics.add("hms_ops_thread_restarts_total", 1, { thread: this.name });
    this.#options.log.warn(`the ${this.name} thread ended and is started again`, inputs);
    this.#options.onLoss();
  }
}
