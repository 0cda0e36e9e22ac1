import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Clock,
  labelsOf,
  SampleBatchBuilder,
  seededRandom,
  UNKNOWN_SERIES,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { openTsdb, type Tsdb } from "@hms-ops/stores/tsdb";
import type { Figure } from "./figure.ts";

const SERIES = 10_000;
const STEPS = 100;
const BATCH_ROWS = 2_000;
const IN_FLIGHT = 4;
const START_MS = 1_700_000_000_000;
const STEP_MS = 15_000;

const clock: Clock = {
  now: () => START_MS + STEPS * STEP_MS,
  monotonicMs: () => performance.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

const labels = Array.from({ length: SERIES }, (_, i) =>
  labelsOf({
    __name__: `http_requests_${i % 50}_total`,
    instance: `10.0.${i >> 8}.${i & 255}:9100`,
    job: "bench",
    zone: `zone-${i % 7}`,
  }),
);
const rawKeys = labels.map((set) => new TextEncoder().encode(JSON.stringify(set)));

function open(folder: string): Promise<Tsdb> {
  return openTsdb({ folder, clock, random: seededRandom(7) });
}

async function append(store: Tsdb): Promise<void> {
  const resolver = store.resolver("bench");
  const random = seededRandom(1);
  const inFlight: Promise<unknown>[] = [];
  for (let step = 0; step < STEPS; step++) {
    for (let from = 0; from < SERIES; from += BATCH_ROWS) {
      const builder = new SampleBatchBuilder("bench", BATCH_ROWS);
      for (let i = from; i < from + BATCH_ROWS; i++) {
        const rawKey = rawKeys[i] ?? new Uint8Array(0);
        const found = resolver.find(rawKey, 0, rawKey.length);
        const id =
          found === UNKNOWN_SERIES ? builder.declare({ labels: labels[i] ?? [], rawKey }) : found;
        const value = i % 2 ? step * 17 + (i % 5) : random.below(10_000) / 100;
        builder.add(id, START_MS + step * STEP_MS, value);
      }
      inFlight.push(store.append(builder.build()));
      if (inFlight.length === IN_FLIGHT) await inFlight.shift();
    }
  }
  await Promise.all(inFlight);
}

async function readAll(store: Tsdb): Promise<number> {
  const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
  const snapshot = await store.snapshot({ matchers: [], range, budget: UNLIMITED_BUDGET });
  let rows = 0;
  for await (const batch of snapshot.read(range)) rows += batch.offsets[batch.count] ?? 0;
  snapshot.close();
  return rows;
}

/** Wall and CPU time of one piece of work, as rates. */
async function timed(
  what: string,
  samples: number,
  work: () => Promise<unknown>,
): Promise<readonly Figure[]> {
  const startMs = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const wallMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  return [
    { what, value: rate(samples, wallMs), unit: "M samples/s" },
    {
      what: `${what}, a CPU-second`,
      value: rate(samples, (user + system) / 1_000),
      unit: "M samples",
    },
  ];
}

function rate(samples: number, tookMs: number): number {
  return Math.round((samples / tookMs) * 0.1) / 100;
}

function rssMb(): number {
  return Math.round(process.memoryUsage().rss / 1e6);
}

/**
 * Appends 10,000 series × 100 steps to a fresh store, in batches of 2,000 rows whose series are
 * known by their raw bytes, four in flight, each durable before it is acknowledged; then reads all
 * of it, and opens it again. One thread.
 */
export async function measureTsdb(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-bench-"));
  const samples = SERIES * STEPS;
  const beforeMb = rssMb();
  let store = await open(folder);
  const emptyMb = rssMb() - beforeMb;
  const appended = await timed("append, durable", samples, () => append(store));
  const { details } = await store.stats();
  const perSample = (name: string) => Math.round(((details[name] ?? 0) / samples) * 100) / 100;
  await readAll(store);
  const read = await timed("read all, second time", samples, () => readAll(store));
  await store.close();
  const opened = await timed("open again", samples, async () => {
    store = await open(folder);
  });
  const { sampleCount } = await store.stats();
  await store.close();
  rmSync(folder, { recursive: true });
  return [
    ...appended,
    { what: "commits", value: details.wal_commits_total ?? 0, unit: "fdatasyncs" },
    { what: "WAL", value: perSample("wal_bytes"), unit: "bytes a sample" },
    { what: "head", value: perSample("head_bytes"), unit: "bytes a sample" },
    ...read,
    ...opened,
    { what: "there after opening again", value: sampleCount, unit: "samples" },
    { what: "empty store, beside the process", value: emptyMb, unit: "MB RSS" },
  ];
}
