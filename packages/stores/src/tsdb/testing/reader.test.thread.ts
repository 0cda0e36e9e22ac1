import { parentPort } from "node:worker_threads";
import {
  type Labels,
  type MetadataRequest,
  type NativeHistogram,
  OpsError,
  type Snapshot,
  type SnapshotRequest,
  type TimeRange,
} from "@hms-ops/model";
import {
  openReader,
  type PinReply,
  type PinRequest,
  type TsdbHandles,
  type TsdbReader,
} from "../index.ts";

/** What the thread that owns the writer asks of this one. */
export type ThreadCall =
  | { readonly call: "snapshot"; readonly request: Omit<SnapshotRequest, "budget"> }
  | {
      readonly call: "read";
      readonly snapshot: number;
      readonly range: TimeRange;
      readonly order: Uint32Array | undefined;
    }
  | { readonly call: "close"; readonly snapshot: number }
  | { readonly call: "labelNames" | "series"; readonly request: Omit<MetadataRequest, "budget"> }
  | {
      readonly call: "labelValues";
      readonly name: string;
      readonly request: Omit<MetadataRequest, "budget">;
    };

/** A batch as copied out of the reader's columns, and what it cost on the way. */
export interface CopiedBatch {
  readonly first: number;
  readonly count: number;
  readonly offsets: Uint32Array;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly stale: Uint8Array;
  /** By row; the rest of the array is undefined. */
  readonly histograms: readonly (NativeHistogram | undefined)[] | undefined;
}

/** One thread reads many stores, one after another: `store` says which. */
export type FromThread =
  | {
      readonly kind: "pin";
      readonly store: number;
      readonly id: number;
      readonly request: PinRequest;
    }
  | { readonly kind: "unpin"; readonly store: number; readonly pinId: number }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | {
      readonly kind: "failure";
      readonly id: number;
      readonly code: string;
      readonly status: number;
      readonly message: string;
    };

export type ToThread =
  | { readonly kind: "open"; readonly store: number; readonly handles: TsdbHandles }
  | { readonly kind: "pinned"; readonly id: number; readonly reply: PinReply }
  | {
      readonly kind: "call";
      readonly store: number;
      readonly id: number;
      readonly call: ThreadCall;
    }
  | { readonly kind: "end" };

const port = parentPort;
if (!port) throw new Error("runs as a worker only");
const send = (message: FromThread) => port.postMessage(message);

const pins = new Map<number, (reply: PinReply) => void>();
let lastPin = 0;
const readers = new Map<number, TsdbReader>();

function open(store: number, handles: TsdbHandles): void {
  const reader = openReader(handles, {
    pin: (request) =>
      new Promise((resolve) => {
        pins.set(++lastPin, resolve);
        send({ kind: "pin", store, id: lastPin, request });
      }),
    unpin: (pinId) => send({ kind: "unpin", store, pinId }),
  });
  readers.set(store, reader);
}

const snapshots = new Map<number, Snapshot>();
let lastSnapshot = 0;
let spent: [samples: number, bytes: number][] = [];
const budget = {
  spend: (samples: number, bytes: number) => {
    spent.push([samples, bytes]);
  },
};

async function answer(store: number, call: ThreadCall): Promise<unknown> {
  const reader = readers.get(store);
  if (!reader) throw new Error("no such store");
  switch (call.call) {
    case "snapshot": {
      const snapshot = await reader.snapshot({ ...call.request, budget });
      snapshots.set(++lastSnapshot, snapshot);
      return { snapshot: lastSnapshot, series: snapshot.series as readonly Labels[] };
    }
    case "read":
      return read(call.snapshot, call.range, call.order);
    case "close":
      snapshots.get(call.snapshot)?.close();
      return undefined;
    case "labelNames":
      return reader.labelNames({ ...call.request, budget });
    case "series":
      return reader.series({ ...call.request, budget });
    case "labelValues":
      return reader.labelValues(call.name, { ...call.request, budget });
  }
}

async function read(snapshot: number, range: TimeRange, order: Uint32Array | undefined) {
  const batches: CopiedBatch[] = [];
  spent = [];
  const found = snapshots.get(snapshot);
  if (!found) throw new Error("no such snapshot");
  for await (const batch of found.read(range, order)) {
    const { first, count, offsets, timesMs, values, stale, histograms } = batch;
    const rows = offsets[count] ?? 0;
    batches.push({
      first,
      count,
      offsets: offsets.slice(0, count + 1),
      timesMs: timesMs.slice(0, rows),
      values: values.slice(0, rows),
      stale: stale.slice(0, rows),
      histograms:
        histograms &&
        Array.from({ length: rows }, (_, row) =>
          histograms.isHistogram[row] ? histograms.at(row) : undefined,
        ),
    });
  }
  return { batches, spent };
}

port.on("message", (message: ToThread) => {
  if (message.kind === "end") {
    port.close();
    return;
  }
  if (message.kind === "open") {
    open(message.store, message.handles);
    return;
  }
  if (message.kind === "pinned") {
    pins.get(message.id)?.(message.reply);
    pins.delete(message.id);
    return;
  }
  const { store, id, call } = message;
  answer(store, call).then(
    (value) => send({ kind: "answer", id, value }),
    (error: unknown) => {
      const { code, status } = error instanceof OpsError ? error : { code: "", status: 0 };
      send({ kind: "failure", id, code, status, message: String(error) });
    },
  );
});
