import type { TimeRange } from "@hms-ops/model";
import { ChangedMinutes } from "./generations.ts";
import type { StoredRows } from "./journal/records.ts";

/** Times of all that came in: the first, the last, and which were changed when. Writer only. */
export class SampleTimes {
  readonly changes = new ChangedMinutes();
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = Number.NEGATIVE_INFINITY;
  #droppedBlocks = 0;

  /** −Infinity before anything came. */
  get toMs(): number {
    return this.#toMs;
  }

  /** Undefined before anything came. */
  get range(): TimeRange | undefined {
    return this.#toMs < this.#fromMs ? undefined : { fromMs: this.#fromMs, toMs: this.#toMs };
  }

  /** Between the last publication and the one that makes the rows seen. */
  note({ count, timesMs, histograms }: StoredRows): void {
    for (let i = 0; i < count; i++) this.#noteTime(timesMs[i]!);
    for (const { timeMs } of histograms) this.#noteTime(timeMs);
    this.changes.note(timesMs, count);
    if (histograms.length > 0) {
      this.changes.note(
        histograms.map(({ timeMs }) => timeMs),
        histograms.length,
      );
    }
  }

  /** What is older was dropped, and so many blocks since the store was opened. */
  forgetBefore(timeMs: number, droppedBlocks: number): void {
    this.#fromMs = Math.min(this.#toMs, Math.max(this.#fromMs, timeMs));
    this.changes.forgetBefore(timeMs);
    if (droppedBlocks !== this.#droppedBlocks) this.changes.noteAll();
    this.#droppedBlocks = droppedBlocks;
  }

  #noteTime(timeMs: number): void {
    if (timeMs < this.#fromMs) this.#fromMs = timeMs;
    if (timeMs > this.#toMs) this.#toMs = timeMs;
  }
}
