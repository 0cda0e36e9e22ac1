import { type Clock, OpsError } from "@hms-ops/model";
import { type LiveError, type LiveSource, type LiveState, LOADING } from "./live-state.ts";
import type { Turnstile } from "./turnstile.ts";

export interface LiveQueryOptions<Data> {
  /** As `LiveSource` has it. */
  readonly subject: string;
  readonly clock: Clock;
  readonly turnstile: Turnstile;
  /** `whole`: nothing of an earlier answer may be re-used. */
  ask(signal: AbortSignal, whole: boolean): Promise<Data>;
  isEmpty(data: Data): boolean;
  /** Undefined = asked once. */
  readonly refreshMs: number | undefined;
  /**
   * Where the hub tells by itself: nothing is asked while it does. The function ends it; undefined:
   * it does not tell.
   */
  readonly follow?: ((teller: Teller<Data>) => (() => void) | undefined) | undefined;
}

/** What the hub tells of a question that it answers by itself. */
export interface Teller<Data> {
  take(data: Data): void;
  fail(error: unknown): void;
  /** Until `take` is called again the question must be asked. */
  lost(): void;
}

/**
 * One question that is asked again and again while somebody watches. Never two at a time: the
 * interval counts from the answer. When nobody watches any more the question on its way is
 * cancelled; the last picture stays for whoever comes back.
 */
export class LiveQuery<Data> implements LiveSource<Data> {
  readonly #options: LiveQueryOptions<Data>;
  readonly #listeners = new Set<() => void>();
  #state: LiveState<Data> = LOADING;
  #awake: boolean;
  #asking: AbortController | undefined;
  #answeredMs: number | undefined;
  #forgetTimer: (() => void) | undefined;
  #forgetRelease: (() => void) | undefined;
  #unfollow: (() => void) | undefined;
  /** The hub tells, as far as is known. */
  #isTold = false;

  constructor(options: LiveQueryOptions<Data>, awake: boolean) {
    this.#options = options;
    this.#awake = awake;
  }

  get subject(): string {
    return this.#options.subject;
  }

  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  state(): LiveState<Data> {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#forgetRelease?.();
    this.#forgetRelease = undefined;
    if (this.#listeners.size === 1) this.#continue();
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      // A frame library leaves and comes back within one turn; only a real leave cancels.
      this.#forgetRelease = this.#options.clock.after(0, () => this.#rest());
    };
  }

  refresh(): void {
    if (this.watched) this.#ask(true);
  }

  /** Asleep (tab hidden, page paused) nothing new is asked. */
  setAwake(awake: boolean): void {
    if (this.#awake === awake) return;
    this.#awake = awake;
    if (!awake) this.#sleep();
    else if (this.watched) this.#continue();
  }

  /** Ends everything, watched or not. */
  close(): void {
    this.#listeners.clear();
    this.#forgetRelease?.();
    this.#rest();
  }

  #rest(): void {
    this.#sleep();
    this.#asking?.abort();
    this.#asking = undefined;
    if (this.#state.fetching) this.#state = { ...this.#state, fetching: false };
  }

  #sleep(): void {
    this.#stopTimer();
    this.#unfollow?.();
    this.#unfollow = undefined;
    this.#isTold = false;
  }

  #stopTimer(): void {
    this.#forgetTimer?.();
    this.#forgetTimer = undefined;
  }

  /** Asks what is due, or waits for the rest of the interval. */
  #continue(): void {
    this.#follow();
    if (this.#asking || this.#forgetTimer || this.#isTold) return;
    const { clock, refreshMs } = this.#options;
    // The first answer is wanted whatever the state of the page.
    if (this.#answeredMs === undefined) {
      this.#ask(false);
      return;
    }
    if (!this.#awake || refreshMs === undefined) return;
    const restMs = Math.max(0, this.#answeredMs + refreshMs - clock.now());
    this.#forgetTimer = clock.after(restMs, () => {
      this.#forgetTimer = undefined;
      this.#ask(false);
    });
  }

  #follow(): void {
    const { follow, refreshMs } = this.#options;
    if (!follow || this.#unfollow || !this.#awake || refreshMs === undefined) return;
    // Not twice, whatever becomes of it.
    this.#unfollow = () => {};
    this.#isTold = true;
    const end = follow({
      take: (data) => this.#told(this.#success(data)),
      fail: (error) => this.#told(this.#failure(error)),
      lost: () => {
        this.#isTold = false;
        if (this.watched) this.#continue();
      },
    });
    if (end) this.#unfollow = end;
    else this.#isTold = false;
    if (this.#isTold) this.#set({ ...this.#state, fetching: this.#state.data === undefined });
  }

  #told(state: LiveState<Data>): void {
    this.#isTold = true;
    this.#stopTimer();
    this.#asking?.abort();
    this.#asking = undefined;
    this.#answeredMs = this.#options.clock.now();
    this.#set(state);
  }

  #ask(whole: boolean): void {
    this.#stopTimer();
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.#set({ ...this.#state, fetching: true });
    const { ask, turnstile } = this.#options;
    turnstile
      .pass(() => ask(asking.signal, whole), asking.signal)
      .then(
        (data) => this.#answered(asking, this.#success(data)),
        (error: unknown) => this.#answered(asking, this.#failure(error)),
      );
  }

  #answered(asking: AbortController, state: LiveState<Data>): void {
    if (asking !== this.#asking) return;
    this.#asking = undefined;
    this.#answeredMs = this.#options.clock.now();
    this.#set(state);
    if (this.watched) this.#continue();
  }

  #success(data: Data): LiveState<Data> {
    return {
      status: this.#options.isEmpty(data) ? "empty" : "ready",
      data,
      error: undefined,
      lastSuccessMs: this.#options.clock.now(),
      fetching: false,
    };
  }

  #failure(error: unknown): LiveState<Data> {
    return { ...this.#state, status: "error", error: liveError(error), fetching: false };
  }

  #set(state: LiveState<Data>): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

function liveError(error: unknown): LiveError {
  if (error instanceof OpsError) {
    return { code: error.code, message: error.message, mend: error.mend };
  }
  return { code: "", message: error instanceof Error ? error.message : String(error), mend: "" };
}
