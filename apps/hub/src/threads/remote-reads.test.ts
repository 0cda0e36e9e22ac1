import {
  formatLabels,
  labelsOf,
  type MetricStore,
  OpsError,
  SampleBatchBuilder,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { openMemoryStore } from "@hms-ops/stores/memory";
import {
  type ReadQuery,
  type ReadResponseKind,
  readFrames,
  readSampledResponse,
  writeReadRequest,
} from "@hms-ops/wire/remote-read";
import { compressSnappy, uncompressSnappy } from "@hms-ops/wire/snappy";
import { expect, test } from "vitest";
import { RemoteReads } from "./remote-reads.ts";

const RANGE = { fromMs: 0, toMs: 1_000_000 };

/** One snapshot of long series, which a naive store would be slow to take. */
function longStore(seriesCount: number, samples: number, onOpen = (_: number) => {}) {
  const series = Array.from({ length: seriesCount }, (_, i) => ["__name__", "m", "i", `${i}`]);
  const timesMs = Float64Array.from({ length: samples }, (_, i) => i * 10);
  const values = Float64Array.from({ length: samples }, (_, i) => Math.sqrt(i));
  const stale = new Uint8Array(samples);
  const store: Pick<MetricStore, "snapshot"> = {
    snapshot: async () => {
      onOpen(1);
      return {
        series,
        async *read() {
          for (let first = 0; first < seriesCount; first++) {
            yield { first, count: 1, offsets: Uint32Array.of(0, samples), timesMs, values, stale };
          }
        },
        close: () => onOpen(-1),
      };
    },
  };
  return store;
}

async function storeOf(series: Readonly<Record<string, number>>): Promise<MetricStore> {
  const store = openMemoryStore();
  const builder = new SampleBatchBuilder("test");
  for (const [i, samples] of Object.entries(series)) {
    const id = builder.declare({ labels: labelsOf({ __name__: "m", i }) });
    for (let at = 1; at <= samples; at++) builder.add(id, at * 10, at);
  }
  await store.append(builder.build());
  return store;
}

function requestOf(accepted: readonly ReadResponseKind[], ...queries: ReadQuery[]) {
  return compressSnappy(writeReadRequest({ queries, accepted }));
}

/** All pieces of an answer as one, and how many there were. */
async function answerOf(store: Pick<MetricStore, "snapshot">, body: Uint8Array) {
  const reads = new RemoteReads();
  const { id, kind } = reads.open(store, body, UNLIMITED_BUDGET);
  const pieces: Uint8Array[] = [];
  for (;;) {
    const piece = await reads.next(id);
    if (piece === undefined) break;
    pieces.push(piece);
  }
  await reads.close(id);
  return { kind, bytes: new Uint8Array(Buffer.concat(pieces)), pieces: pieces.length };
}

const ALL: ReadQuery = { range: RANGE, matchers: [] };

test("series are sorted, those without samples in the range left out, in both forms", async () => {
  const store = await storeOf({ 9: 3, 10: 3, 2: 1, 1: 3 });
  const query = { range: { fromMs: 20, toMs: 25 }, matchers: [] };
  const names = ['m{i="1"}', 'm{i="10"}', 'm{i="9"}'];
  const streamed = await answerOf(store, requestOf(["chunks"], query));
  expect(streamed.kind).toBe("chunks");
  const frames = readFrames(streamed.bytes);
  expect(frames.map(({ labels }) => formatLabels(labels))).toEqual(names);
  expect(frames.map(({ chunks }) => [chunks[0]?.minTimeMs, chunks[0]?.maxTimeMs])).toEqual(
    names.map(() => [20, 20]),
  );
  const sampled = await answerOf(store, requestOf([], query));
  expect(sampled.kind).toBe("samples");
  const [series] = readSampledResponse(uncompressSnappy(sampled.bytes, 1_000_000));
  expect(series?.map(({ labels }) => formatLabels(labels))).toEqual(names);
  expect(series?.map(({ rows }) => rows)).toEqual(names.map(() => [[20, 2]]));
});

test("queries are answered in order, with matchers of every kind", async () => {
  const store = await storeOf({ 1: 1, 2: 1, 3: 1 });
  const of = (operator: "=" | "!=" | "=~" | "!~", value: string): ReadQuery => ({
    range: RANGE,
    matchers: [{ name: "i", operator, value }],
  });
  const queries = [of("=", "2"), of("!=", "2"), of("=~", "1|3"), of("!~", "[12]")];
  const sampled = await answerOf(store, requestOf([], ...queries));
  const found = readSampledResponse(uncompressSnappy(sampled.bytes, 1_000_000));
  const numbers = found.map((series) => series.map(({ labels }) => labels.at(-1)).join());
  expect(numbers).toEqual(["2", "1,3", "1,3", "3"]);
  const streamed = readFrames((await answerOf(store, requestOf(["chunks"], ...queries))).bytes);
  const byQuery = queries.map((_, i) =>
    streamed.flatMap(({ query, labels }) => (query === i ? labels.at(-1) : [])).join(),
  );
  expect(byQuery).toEqual(numbers);
});

test("a large answer comes in pieces, each read when it is asked for", async () => {
  const store = longStore(8, 100_000);
  const { pieces, bytes } = await answerOf(store, requestOf(["chunks"], ALL));
  expect(pieces).toBeGreaterThan(1);
  const samples = readFrames(bytes).flatMap(({ chunks }) =>
    chunks.map(({ data }) => ((data[0] ?? 0) << 8) | (data[1] ?? 0)),
  );
  expect(samples.reduce((sum, count) => sum + count, 0)).toBe(800_000);
});

test("what a read holds is let go, also when nobody wants the rest", async () => {
  let open = 0;
  const watched = longStore(8, 100_000, (by) => {
    open += by;
  });
  const reads = new RemoteReads();
  const { id } = reads.open(watched, requestOf(["chunks"], ALL), UNLIMITED_BUDGET);
  expect((await reads.next(id))?.length).toBeGreaterThan(0);
  expect(open).toBe(1);
  await reads.close(id);
  expect(open).toBe(0);
  await expect(reads.next(id)).rejects.toThrow(OpsError);
});

test("a budget ends a read in the middle", async () => {
  const store = await storeOf({ 1: 500 });
  let left = 200;
  const spend = (samples: number) => {
    left -= samples;
    if (left < 0) throw new Error("enough");
  };
  const reads = new RemoteReads();
  const { id } = reads.open(store, requestOf(["chunks"], ALL), { spend });
  await expect(reads.next(id)).rejects.toThrow("enough");
  await reads.close(id);
});

test("bodies that are no request, bombs and bad patterns are refused before anything is sent", async () => {
  const store = await storeOf({ 1: 1 });
  const reads = new RemoteReads();
  const open = (body: Uint8Array) => reads.open(store, body, UNLIMITED_BUDGET);
  expect(() => open(Uint8Array.of(1, 2, 3))).toThrow(OpsError);
  expect(() => open(compressSnappy(Uint8Array.of(0x0a, 0x05, 0x08)))).toThrow("cut short");
  expect(() => open(compressSnappy(new Uint8Array(8 * 1024 * 1024)))).toThrow("allowed");
  const bad = { range: RANGE, matchers: [{ name: "i", operator: "=~", value: "(" } as const] };
  const { id } = open(requestOf([], bad));
  await expect(reads.next(id)).rejects.toMatchObject({ status: 400 });
});
