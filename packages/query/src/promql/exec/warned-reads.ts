import type { MetricStore, Snapshot, SnapshotRequest } from "@hms-ops/model";
import type { Annotations } from "./annotations.ts";

/** A query's reads, one after another; what the store says that one may lack becomes a warning. */
export class WarnedReads implements Pick<MetricStore, "snapshot"> {
  readonly #store: Pick<MetricStore, "snapshot">;
  readonly #annotations: Annotations;
  #last: Snapshot | undefined;

  constructor(store: Pick<MetricStore, "snapshot">, annotations: Annotations) {
    this.#store = store;
    this.#annotations = annotations;
  }

  async snapshot(request: SnapshotRequest): Promise<Snapshot> {
    this.settle();
    this.#last = await this.#store.snapshot(request);
    return this.#last;
  }

  /** After the last read: only then all is known that one may lack. */
  settle(): void {
    this.#annotations.warnOfStore(this.#last?.warnings);
    this.#last = undefined;
  }
}
