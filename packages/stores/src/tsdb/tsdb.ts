import type {
  AppendAck,
  Labels,
  MetadataRequest,
  MetricStoreStats,
  SampleBatch,
  SeriesResolver,
  Snapshot,
  SnapshotRequest,
  SourceId,
} from "@hms-ops/model";
import type { PinLink, Tsdb, TsdbOptions, TsdbReader, TsdbWriter } from "./ports.ts";
import { openReader } from "./read/reader.ts";
import { openWriter } from "./writer.ts";

/** Writer and reader in this thread. */
export async function openTsdb(options: TsdbOptions): Promise<Tsdb> {
  const writer = await openWriter(options);
  return new JoinedStore(writer, openReader(writer.shared(), directLink(writer)));
}

/** For a reader in the writer's own thread. */
export function directLink(writer: TsdbWriter): PinLink {
  return {
    pin: async (request) => writer.pin(request),
    unpin: (pinId) => writer.unpin(pinId),
  };
}

/** A `MetricStore` of a writer and a reader, wherever they run. */
class JoinedStore implements Tsdb {
  readonly writer: TsdbWriter;
  readonly #reader: TsdbReader;

  constructor(writer: TsdbWriter, reader: TsdbReader) {
    this.writer = writer;
    this.#reader = reader;
  }

  resolver(source: SourceId): SeriesResolver {
    return this.writer.resolver(source);
  }

  append(batch: SampleBatch, signal?: AbortSignal): Promise<AppendAck> {
    return this.writer.append(batch, signal);
  }

  snapshot(request: SnapshotRequest): Promise<Snapshot> {
    return this.#reader.snapshot(request);
  }

  labelNames(request: MetadataRequest): Promise<readonly string[]> {
    return this.#reader.labelNames(request);
  }

  labelValues(name: string, request: MetadataRequest): Promise<readonly string[]> {
    return this.#reader.labelValues(name, request);
  }

  series(request: MetadataRequest): Promise<readonly Labels[]> {
    return this.#reader.series(request);
  }

  async stats(): Promise<MetricStoreStats> {
    return this.writer.stats();
  }

  close(): Promise<void> {
    return this.writer.close();
  }
}
