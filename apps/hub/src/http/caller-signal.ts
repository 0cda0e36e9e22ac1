import type { StopSignal } from "../ports.ts";

/** Tells that a request's caller has gone; every request has one, so it is less than an AbortSignal. */
export class CallerSignal implements StopSignal {
  #aborted = false;
  #stops: Set<() => void> | undefined;

  get aborted(): boolean {
    return this.#aborted;
  }

  addEventListener(_: "abort", stop: () => void): void {
    this.#stops ??= new Set();
    this.#stops.add(stop);
  }

  removeEventListener(_: "abort", stop: () => void): void {
    this.#stops?.delete(stop);
  }

  /** Calls each of those who listen, once. */
  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    for (const stop of this.#stops ?? []) stop();
    this.#stops = undefined;
  }
}
