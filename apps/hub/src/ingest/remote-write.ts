import { SampleBatchBuilder } from "@hms-ops/model";
import { readRemoteWrite } from "@hms-ops/wire/remote-write";
import { uncompressSnappy } from "@hms-ops/wire/snappy";
import { MAX_WRITE_BODY_BYTES } from "../limits.ts";
import type { RemoteWriteOutcome } from "../ports.ts";
import { MetadataTable } from "./metadata-table.ts";
import type { IngestStore } from "./named-samples.ts";

const SOURCE = "remote-write";

/** Remote write 1.0: a request is stored whole or not at all. Runs where the store is written. */
export class RemoteWriteIngest {
  readonly #store: IngestStore;
  readonly #metadata: MetadataTable;

  constructor(store: IngestStore, metadata = new MetadataTable()) {
    this.#store = store;
    this.#metadata = metadata;
  }

  /** Takes the body as sent: one snappy block of a prometheus.WriteRequest. */
  async accept(body: Uint8Array): Promise<RemoteWriteOutcome> {
    const bytes = uncompressSnappy(body, MAX_WRITE_BODY_BYTES);
    const builder = new SampleBatchBuilder(SOURCE, 2_048);
    const report = readRemoteWrite(bytes, {
      builder,
      resolver: this.#store.resolver(SOURCE),
      onMetadata: (family, metadata) => this.#metadata.set(family, metadata),
    });
    const ack = await this.#store.append(builder.build({ allOrNothing: true }));
    return { ack, skippedSeries: report.skippedSeries };
  }
}
