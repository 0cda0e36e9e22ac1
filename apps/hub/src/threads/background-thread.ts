import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { Clock } from "@hms-ops/model";
import type { Log } from "../ports.ts";
import type { BackgroundCalls } from "./calls.ts";
import type { Thread } from "./thread.ts";

/** A flush comes every other hour, and what it leaves in its thread goes with it for certain. */
const IDLE_MS = 2_000;
const RETRY_MS = 10_000;

export interface BackgroundThreadOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly start: (onLoss: () => void) => Thread<BackgroundCalls>;
  /** Settles when the store has something to do; rejects when its thread is gone. */
  readonly jobDue: () => Promise<void>;
  /** Gives the writer one end of a port. */
  readonly attach: (link: MessagePort) => Promise<void>;
  readonly storeFolder: () => string;
}

/** Starts the background thread when the store has work for it, and ends it when it is idle. */
export class BackgroundThread {
  readonly #options: BackgroundThreadOptions;
  #thread: Thread<BackgroundCalls> | undefined;
  #cancelIdle: (() => void) | undefined;
  #stopped = false;

  constructor(options: BackgroundThreadOptions) {
    this.#options = options;
  }

  /** Once the store is open; again when its writer was replaced. Settles when that one is gone. */
  async serve(): Promise<void> {
    await this.#end();
    while (!this.#stopped) {
      const isWriterGone = await this.#options.jobDue().then(
        () => false,
        () => true,
      );
      if (isWriterGone) return;
      await this.#work();
    }
  }

  async measure(): Promise<void> {
    await this.#thread?.measure();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#end();
  }

  async #work(): Promise<void> {
    const { clock, log } = this.#options;
    try {
      this.#cancelIdle?.();
      await (await this.#joined()).call("work", []);
      this.#cancelIdle = clock.after(IDLE_MS, () => void this.#end());
    } catch (error) {
      if (this.#stopped) return;
      log.error("the background thread failed", { error });
      await this.#end();
      await new Promise<void>((resolve) => void clock.after(RETRY_MS, resolve));
    }
  }

  async #joined(): Promise<Thread<BackgroundCalls>> {
    if (this.#thread) return this.#thread;
    const thread = this.#options.start(() => {
      this.#thread = undefined;
    });
    this.#thread = thread;
    const { port1, port2 } = new MessageChannel();
    await this.#options.attach(port1);
    await thread.call("join", [port2, this.#options.storeFolder()], [port2]);
    return thread;
  }

  async #end(): Promise<void> {
    this.#cancelIdle?.();
    this.#cancelIdle = undefined;
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.stop();
  }
}
