import type { AppendAck } from "@hms-ops/model";

/** What the senders of the latest batches with an id were told ([WAL6]). The oldest go first. */
export class AcknowledgedBatches {
  readonly #max: number;
  readonly #acks = new Map<string, AppendAck>();
  /** Forgotten to make room. */
  dropped = 0;

  constructor(max: number) {
    this.#max = max;
  }

  find(batchId: string | undefined): AppendAck | undefined {
    return batchId === undefined ? undefined : this.#acks.get(batchId);
  }

  remember(batchId: string, ack: AppendAck): void {
    this.#acks.set(batchId, ack);
    if (this.#acks.size <= this.#max) return;
    for (const oldest of this.#acks.keys()) {
      this.#acks.delete(oldest);
      this.dropped++;
      return;
    }
  }

  /** Oldest first. */
  *all(): Generator<{ readonly batchId: string; readonly accepted: number }> {
    for (const [batchId, { accepted }] of this.#acks) yield { batchId, accepted };
  }

  forget(batchId: string | undefined): void {
    if (batchId !== undefined) this.#acks.delete(batchId);
  }
}
