import type { Clock, OpsError } from "@hms-ops/model";
import type { Calls } from "./calls.ts";
import type { Thread } from "./thread.ts";

export interface ThreadPoolOptions<C extends Calls> {
  readonly threads: number;
  /** Calls that one thread works on at a time; they take turns while one waits for a pin. */
  readonly callsPerThread: number;
  /**
   * Calls are so short that one which waits for its turn is done before a new thread has started:
   * that starts meanwhile.
   */
  readonly areCallsShort?: boolean;
  /** A thread that nobody asked for so long is ended, its memory given back; absent = never. */
  readonly idleMs?: number;
  /** Calls that may wait for a thread, and what one more is told. */
  readonly waitingMax: number;
  readonly refusal: (waiting: number) => OpsError;
  readonly clock: Clock;
  readonly start: (index: number, onLoss: () => void) => Promise<Thread<C>>;
}

interface Slot<C extends Calls> {
  thread: Promise<Thread<C>> | undefined;
  /** The same thread once it has started. */
  ready: Thread<C> | undefined;
  busy: number;
  forgetIdle: () => void;
}

interface Waiting<C extends Calls> {
  readonly take: (slot: Slot<C>) => void;
  readonly refuse: (error: unknown) => void;
}

/** Threads of one kind, started at first use, and the queue before them. */
export class ThreadPool<C extends Calls> {
  readonly #options: ThreadPoolOptions<C>;
  readonly #slots: Slot<C>[];
  readonly #waiting = new Set<Waiting<C>>();

  constructor(options: ThreadPoolOptions<C>) {
    this.#options = options;
    const { threads } = options;
    this.#slots = Array.from({ length: threads }, () => ({
      thread: undefined,
      ready: undefined,
      busy: 0,
      forgetIdle: () => {},
    }));
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether a call need not wait until a thread has started. */
  get isReady(): boolean {
    return this.#slots.some(({ ready }) => ready !== undefined);
  }

  /** Threads that run now. */
  async running(): Promise<readonly Thread<C>[]> {
    const started = this.#slots.flatMap(({ thread }) => thread ?? []);
    const settled = await Promise.allSettled(started);
    return settled.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  }

  /**
   * Works with a thread as soon as one is free. `stopped` rejects when the caller must no longer
   * wait; the thread stays taken until the work itself has ended.
   */
  async run<T>(work: (thread: Thread<C>) => Promise<T>, stopped: Promise<never>): Promise<T> {
    const slot = this.#takeFree() ?? (await this.#waitForOne(stopped));
    return await Promise.race([this.#workIn(slot, work), stopped]);
  }

  /** Starts those that don't run; all live on until they were idle for their time. */
  startAll(): void {
    for (const slot of this.#slots) {
      if (slot.busy === 0) this.#startAhead(slot);
    }
  }

  /** Starts one, where none runs. */
  startFirst(): void {
    const [first] = this.#slots;
    if (first && this.#slots.every(({ thread }) => thread === undefined)) this.#startAhead(first);
  }

  /** Ends all threads at once; the next use starts new ones. */
  async stop(): Promise<void> {
    const threads = await this.running();
    for (const slot of this.#slots) {
      slot.forgetIdle();
      leave(slot);
    }
    await Promise.all(threads.map((thread) => thread.stop()));
  }

  async #workIn<T>(slot: Slot<C>, work: (thread: Thread<C>) => Promise<T>): Promise<T> {
    try {
      return await work(slot.ready ?? (await (slot.thread ?? this.#startIn(slot))));
    } finally {
      this.#release(slot);
    }
  }

  #startIn(slot: Slot<C>): Promise<Thread<C>> {
    const forget = () => {
      if (slot.thread === starting) leave(slot);
    };
    const starting = this.#options.start(this.#slots.indexOf(slot) + 1, forget);
    starting.then((thread) => {
      if (slot.thread === starting) slot.ready = thread;
    }, forget);
    slot.thread = starting;
    return starting;
  }

  #startAhead(slot: Slot<C>): void {
    if (slot.thread === undefined) void this.#startIn(slot);
    slot.forgetIdle();
    this.#endWhenIdle(slot);
  }

  #takeFree(): Slot<C> | undefined {
    const free = this.#freeSlot();
    if (free === undefined) return undefined;
    free.forgetIdle();
    free.busy++;
    return free;
  }

  async #waitForOne(stopped: Promise<never>): Promise<Slot<C>> {
    const { waitingMax, refusal } = this.#options;
    if (this.#waiting.size >= waitingMax) throw refusal(this.#waiting.size);
    return await new Promise((resolve, reject) => {
      const waiting: Waiting<C> = { take: resolve, refuse: reject };
      this.#waiting.add(waiting);
      stopped.catch((error: unknown) => {
        if (this.#waiting.delete(waiting)) waiting.refuse(error);
      });
    });
  }

  /** The least busy thread; one that runs before one that would have to start. */
  #freeSlot(): Slot<C> | undefined {
    const atHand = this.#slots.find(({ busy, ready }) => busy === 0 && ready !== undefined);
    if (atHand) return atHand;
    const free = this.#slots.filter(({ busy }) => busy < this.#options.callsPerThread);
    const idle = free.filter(({ busy }) => busy === 0);
    const running = idle.find(({ thread }) => thread !== undefined);
    const ready = this.#options.areCallsShort ? free.filter((slot) => slot.ready) : [];
    if (ready.length === 0) return running ?? idle[0] ?? leastBusy(free);
    if (running === undefined && idle[0]) this.#startAhead(idle[0]);
    return leastBusy(ready);
  }

  #release(slot: Slot<C>): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      slot.busy--;
      if (slot.busy === 0) this.#endWhenIdle(slot);
      return;
    }
    this.#waiting.delete(next);
    next.take(slot);
  }

  #endWhenIdle(slot: Slot<C>): void {
    const { idleMs, clock } = this.#options;
    if (idleMs === undefined) return;
    slot.forgetIdle = clock.after(idleMs, () => {
      const { thread } = slot;
      leave(slot);
      thread?.then((started) => started.stop()).catch(() => {});
    });
  }
}

/** What its thread does from now on is nothing to it. */
function leave<C extends Calls>(slot: Slot<C>): void {
  slot.thread = undefined;
  slot.ready = undefined;
}

function leastBusy<C extends Calls>(slots: readonly Slot<C>[]): Slot<C> | undefined {
  return [...slots].sort((a, b) => a.busy - b.busy)[0];
}
