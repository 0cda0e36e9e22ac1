import type { MetricStore, Snapshot, SnapshotRequest } from "@hms-ops/model";
import type { Annotations } from "./annotations.ts";

/** A query's reads; what the store says that one may lack becomes a warning. */
export class WarnedReads implements Pick<MetricStore, "snapshot"> {
  readonly #store: Pick<MetricStore, "snapshot">;
  readonly #annotations: Annotations;
  #read: Snapshot[] = [];

  constructor(store: Pick<MetricStore, "snapshot">, annotations: Annotations) {
    this.#store = store;
    this.#annotations = annotations;
  }

  async snapshot(request: SnapshotRequest): Promise<Snapshot> {
    const snapshot = await this.#store.snapshot(request);
    this.#read.push(snapshot);
    return snapshot;
  }

  /** After the last read: only then all is known that one may lack. */
  settle(): void {
    for (const { warnings } of this.#read) this.#annotations.warnOfStore(warnings);
    this.#read = [];
  }
}
