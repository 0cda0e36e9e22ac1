import { availableParallelism } from "node:os";
import { type Clock, OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import { MAX_WAITING_BODIES } from "../limits.ts";
import type { RemoteWriteOutcome, RemoteWriteVersion, SelfMetrics } from "../ports.ts";
import type { DecoderCalls } from "./calls.ts";
import type { Thread } from "./thread.ts";
import { ThreadPool } from "./thread-pool.ts";

/** On fewer cores a second one takes from the writer what it gives. */
const CORES_FOR_TWO = 4;
/** A sender is heavy whose bodies are large, or many in a second. */
const HEAVY_BODY_BYTES = 64 * 1024;
const HEAVY_BYTES_PER_SECOND = 200_000;
/** A thread costs about 15 MB. */
const IDLE_MS = 30_000;
/** One body is read while the one before is on its way through the writer. */
const CALLS_PER_THREAD = 4;

export interface DecoderThreadsOptions {
  readonly clock: Clock;
  readonly metrics: SelfMetrics;
  readonly start: (name: string, onLoss: () => void) => Promise<Thread<DecoderCalls>>;
}

/** Threads that read remote-write bodies, from the first heavy sender on. */
export class DecoderThreads {
  readonly #clock: Clock;
  readonly #metrics: SelfMetrics;
  readonly #pool: ThreadPool<DecoderCalls>;
  #second = 0;
  #bytes = 0;
  #heavyUntilMs = Number.NEGATIVE_INFINITY;

  constructor({ clock, metrics, start }: DecoderThreadsOptions) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#pool = new ThreadPool<DecoderCalls>({
      threads: availableParallelism() >= CORES_FOR_TWO ? 2 : 1,
      callsPerThread: CALLS_PER_THREAD,
      areCallsShort: true,
      idleMs: IDLE_MS,
      waitingMax: MAX_WAITING_BODIES,
      refusal: (waiting) => {
        metrics.add("hms_ops_ingest_busy_total", 1);
        return new OpsError(HUB_ERRORS.tooManyBodies, { waiting });
      },
      clock,
      start: (index, onLoss) => start(`decoder-${index}`, onLoss),
    });
  }

  /**
   * Whether a body should go this way; asked once a body. The writer reads small ones while the
   * first thread starts: their senders would wait for it, 70 ms, because of another one.
   */
  isWanted(bytes: number): boolean {
    const nowMs = this.#clock.monotonicMs();
    const second = Math.floor(nowMs / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#bytes = 0;
    }
    this.#bytes += bytes;
    const isLarge = bytes >= HEAVY_BODY_BYTES;
    const isHeavy = isLarge || this.#bytes >= HEAVY_BYTES_PER_SECOND;
    if (isHeavy) this.#heavyUntilMs = nowMs + IDLE_MS;
    if (nowMs >= this.#heavyUntilMs) return false;
    if (isLarge || this.#pool.isReady) return true;
    this.#pool.startFirst();
    return false;
  }

  async remoteWrite(
    body: Uint8Array<ArrayBuffer>,
    version: RemoteWriteVersion,
  ): Promise<RemoteWriteOutcome> {
    return await this.#pool.run(
      (thread) => thread.call("remoteWrite", [body, version], [body.buffer]),
      FOREVER,
    );
  }

  async measure(): Promise<void> {
    this.#metrics.set("hms_ops_ingest_waiting_bodies", this.#pool.waiting);
    const running = await this.#pool.running();
    this.#metrics.set("hms_ops_threads", running.length, { kind: "decoder" });
    await Promise.all(running.map((thread) => thread.measure()));
  }

  async stop(): Promise<void> {
    await this.#pool.stop();
  }
}

/** Nobody gives up waiting: the sender's own deadline ends it. */
const FOREVER = new Promise<never>(() => {});
