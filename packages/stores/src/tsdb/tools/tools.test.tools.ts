import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  labelsKey,
  labelsOf,
  matcher,
  type NativeHistogram,
  SampleBatchBuilder,
  seededRandom,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { FakeClock } from "@hms-ops/model/testing";
import { openTsdb } from "../index.ts";

export const CONTEXT = { clock: new FakeClock(), random: seededRandom(7) };
export const EVER = { fromMs: -8e15, toMs: 8e15 };
export const START_MS = 1_790_000_000_000;

const folders: string[] = [];

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-tools-"));
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

function histogram(count: number): NativeHistogram {
  return {
    isInteger: true,
    resetHint: "unknown",
    schema: 2,
    zeroThreshold: 0.001,
    zeroCount: 1,
    count,
    sum: count * 1.5,
    positive: { spans: [{ offset: -3, length: 2 }], counts: Float64Array.of(count - 1, 0) },
    negative: { spans: [], counts: new Float64Array(0) },
    customBounds: new Float64Array(0),
  };
}

/** Ten gauges, a counter, a constant with a staleness marker and NaN, a histogram, odd labels. */
export function sampleBatch(fromMs = START_MS, count = 300) {
  const builder = new SampleBatchBuilder("test");
  const random = seededRandom(5);
  for (let host = 0; host < 10; host++) {
    const labels = labelsOf({ __name__: "load", host: `host-${host}`, job: host < 5 ? "a" : "b" });
    const id = builder.declare({ labels });
    for (let i = 0; i < count; i++) builder.add(id, fromMs + i * 15_000, random.next() * 8);
  }
  const total = builder.declare({
    labels: labelsOf({ __name__: "requests_total", path: '/a"\\b' }),
  });
  for (let i = 0; i < count; i++) builder.add(total, fromMs + i * 15_000, i * 3);
  const odd = builder.declare({ labels: labelsOf({ __name__: "odd.näme", "la bel": "x\ny" }) });
  builder.add(odd, fromMs, Number.NaN);
  builder.add(odd, fromMs + 1, Number.NEGATIVE_INFINITY);
  builder.add(odd, fromMs + 2, -0);
  builder.add(odd, fromMs + 3, 1e-9);
  builder.addStale(odd, fromMs + 4);
  const native = builder.declare({ labels: labelsOf({ __name__: "latency" }) });
  for (let i = 1; i <= 5; i++) {
    builder.addHistogram({ id: native, timeMs: fromMs + i * 15_000, histogram: histogram(i * 10) });
  }
  return builder.build();
}

/** A store whose samples lie in a block, and (unless told otherwise) some more in its WAL. */
export async function makeStore(folder: string, { wal = true } = {}): Promise<void> {
  const store = await openTsdb({ ...CONTEXT, folder, ...OPTIONS });
  await store.append(sampleBatch());
  await store.maintain({ flush: true });
  if (wal) await store.append(sampleBatch(START_MS + 86_400_000, 20));
  await store.close();
}

const OPTIONS = {
  retentionMs: Number.POSITIVE_INFINITY,
  limits: { aheadMs: Number.POSITIVE_INFINITY },
};

/** Everything in a store, as text: series to samples. */
export async function contents(folder: string): Promise<Record<string, readonly unknown[]>> {
  const store = await openTsdb({ ...CONTEXT, folder, ...OPTIONS });
  const snapshot = await store.snapshot({
    matchers: [matcher("__name__", "!=", "nothing")],
    range: EVER,
    budget: UNLIMITED_BUDGET,
  });
  const found: Record<string, readonly unknown[]> = {};
  for await (const batch of snapshot.read(EVER)) {
    for (let k = 0; k < batch.count; k++) {
      const rows: unknown[] = [];
      for (let row = batch.offsets[k]!; row < batch.offsets[k + 1]!; row++) {
        const isHistogram = batch.histograms?.isHistogram[row] === 1;
        const value = isHistogram ? batch.histograms?.at(row) : batch.values[row];
        rows.push([batch.timesMs[row], batch.stale[row] === 1 ? "stale" : value]);
      }
      found[labelsKey(snapshot.series[batch.first + k] ?? [])] = rows;
    }
  }
  snapshot.close();
  await store.close();
  return found;
}

export function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] ?? 0) ^ 0x40;
  writeFileSync(file, bytes);
}

export async function* chunksOf(text: string, size = 1_000): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}
