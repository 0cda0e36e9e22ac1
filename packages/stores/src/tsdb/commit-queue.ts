import { type AppendAck, OpsError, type SampleBatch } from "@hms-ops/model";
import { STORE_ERRORS } from "../errors.ts";

export interface Waiting {
  readonly batch: SampleBatch;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (ack: AppendAck) => void;
  readonly reject: (error: unknown) => void;
}

export interface Applied {
  readonly waiting: Waiting;
  readonly ack: AppendAck;
  /** Acknowledged before, under the same batch id. */
  readonly isRepeat: boolean;
}

export interface CommitQueueOptions {
  readonly queuedRowsMax: number;
  readonly groupRowsMax: number;
  /** Settles each of the group; never rejects. */
  readonly commit: (group: readonly Waiting[]) => Promise<void>;
}

/** Batches that wait for the disk, committed in groups, and errands that run between two groups. */
export class CommitQueue {
  readonly #options: CommitQueueOptions;
  #waiting: Waiting[] = [];
  #rows = 0;
  #errands: (() => Promise<void>)[] = [];
  #work: Promise<void> | undefined;
  /** Batches refused because too many rows were waiting. */
  refusals = 0;
  /** Groups that left batches to the next one. */
  cutGroups = 0;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Rejects at once with OPS-1304 if too much waits already ([KEEP5]). */
  append(batch: SampleBatch, signal: AbortSignal | undefined): Promise<AppendAck> {
    if (this.#rows > 0 && this.#rows + batch.count > this.#options.queuedRowsMax) {
      this.refusals++;
      return Promise.reject(new OpsError(STORE_ERRORS.overloaded, { rows: this.#rows }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, signal, resolve, reject });
      this.#rows += batch.count;
      this.#work ??= this.#drain();
    });
  }

  betweenGroups(errand: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#errands.push(() => errand().then(resolve, reject));
      this.#work ??= this.#drain();
    });
  }

  /** Settles when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#work;
  }

  async #drain(): Promise<void> {
    // Batches that arrive in the same turn share a group.
    await Promise.resolve();
    while (this.#waiting.length > 0 || this.#errands.length > 0) {
      for (const errand of this.#errands.splice(0)) await errand();
      if (this.#waiting.length > 0) await this.#options.commit(this.#takeGroup());
    }
    this.#work = undefined;
  }

  #takeGroup(): readonly Waiting[] {
    let rows = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || rows < this.#options.groupRowsMax)) {
      rows += this.#waiting[count++]!.batch.count;
    }
    const group = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#rows -= rows;
    if (this.#waiting.length > 0) this.cutGroups++;
    return group;
  }
}
