import {
  type AppendAck,
  type Rejection,
  type SampleBatch,
  SampleBatchBuilder,
} from "@hms-ops/model";
import {
  type RemoteWriteReport,
  readRemoteWrite,
  readRemoteWriteV2,
} from "@hms-ops/wire/remote-write";
import { SnappyRoom, uncompressSnappy } from "@hms-ops/wire/snappy";
import { MAX_WRITE_BODY_BYTES } from "../limits.ts";
import type { RemoteWriteOutcome, RemoteWriteVersion } from "../ports.ts";
import { METADATA_LOOKS_EVERY } from "./limits.ts";
import { MetadataTable } from "./metadata-table.ts";
import type { IngestStore } from "./named-samples.ts";

/** Both versions name a series by the same bytes: a sender that changes over is known at once. */
const SOURCE = "remote-write";
const NO_NUMBERS = new Float64Array(0);

/** Remote write: what is good of a request is stored, what is not is told. */
export class RemoteWriteIngest {
  readonly #store: IngestStore;
  readonly #metadata: MetadataTable;
  /** What is read is copied out of it before the next body comes. */
  readonly #room = new SnappyRoom();
  #requests = 0;

  constructor(store: IngestStore, metadata = new MetadataTable()) {
    this.#store = store;
    this.#metadata = metadata;
  }

  /** Takes the body as sent: one snappy block of the version's message. */
  async accept(body: Uint8Array, version: RemoteWriteVersion = "1.0"): Promise<RemoteWriteOutcome> {
    const bytes = uncompressSnappy(body, MAX_WRITE_BODY_BYTES, this.#room);
    const builder = new SampleBatchBuilder(SOURCE, 2_048);
    const read = version === "2.0" ? readRemoteWriteV2 : readRemoteWrite;
    const report = read(bytes, {
      builder,
      resolver: this.#store.resolver(SOURCE),
      onMetadata: (family, metadata) => this.#metadata.set(family, metadata),
      withKnownMetadata: this.#requests++ % METADATA_LOOKS_EVERY === 0,
    });
    return await this.#append(builder.build(), report);
  }

  async #append(batch: SampleBatch, report: RemoteWriteReport): Promise<RemoteWriteOutcome> {
    const { skippedSeries, problems } = report;
    if (batch.count === 0 || !batch.histograms?.length) {
      const ack = await this.#store.append(batch);
      return { ack, skippedSeries, problems, written: writtenOf(report, batch, ack) };
    }
    // Apart, since an acknowledgement does not tell what of it was a histogram.
    const [rows, histograms] = await Promise.all([
      this.#store.append({ ...batch, histograms: [] }),
      this.#store.append(withoutRows(batch)),
    ]);
    const written = {
      ...writtenOf(report, batch, rows),
      histograms: histograms.accepted + report.staleHistograms,
    };
    return { ack: joined(rows, histograms), skippedSeries, problems, written };
  }
}

/** Of one acknowledgement that is of rows or of histograms. */
function writtenOf(
  { staleHistograms }: RemoteWriteReport,
  { count }: SampleBatch,
  { accepted, acceptedExemplars = 0 }: AppendAck,
): RemoteWriteOutcome["written"] {
  const stale = Math.min(staleHistograms, accepted);
  return count === 0
    ? { samples: 0, histograms: accepted, exemplars: acceptedExemplars }
    : { samples: accepted - stale, histograms: stale, exemplars: acceptedExemplars };
}

function withoutRows(batch: SampleBatch): SampleBatch {
  return {
    ...batch,
    count: 0,
    ids: new Uint32Array(0),
    timesMs: NO_NUMBERS.slice(),
    values: NO_NUMBERS.slice(),
    stale: new Uint8Array(0),
    exemplars: [],
  };
}

function joined(rows: AppendAck, histograms: AppendAck): AppendAck {
  const byReason = new Map<string, Rejection>();
  for (const rejection of [...rows.rejections, ...histograms.rejections]) {
    const count = (byReason.get(rejection.reason)?.count ?? 0) + rejection.count;
    byReason.set(rejection.reason, { ...(byReason.get(rejection.reason) ?? rejection), count });
  }
  return {
    ...rows,
    accepted: rows.accepted + histograms.accepted,
    rejections: [...byReason.values()],
  };
}
