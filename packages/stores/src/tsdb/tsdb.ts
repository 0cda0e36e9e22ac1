import type {
  AppendAck,
  DeleteRequest,
  Labels,
  MetadataRequest,
  MetricStoreStats,
  SampleBatch,
  SeriesExemplars,
  SeriesResolver,
  Snapshot,
  SnapshotRequest,
  SourceId,
} from "@hms-ops/model";
import type {
  PinLink,
  Tsdb,
  TsdbMaintainer,
  TsdbOptions,
  TsdbReader,
  TsdbWriter,
} from "./ports.ts";
import { openReader } from "./read/reader.ts";
import { openMaintainer } from "./upkeep/maintainer.ts";
import { runDueJobs } from "./upkeep/run-jobs.ts";
import { openWriter } from "./writer.ts";

/** Writer and reader in this thread. */
export async function openTsdb(options: TsdbOptions): Promise<Tsdb> {
  const writer = await openWriter(options);
  const { disk } = options;
  const onDamage = (name: string, problem: string) => void writer.setAside(name, problem);
  const readerOptions = disk ? { disk, onDamage } : { onDamage };
  const reader = openReader(writer.shared(), directLink(writer), readerOptions);
  return new JoinedStore(writer, reader, openMaintainer(writer.shared(), options.folder, disk));
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
  readonly #maintainer: TsdbMaintainer;
  #maintenance: Promise<void> | undefined;
  #isJobDue = false;

  constructor(writer: TsdbWriter, reader: TsdbReader, maintainer: TsdbMaintainer) {
    this.writer = writer;
    this.#reader = reader;
    this.#maintainer = maintainer;
    writer.onJobDue = () => void this.#runJobs();
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

  delete(request: DeleteRequest): Promise<void> {
    return this.writer.delete(request);
  }

  exemplars(request: MetadataRequest): Promise<readonly SeriesExemplars[]> {
    return this.writer.exemplars(request);
  }

  async stats(): Promise<MetricStoreStats> {
    return this.writer.stats();
  }

  async maintain({ flush = false } = {}): Promise<void> {
    await this.#maintenance;
    if (flush) await this.writer.requestFlush();
    await this.#runJobs();
  }

  async close(): Promise<void> {
    await this.writer.close();
    await this.#maintenance;
    this.#reader.close();
  }

  #runJobs(): Promise<void> {
    this.#isJobDue = true;
    this.#maintenance ??= this.#drainJobs();
    return this.#maintenance;
  }

  /** A job that becomes due while the last one ends must not be missed: nobody would call again. */
  async #drainJobs(): Promise<void> {
    try {
      while (this.#isJobDue) {
        this.#isJobDue = false;
        await runDueJobs(this.writer, this.#maintainer);
      }
    } finally {
      this.#maintenance = undefined;
    }
  }
}
