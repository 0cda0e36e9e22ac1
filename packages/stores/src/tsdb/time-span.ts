import type { TimeRange } from "@hms-ops/model";
import type { StoredRows } from "./journal/records.ts";

/** First and last time of all that came in. */
export class TimeSpan {
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.NEGATIVE_INFINITY;

  /** −Infinity before anything came. */
  get toMs(): number {
    return this.#toMs;
  }

  /** Undefined before anything came. */
  get range(): TimeRange | undefined {
    return this.#toMs < this.#fromMs ? undefined : { fromMs: this.#fromMs, toMs: this.#toMs };
  }

  note({ count, timesMs, histograms }: StoredRows): void {
    for (let i = 0; i < count; i++) this.#noteTime(timesMs[i]!);
    for (const { timeMs } of histograms) this.#noteTime(timeMs);
  }

  /** What is older was dropped. */
  forgetBefore(timeMs: number): void {
    this.#fromMs = Math.min(this.#toMs, Math.max(this.#fromMs, timeMs));
  }

  #noteTime(timeMs: number): void {
    if (timeMs < this.#fromMs) this.#fromMs = timeMs;
    if (timeMs > this.#toMs) this.#toMs = timeMs;
  }
}
