import {
  compareLabels,
  type Labels,
  type MetricStore,
  OpsError,
  type QueryBudget,
  type SeriesBatch,
} from "@hms-ops/model";
import {
  ChunkedReadWriter,
  type ReadQuery,
  type ReadResponseKind,
  readReadRequest,
  SampledReadWriter,
} from "@hms-ops/wire/remote-read";
import { compressSnappy, uncompressSnappy } from "@hms-ops/wire/snappy";
import { HUB_ERRORS } from "../errors.ts";
import { MAX_FORM_BODY_BYTES, READ_PIECE_BYTES } from "../limits.ts";

type Pieces = AsyncGenerator<Uint8Array<ArrayBuffer>, void>;
type ReadableStore = Pick<MetricStore, "snapshot">;

export interface OpenedRead {
  readonly id: number;
  readonly kind: ReadResponseKind;
}

/** Remote reads under way in a reader thread: each goes on when its next piece is asked for. */
export class RemoteReads {
  readonly #pieces = new Map<number, Pieces>();
  #lastId = 0;

  /** Throws an OpsError for a body that is no request. */
  open(store: ReadableStore, body: Uint8Array, budget: QueryBudget): OpenedRead {
    const request = readReadRequest(uncompressSnappy(body, MAX_FORM_BODY_BYTES));
    const { queries, kind } = request;
    const pieces =
      kind === "chunks"
        ? streamedPieces(store, queries, budget)
        : sampledPieces(store, queries, budget);
    const id = ++this.#lastId;
    this.#pieces.set(id, pieces);
    return { id, kind };
  }

  /** Undefined after the last one. */
  async next(id: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const pieces = this.#pieces.get(id);
    if (!pieces) throw new OpsError(HUB_ERRORS.queryCanceled);
    const { value, done } = await pieces.next();
    return done ? undefined : value;
  }

  /** Lets go of what a read holds; to be called for each. */
  async close(id: number): Promise<void> {
    const pieces = this.#pieces.get(id);
    this.#pieces.delete(id);
    await pieces?.return();
  }
}

/** Frames of chunks, as they are read: nothing but a piece is held. */
async function* streamedPieces(
  store: ReadableStore,
  queries: readonly ReadQuery[],
  budget: QueryBudget,
): Pieces {
  const writer = new ChunkedReadWriter();
  for (const [index, query] of queries.entries()) {
    for await (const { labels, batch, from, to } of sortedSeries(store, query, budget)) {
      writer.add(index, labels, batch, from, to);
      if (writer.sizeBytes >= READ_PIECE_BYTES) yield writer.take();
    }
  }
  if (writer.sizeBytes > 0) yield writer.take();
}

/** One snappy block: it begins with its length, so it is made whole and sent in pieces. */
async function* sampledPieces(
  store: ReadableStore,
  queries: readonly ReadQuery[],
  budget: QueryBudget,
): Pieces {
  const writer = new SampledReadWriter();
  for (const query of queries) {
    writer.startQuery();
    for await (const { labels, batch, from, to } of sortedSeries(store, query, budget)) {
      writer.add(labels, batch, from, to);
    }
  }
  const block = compressSnappy(writer.finish());
  for (let at = 0; at < block.length; at += READ_PIECE_BYTES) {
    yield block.slice(at, at + READ_PIECE_BYTES);
  }
}

interface SeriesRows {
  readonly labels: Labels;
  /** Its arrays are valid until the next series is asked for. */
  readonly batch: SeriesBatch;
  readonly from: number;
  readonly to: number;
}

/** The series with samples in the range, sorted by label set. */
async function* sortedSeries(
  store: ReadableStore,
  { matchers, range }: ReadQuery,
  budget: QueryBudget,
): AsyncGenerator<SeriesRows> {
  const snapshot = await store.snapshot({ matchers, range, budget });
  try {
    const { series } = snapshot;
    const order = Uint32Array.from(series.keys()).sort((a, b) =>
      compareLabels(series[a] ?? [], series[b] ?? []),
    );
    for await (const batch of snapshot.read(range, order)) {
      for (let k = 0; k < batch.count; k++) {
        const from = batch.offsets[k] ?? 0;
        const to = batch.offsets[k + 1] ?? 0;
        const labels = series[order[batch.first + k] ?? 0] ?? [];
        if (to > from) yield { labels, batch, from, to };
      }
    }
  } finally {
    snapshot.close();
  }
}
