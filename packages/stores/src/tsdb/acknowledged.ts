import type { AppendAck } from "@hms-ops/model";

/** What the senders of the latest batches with an id were told ([WAL6]). The oldest go first. */
export class AcknowledgedBatches {
  readonly #max: number;
  readonly #acks = new Map<string, AppendAck>();

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
      return;
    }
  }

  forget(batchId: string | undefined): void {
    if (batchId !== undefined) this.#acks.delete(batchId);
  }
}
