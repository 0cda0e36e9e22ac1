import type { TimestampMs } from "@hms-ops/model";

/** One moment that all charts of a page point at. */
export class Crosshair {
  readonly #listeners = new Set<() => void>();
  #timeMs: TimestampMs | undefined;

  /** Undefined = nobody points. */
  get timeMs(): TimestampMs | undefined {
    return this.#timeMs;
  }

  set(timeMs: TimestampMs | undefined): void {
    if (timeMs === this.#timeMs) return;
    this.#timeMs = timeMs;
    for (const listener of [...this.#listeners]) listener();
  }

  /** The returned function ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
