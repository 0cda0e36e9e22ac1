import { type BucketBatch, formatLabels, matcher, UNLIMITED_BUDGET } from "@hms-ops/model";
import { ALL_TIME } from "@hms-ops/model/testing";
import type { Tsdb } from "@hms-ops/stores/tsdb";
import { type Answer, answerOf } from "./ledger.ts";

const WIDTHS_MS = [300_000, 3_600_000];
const HOUR_MS = 3_600_000;
const METRICS = ["a", "b", "sent"];

/**
 * Asks the same in other ways, through the parts of index and blocks that a plain read leaves out;
 * what differs from the answer, in words.
 */
export async function contradiction(store: Tsdb, answer: Answer): Promise<string | undefined> {
  const request = { matcherSets: [], range: ALL_TIME, budget: UNLIMITED_BUDGET };
  for (const name of await store.labelNames(request)) {
    const values = await store.labelValues(name, request);
    if (name !== "__name__") continue;
    const unknown = values.find((value) => !METRICS.includes(value));
    if (unknown !== undefined) return `a metric is called ${unknown}`;
  }
  for (const metric of METRICS) {
    const found = await answerOf(store, ALL_TIME, [matcher("__name__", "=", metric)]);
    for (const [series, rows] of answer) {
      if (!series.startsWith(`${metric}{`)) continue;
      for (const [timeMs, text] of rows) {
        if (found.get(series)?.get(timeMs) === text) continue;
        // A block may turn out damaged only now.
        if (((await store.stats()).damaged?.length ?? 0) > 0) continue;
        return `${series} at ${timeMs}: ${metric}{} does not answer ${text}`;
      }
    }
  }
  for (const widthMs of WIDTHS_MS) {
    const wrong = await wrongBucket(store, widthMs);
    if (wrong) return wrong;
  }
  return undefined;
}

/** Compares buckets, where the store keeps some, with the samples of the same snapshot. */
async function wrongBucket(store: Tsdb, alignMs: number): Promise<string | undefined> {
  const stretch = { startMs: 1_690_000_000_000, endMs: 1_710_000_000_000 };
  const startMs = Math.floor(stretch.startMs / HOUR_MS) * HOUR_MS;
  const endMs = Math.ceil(stretch.endMs / HOUR_MS) * HOUR_MS;
  for (const metric of METRICS) {
    for (let i = 0; i < 16; i++) {
      const matchers = [matcher("__name__", "=", metric), matcher("i", "=", String(i))];
      const range = { fromMs: startMs + 1, toMs: endMs };
      const snapshot = await store.snapshot({ matchers, range, budget: UNLIMITED_BUDGET });
      try {
        const read = snapshot.buckets?.({ startMs, endMs, alignMs });
        if (!read) continue;
        const samples = await answerOf(store, range, matchers);
        for await (const batch of read.read()) {
          const labels = formatLabels(snapshot.series[batch.first] ?? []);
          const wrong = difference(batch, read.widthMs, samples.get(labels) ?? new Map());
          if (wrong) return `${labels}, buckets of ${read.widthMs} ms: ${wrong}`;
        }
      } finally {
        snapshot.close();
      }
    }
  }
  return undefined;
}

/** Of a batch of one series. */
function difference(
  batch: BucketBatch,
  widthMs: number,
  samples: ReadonlyMap<number, string>,
): string | undefined {
  if (!batch.isWhole || batch.count !== 1) return undefined;
  const values = new Map<number, number[]>();
  for (const [timeMs, text] of samples) {
    if (text === "stale") continue;
    const endMs = Math.ceil(timeMs / widthMs) * widthMs;
    const there = values.get(endMs);
    if (there) there.push(Number(text));
    else values.set(endMs, [Number(text)]);
  }
  const count = batch.offsets[1] ?? 0;
  if (count !== values.size) return `${count} instead of ${values.size}`;
  for (let k = 0; k < count; k++) {
    const endMs = batch.endsMs[k] ?? Number.NaN;
    const wrong = wrongSums(batch, k, values.get(endMs) ?? []);
    if (wrong) return `at ${endMs}: ${wrong}`;
  }
  return undefined;
}

function wrongSums(batch: BucketBatch, k: number, values: readonly number[]): string | undefined {
  const counted = values.filter((value) => !Number.isNaN(value));
  const expected = {
    counts: values.length,
    minimums: counted.length > 0 ? Math.min(...counted) : Number.NaN,
    maximums: counted.length > 0 ? Math.max(...counted) : Number.NaN,
  };
  for (const [name, wanted] of Object.entries(expected)) {
    const found = batch[name as keyof typeof expected][k] ?? Number.NaN;
    if (found !== wanted && !(Number.isNaN(found) && Number.isNaN(wanted))) {
      return `${name} ${found} instead of ${wanted}`;
    }
  }
  const wanted = values.reduce((sum, value) => sum + value, 0);
  const sum = batch.sums[k] ?? Number.NaN;
  if (!Number.isFinite(wanted)) {
    return Object.is(sum, wanted) ? undefined : `sum ${sum} instead of ${wanted}`;
  }
  const found = sum + (batch.lows[k] ?? 0);
  const allowed = (batch.errors[k] ?? 0) + 1e-9 * Math.max(1, Math.abs(wanted));
  return Math.abs(found - wanted) <= allowed ? undefined : `sum ${found} instead of ${wanted}`;
}
