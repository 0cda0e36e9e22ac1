import { Worker } from "node:worker_threads";
import type {
  AppendAck,
  Labels,
  MetadataRequest,
  MetricStore,
  MetricStoreStats,
  SampleBatch,
  SeriesResolver,
  Snapshot,
  SnapshotRequest,
} from "@hms-ops/model";
import { openWriter, type TsdbWriter } from "../index.ts";
import { testOptions } from "./folder.test.tools.ts";
import type { CopiedBatch, FromThread, ThreadCall, ToThread } from "./reader.test.thread.ts";

/** A writer here, a reader in a thread of its own. */
export async function openThreadedStore(folder: string): Promise<MetricStore> {
  const writer = await openWriter(testOptions(folder));
  return new ThreadedStore(writer, new ReaderThread(writer));
}

class ReaderThread {
  readonly #worker: Worker;
  readonly #readerId: number;
  readonly #writer: TsdbWriter;
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: unknown) => void }
  >();
  #lastId = 0;

  constructor(writer: TsdbWriter) {
    const handles = writer.shared();
    this.#writer = writer;
    this.#readerId = handles.readerId;
    const entry = new URL("./reader.test.thread.ts", import.meta.url);
    this.#worker = new Worker(entry, { workerData: handles });
    this.#worker.on("message", (message: FromThread) => this.#take(message));
    this.#worker.on("error", (error) => {
      for (const { reject } of this.#waiting.values()) reject(error);
    });
  }

  ask(call: ThreadCall): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(++this.#lastId, { resolve, reject });
      this.#send({ kind: "call", id: this.#lastId, call });
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
    this.#writer.dropReader(this.#readerId);
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #take(message: FromThread): void {
    switch (message.kind) {
      case "pin":
        this.#send({ kind: "pinned", id: message.id, reply: this.#writer.pin(message.request) });
        return;
      case "unpin":
        this.#writer.unpin(message.pinId);
        return;
      case "answer":
        this.#waiting.get(message.id)?.resolve(message.value);
        this.#waiting.delete(message.id);
        return;
      case "failure": {
        const { code, status } = message;
        this.#waiting
          .get(message.id)
          ?.reject(Object.assign(new Error(message.message), { code, status }));
        this.#waiting.delete(message.id);
      }
    }
  }
}

/** A request without its budget, which does not cross. */
function plain<Request extends { readonly budget: unknown }>(request: Request) {
  const { budget: _, ...rest } = request;
  return rest;
}

class ThreadedStore implements MetricStore {
  readonly #writer: TsdbWriter;
  readonly #thread: ReaderThread;

  constructor(writer: TsdbWriter, thread: ReaderThread) {
    this.#writer = writer;
    this.#thread = thread;
  }

  resolver(source: string): SeriesResolver {
    return this.#writer.resolver(source);
  }

  append(batch: SampleBatch, signal?: AbortSignal): Promise<AppendAck> {
    return this.#writer.append(batch, signal);
  }

  async snapshot(request: SnapshotRequest): Promise<Snapshot> {
    const thread = this.#thread;
    const opened = await thread.ask({ call: "snapshot", request: plain(request) });
    const { snapshot, series } = opened as { snapshot: number; series: readonly Labels[] };
    return {
      series,
      async *read(range) {
        const copied = await thread.ask({ call: "read", snapshot, range });
        const { batches, spent } = copied as { batches: CopiedBatch[]; spent: [number, number][] };
        for (const [samples, bytes] of spent) request.budget.spend(samples, bytes);
        yield* batches;
      },
      close: () => {
        thread.ask({ call: "close", snapshot }).catch(() => {});
      },
    };
  }

  async labelNames(request: MetadataRequest): Promise<readonly string[]> {
    const names = await this.#thread.ask({ call: "labelNames", request: plain(request) });
    return names as readonly string[];
  }

  async labelValues(name: string, request: MetadataRequest): Promise<readonly string[]> {
    const call = { call: "labelValues", name, request: plain(request) } as const;
    return (await this.#thread.ask(call)) as readonly string[];
  }

  async series(request: MetadataRequest): Promise<readonly Labels[]> {
    const series = await this.#thread.ask({ call: "series", request: plain(request) });
    return series as readonly Labels[];
  }

  async stats(): Promise<MetricStoreStats> {
    return this.#writer.stats();
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#thread.end();
  }
}
