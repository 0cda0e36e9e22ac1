import { type Clock, OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import { MAX_WAITING_QUERIES } from "../limits.ts";
import type { ReaderCalls } from "./calls.ts";
import type { Thread } from "./thread.ts";

export type ReaderThread = Thread<ReaderCalls>;

export interface ReaderPoolOptions {
  readonly threads: number;
  /** Calls that one thread works on at a time; they take turns while one waits for a pin. */
  readonly callsPerThread: number;
  /** A thread that nobody asked for so long is ended, its memory given back; absent = never. */
  readonly idleMs?: number;
  readonly clock: Clock;
  readonly start: (index: number, onLoss: () => void) => Promise<ReaderThread>;
}

interface Slot {
  thread: Promise<ReaderThread> | undefined;
  busy: number;
  forgetIdle: () => void;
}

interface Waiting {
  readonly take: (slot: Slot) => void;
  readonly refuse: (error: unknown) => void;
}

/** Reader threads, started at first use, and the queue before them. */
export class ReaderPool {
  readonly #options: ReaderPoolOptions;
  readonly #slots: Slot[];
  readonly #waiting = new Set<Waiting>();

  constructor(options: ReaderPoolOptions) {
    this.#options = options;
    const { threads } = options;
    this.#slots = Array.from({ length: threads }, () => ({
      thread: undefined,
      busy: 0,
      forgetIdle: () => {},
    }));
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Threads that run now. */
  async running(): Promise<readonly ReaderThread[]> {
    const started = this.#slots.flatMap(({ thread }) => thread ?? []);
    const settled = await Promise.allSettled(started);
    return settled.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  }

  /**
   * Works with a thread as soon as one is free. `stopped` rejects when the caller must no longer
   * wait; the thread stays taken until the work itself has ended.
   */
  async run<T>(work: (thread: ReaderThread) => Promise<T>, stopped: Promise<never>): Promise<T> {
    const slot = await this.#take(stopped);
    const done = this.#workIn(slot, work).finally(() => this.#release(slot));
    return await Promise.race([done, stopped]);
  }

  /** Ends all threads at once; the next use starts new ones. */
  async stop(): Promise<void> {
    const threads = await this.running();
    for (const slot of this.#slots) {
      slot.forgetIdle();
      slot.thread = undefined;
    }
    await Promise.all(threads.map((thread) => thread.stop()));
  }

  async #workIn<T>(slot: Slot, work: (thread: ReaderThread) => Promise<T>): Promise<T> {
    const thread = slot.thread ?? this.#startIn(slot);
    return await work(await thread);
  }

  #startIn(slot: Slot): Promise<ReaderThread> {
    const forget = () => {
      if (slot.thread === starting) slot.thread = undefined;
    };
    const starting = this.#options.start(this.#slots.indexOf(slot) + 1, forget);
    starting.catch(forget);
    slot.thread = starting;
    return starting;
  }

  async #take(stopped: Promise<never>): Promise<Slot> {
    const free = this.#freeSlot();
    if (free) {
      free.forgetIdle();
      free.busy++;
      return free;
    }
    if (this.#waiting.size >= MAX_WAITING_QUERIES) {
      throw new OpsError(HUB_ERRORS.tooManyQueries, { waiting: this.#waiting.size });
    }
    return await new Promise((resolve, reject) => {
      const waiting: Waiting = { take: resolve, refuse: reject };
      this.#waiting.add(waiting);
      stopped.catch((error: unknown) => {
        if (this.#waiting.delete(waiting)) waiting.refuse(error);
      });
    });
  }

  /** The least busy thread; one that runs before one that would have to start. */
  #freeSlot(): Slot | undefined {
    const free = this.#slots.filter(({ busy }) => busy < this.#options.callsPerThread);
    const idle = free.filter(({ busy }) => busy === 0);
    return (
      idle.find(({ thread }) => thread !== undefined) ??
      idle[0] ??
      [...free].sort((a, b) => a.busy - b.busy)[0]
    );
  }

  #release(slot: Slot): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      slot.busy--;
      if (slot.busy === 0) this.#endWhenIdle(slot);
      return;
    }
    this.#waiting.delete(next);
    next.take(slot);
  }

  #endWhenIdle(slot: Slot): void {
    const { idleMs, clock } = this.#options;
    if (idleMs === undefined) return;
    slot.forgetIdle = clock.after(idleMs, () => {
      const { thread } = slot;
      slot.thread = undefined;
      thread?.then((started) => started.stop()).catch(() => {});
    });
  }
}
