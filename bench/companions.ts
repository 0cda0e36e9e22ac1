import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Clock,
  labelsOf,
  type QueryAnswer,
  SampleBatchBuilder,
  seededRandom,
  UNKNOWN_SERIES,
  UNLIMITED_BUDGET,
} from "@hms-ops/model";
import { prepareQuery, runQuery } from "@hms-ops/query";
import { openTsdb, type Tsdb } from "@hms-ops/stores/tsdb";
import type { Figure } from "./figure.ts";
import { InstanceValues, SERIES_PER_INSTANCE } from "./tsdb/values.ts";

const FIRST_DAY = 19_600;
const DAYS = 30;
const DAY_MS = 86_400_000;
const STEP_MS = 15_000;
const RUNS = 5;

/** All days are over. */
const clock: Clock = {
  now: () => (FIRST_DAY + DAYS + 1) * DAY_MS,
  monotonicMs: () => performance.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Thirty days of what a fleet sends: averages of days, with companions and without, in turn; the
 * answers are compared.
 */
export async function measureCompanions(words: readonly string[] = []): Promise<readonly Figure[]> {
  const seriesCount = Number(words[0] ?? 1_000);
  const instances = Array.from(
    { length: Math.ceil(seriesCount / SERIES_PER_INSTANCE) },
    (_, i) => new InstanceValues(seededRandom(i)),
  );
  const folder = mkdtempSync(join(tmpdir(), "hms-ops-bench-"));
  const store = await openTsdb({ folder, clock, random: seededRandom(7) });
  const figures: Figure[] = [];
  try {
    for (let day = FIRST_DAY; day < FIRST_DAY + DAYS; day++) {
      for (const [i, values] of instances.entries()) await appendDay(store, day, i, values);
      await store.maintain({ flush: true });
    }
    const before = await bytes(store);
    await store.writer.requestCompaction();
    const startMs = performance.now();
    await store.maintain();
    const seconds = (performance.now() - startMs) / 1_000;
    const samples = instances.length * SERIES_PER_INSTANCE * DAYS * (DAY_MS / STEP_MS);
    const added = ((await bytes(store)) - before) / samples;
    figures.push(
      { what: "companions, bytes a sample", value: rounded(added), unit: "B", bar: 0.1 },
      { what: "blocks without them, bytes a sample", value: rounded(before / samples), unit: "B" },
      { what: "making them", value: rounded(samples / seconds / 1e6), unit: "M samples/s" },
    );
    for (const [stepHours, count] of [
      [24, DAYS],
      [1, (DAYS - 1) * 24],
    ] as const) {
      figures.push(...(await compare(store, stepHours * 3_600_000, count)));
    }
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}

/** A day of one instance; its hundred series go on where they were. */
async function appendDay(
  store: Tsdb,
  day: number,
  instance: number,
  values: InstanceValues,
): Promise<void> {
  const resolver = store.resolver("bench");
  const builder = new SampleBatchBuilder("bench", SERIES_PER_INSTANCE * (DAY_MS / STEP_MS));
  const ids = Array.from({ length: SERIES_PER_INSTANCE }, (_, i) => {
    const labels = labelsOf({ __name__: "x", instance: `10.0.0.${instance}:9100`, i: String(i) });
    const rawKey = new TextEncoder().encode(JSON.stringify(labels));
    const found = resolver.find(rawKey, 0, rawKey.length);
    return found === UNKNOWN_SERIES ? builder.declare({ labels, rawKey }) : found;
  });
  for (let step = 0; step < DAY_MS / STEP_MS; step++) {
    values.step();
    const timeMs = day * DAY_MS + instance * 997 + step * STEP_MS;
    for (const [i, id] of ids.entries()) builder.add(id, timeMs, values.values[i] ?? 0);
  }
  await store.append(builder.build());
}

async function bytes(store: Tsdb): Promise<number> {
  const { block_bytes: sizeBytes = 0 } = (await store.stats()).details;
  return sizeBytes;
}

async function compare(store: Tsdb, stepMs: number, count: number): Promise<readonly Figure[]> {
  const took = { kept: [] as number[], plain: [] as number[] };
  let samples = { kept: 0, plain: 0 };
  for (let run = 0; run < RUNS; run++) {
    const kept = await ask(store, stepMs, count, took.kept);
    const plain = await ask(store, stepMs, count, took.plain, "off");
    samples = { kept: kept.stats.samplesRead, plain: plain.stats.samplesRead };
    const off = difference(kept, plain);
    if (!(off <= 1e-12)) throw new Error(`the answers differ by ${off}`);
  }
  const what = `avg_over_time(x[1d]), ${count} steps of ${stepMs / 3_600_000} h`;
  return [
    { what: `${what}, median`, value: rounded(median(took.kept)), unit: "ms" },
    { what: `${what}, without companions`, value: rounded(median(took.plain)), unit: "ms" },
    { what: `${what}, read`, value: samples.kept, unit: `of ${samples.plain} samples` },
  ];
}

async function ask(
  store: Tsdb,
  stepMs: number,
  count: number,
  took: number[],
  companions?: "off",
): Promise<QueryAnswer> {
  const { query } = prepareQuery("avg_over_time(x[1d])");
  if (!query) throw new Error("the query cannot be read");
  const startMs = performance.now();
  const answer = await runQuery(query, store, {
    grid: { startMs: (FIRST_DAY + 1) * DAY_MS, stepMs, count },
    instant: false,
    lookbackMs: 300_000,
    budget: UNLIMITED_BUDGET,
    defaultStepMs: 60_000,
    ...(companions && { companions }),
  });
  took.push(performance.now() - startMs);
  return answer;
}

/** The largest relative one; infinite where points are missing. */
function difference({ value: a }: QueryAnswer, { value: b }: QueryAnswer): number {
  if (a.kind !== "matrix" || b.kind !== "matrix") return Number.POSITIVE_INFINITY;
  let largest = a.series.length === b.series.length ? 0 : Number.POSITIVE_INFINITY;
  for (const [i, { values }] of a.series.entries()) {
    const others = b.series[i]?.values ?? new Float64Array(0);
    if (others.length !== values.length) return Number.POSITIVE_INFINITY;
    for (const [k, value] of values.entries()) {
      const other = others[k] ?? Number.NaN;
      if (value !== other) largest = Math.max(largest, Math.abs(value / other - 1));
    }
  }
  return largest;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
