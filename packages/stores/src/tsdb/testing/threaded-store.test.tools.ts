import { once } from "node:events";
import { Worker } from "node:worker_threads";
import {
  type AppendAck,
  bug,
  type DeleteRequest,
  type HistogramRows,
  type Labels,
  type MetadataRequest,
  type MetricStore,
  type MetricStoreStats,
  type NativeHistogram,
  type SampleBatch,
  type SeriesExemplars,
  type SeriesResolver,
  type Snapshot,
  type SnapshotRequest,
} from "@hms-ops/model";
import { openMaintainer, openWriter, runDueJobs, type TsdbWriter } from "../index.ts";
import { testOptions } from "./open-store.test.tools.ts";
import type { CopiedBatch, FromThread, ThreadCall, ToThread } from "./reader.test.thread.ts";

type Waiting = { resolve: (value: unknown) => void; reject: (error: unknown) => void };

/** A thread that reads the stores whose writers run here. */
export class ReaderThread {
  readonly #worker: Worker;
  readonly #writers = new Map<number, TsdbWriter>();
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor() {
    this.#worker = new Worker(new URL("./reader.test.thread.ts", import.meta.url));
    this.#worker.on("message", (message: FromThread) => this.#take(message));
    this.#worker.on("error", (error) => {
      for (const { reject } of this.#waiting.values()) reject(error);
    });
  }

  /** A store whose writer is in this thread and whose reader is in the other. */
  async openStore(folder: string): Promise<MetricStore> {
    const writer = await openWriter(testOptions(folder));
    const handles = writer.shared();
    const store = this.#writers.size;
    this.#writers.set(store, writer);
    const maintainer = openMaintainer(handles, folder);
    writer.onJobDue = () => void runDueJobs(writer, maintainer);
    this.#send({ kind: "open", store, handles });
    return new ThreadedStore(writer, (call) => this.#ask(store, call));
  }

  async end(): Promise<void> {
    const ended = once(this.#worker, "exit");
    this.#send({ kind: "end" });
    await ended;
  }

  #ask(store: number, call: ThreadCall): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(++this.#lastId, { resolve, reject });
      this.#send({ kind: "call", store, id: this.#lastId, call });
    });
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #take(message: FromThread): void {
    switch (message.kind) {
      case "pin": {
        const reply = this.#writers.get(message.store)?.pin(message.request);
        if (reply) this.#send({ kind: "pinned", id: message.id, reply });
        return;
      }
      case "unpin":
        this.#writers.get(message.store)?.unpin(message.pinId);
        return;
      case "answer":
        this.#waiting.get(message.id)?.resolve(message.value);
        this.#waiting.delete(message.id);
        return;
      case "failure": {
        const { id, code, status } = message;
        const error = Object.assign(new Error(message.message), { code, status });
        this.#waiting.get(id)?.reject(error);
        this.#waiting.delete(id);
      }
    }
  }
}

/** A request without its budget, which does not cross. */
function plain<Request extends { readonly budget: unknown }>(request: Request) {
  const { budget: _, ...rest } = request;
  return rest;
}

function rowsOf(histograms: readonly (NativeHistogram | undefined)[]): HistogramRows {
  return {
    isHistogram: Uint8Array.from(histograms, (histogram) => (histogram ? 1 : 0)),
    at: (row) => histograms[row] ?? bug(`row ${row} is no histogram`),
  };
}

class ThreadedStore implements MetricStore {
  readonly #writer: TsdbWriter;
  readonly #ask: (call: ThreadCall) => Promise<unknown>;

  constructor(writer: TsdbWriter, ask: (call: ThreadCall) => Promise<unknown>) {
    this.#writer = writer;
    this.#ask = ask;
  }

  resolver(source: string): SeriesResolver {
    return this.#writer.resolver(source);
  }

  append(batch: SampleBatch, signal?: AbortSignal): Promise<AppendAck> {
    return this.#writer.append(batch, signal);
  }

  async snapshot(request: SnapshotRequest): Promise<Snapshot> {
    const ask = this.#ask;
    const opened = await ask({ call: "snapshot", request: plain(request) });
    const { snapshot, series } = opened as { snapshot: number; series: readonly Labels[] };
    return {
      series,
      async *read(range, order) {
        const copied = await ask({ call: "read", snapshot, range, order });
        const { batches, spent } = copied as { batches: CopiedBatch[]; spent: [number, number][] };
        for (const [samples, bytes] of spent) request.budget.spend(samples, bytes);
        for (const { histograms, ...batch } of batches) {
          yield histograms ? { ...batch, histograms: rowsOf(histograms) } : batch;
        }
      },
      close: () => {
        ask({ call: "close", snapshot }).catch(() => {});
      },
    };
  }

  async labelNames(request: MetadataRequest): Promise<readonly string[]> {
    const names = await this.#ask({ call: "labelNames", request: plain(request) });
    return names as readonly string[];
  }

  async labelValues(name: string, request: MetadataRequest): Promise<readonly string[]> {
    const call = { call: "labelValues", name, request: plain(request) } as const;
    return (await this.#ask(call)) as readonly string[];
  }

  async series(request: MetadataRequest): Promise<readonly Labels[]> {
    const series = await this.#ask({ call: "series", request: plain(request) });
    return series as readonly Labels[];
  }

  delete(request: DeleteRequest): Promise<void> {
    return this.#writer.delete(request);
  }

  exemplars(request: MetadataRequest): Promise<readonly SeriesExemplars[]> {
    return this.#writer.exemplars(request);
  }

  async stats(): Promise<MetricStoreStats> {
    return this.#writer.stats();
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }
}
