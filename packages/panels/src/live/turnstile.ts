/** Lets so many in at a time; the rest wait in the order of coming, or leave when they are aborted. */
export class Turnstile {
  readonly #places: number;
  #inside = 0;
  #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#places = places;
  }

  /** Rejects with the signal's reason when it is aborted outside or while waiting. */
  async pass<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    if (this.#inside >= this.#places) await this.#turn(signal);
    this.#inside++;
    try {
      return await work();
    } finally {
      this.#inside--;
      this.#waiting.shift()?.();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.#waiting = this.#waiting.filter((other) => other !== enter);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(enter);
    });
  }
}
