import type {
  Labels,
  Matcher,
  MetricStore,
  NativeHistogram,
  QueryBudget,
  SeriesBatch,
  TimeRange,
} from "@hms-ops/model";
import { labelValue } from "@hms-ops/model";
import { compileRegex, isRegex } from "../../regex/index.ts";
import { slim } from "./histogram-memory.ts";
import { QueryMemory } from "./query-memory.ts";
import { type Histograms, histogramsPart, type VectorTable } from "./table.ts";

/** Samples of some series as columns: series i has rows offsets[i] … offsets[i + 1] − 1. */
export interface SeriesColumns {
  readonly series: readonly Labels[];
  readonly offsets: Uint32Array;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** 1 = staleness marker. */
  readonly stale: Uint8Array;
  /** By row; absent where all rows are floats. */
  readonly histograms?: Histograms;
}

const NO_ROWS: Columns = {
  timesMs: new Float64Array(0),
  values: new Float64Array(0),
  stale: new Uint8Array(0),
};

/** Copies what matches out of the store, which counts samples and their bytes by the budget. */
export async function readColumns(
  store: Pick<MetricStore, "snapshot">,
  matchers: readonly Matcher[],
  range: TimeRange,
  budget: QueryBudget,
): Promise<SeriesColumns> {
  const snapshot = await store.snapshot({ matchers, range, budget });
  try {
    const offsets = new Uint32Array(snapshot.series.length + 1);
    let columns = NO_ROWS;
    const histograms = new Map<number, NativeHistogram>();
    const memory = new QueryMemory(budget);
    let rows = 0;
    for await (const batch of snapshot.read(range)) {
      const first = batch.offsets[0]!;
      const added = batch.offsets[batch.count]! - first;
      if (rows + added > columns.timesMs.length) columns = grown(columns, rows + added);
      columns.timesMs.set(batch.timesMs.subarray(first, first + added), rows);
      columns.values.set(batch.values.subarray(first, first + added), rows);
      columns.stale.set(batch.stale.subarray(first, first + added), rows);
      for (let k = 0; k < batch.count; k++) {
        offsets[batch.first + k + 1] = rows + batch.offsets[k + 1]! - first;
      }
      keepHistograms(batch, rows, histograms, memory);
      rows += added;
    }
    const all = {
      series: snapshot.series,
      offsets,
      ...columns,
      ...histogramsPart(histograms),
    };
    return snapshot.residual ? withoutResidual(all, snapshot.residual) : all;
  } finally {
    snapshot.close();
  }
}

/**
 * Puts the batch's histograms where its rows went to. As Prometheus does since 3.1, only "gauge" is
 * taken from a sender's hint: whether a counter was reset is seen in its counts.
 */
function keepHistograms(
  { offsets, count, histograms }: SeriesBatch,
  target: number,
  kept: Map<number, NativeHistogram>,
  memory: QueryMemory,
): void {
  if (histograms === undefined) return;
  const first = offsets[0]!;
  for (let row = first; row < offsets[count]!; row++) {
    if (histograms.isHistogram[row] !== 1) continue;
    const histogram = slim(withoutResetHint(histograms.at(row)));
    memory.keepHistogram(histogram);
    kept.set(target + row - first, histogram);
  }
}

type Columns = Pick<SeriesColumns, "timesMs" | "values" | "stale">;

function grown(old: Columns, least: number) {
  const capacity = Math.max(least, old.timesMs.length * 2);
  const timesMs = new Float64Array(capacity);
  timesMs.set(old.timesMs);
  const values = new Float64Array(capacity);
  values.set(old.values);
  const stale = new Uint8Array(capacity);
  stale.set(old.stale);
  return { timesMs, values, stale };
}

/** Drops series that the store could not test by itself; their rows stay, unused. */
function withoutResidual(all: SeriesColumns, residual: readonly Matcher[]): SeriesColumns {
  const kept = all.series
    .map((labels, i) => ({ labels, i }))
    .filter(({ labels }) => residual.every((matcher) => holds(matcher, labels)));
  const rows = kept.flatMap(({ i }) => indexes(all.offsets[i]!, all.offsets[i + 1]!));
  const offsets = new Uint32Array(kept.length + 1);
  for (const [k, { i }] of kept.entries()) {
    offsets[k + 1] = offsets[k]! + all.offsets[i + 1]! - all.offsets[i]!;
  }
  const histograms = new Map<number, NativeHistogram>();
  for (const [at, row] of rows.entries()) {
    const histogram = all.histograms?.get(row);
    if (histogram) histograms.set(at, histogram);
  }
  return {
    ...histogramsPart(histograms),
    series: kept.map(({ labels }) => labels),
    offsets,
    timesMs: Float64Array.from(rows, (row) => all.timesMs[row]!),
    values: Float64Array.from(rows, (row) => all.values[row]!),
    stale: Uint8Array.from(rows, (row) => all.stale[row]!),
  };
}

function indexes(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, k) => from + k);
}

function holds(matcher: Matcher, labels: Labels): boolean {
  return matcherHolds(matcher, labelValue(labels, matcher.name));
}

/** Whether a label may have this value; an absent one is the empty text. */
export function matcherHolds({ operator, value }: Matcher, actual: string): boolean {
  if (operator === "=") return actual === value;
  if (operator === "!=") return actual !== value;
  const regex = compileRegex(value);
  return isRegex(regex) && regex.test(actual) === (operator === "=~");
}

/**
 * A table as samples, one at each step where it is present: what a sub-query hands on. Hints about
 * resets are of the samples underneath, of which a sub-query may skip or repeat some.
 */
export function columnsOfTable(table: VectorTable, startMs: number, stepMs: number): SeriesColumns {
  const { series, steps, values, present } = table;
  const histograms = new Map<number, NativeHistogram>();
  const offsets = new Uint32Array(series.length + 1);
  let rows = 0;
  for (let cell = 0; cell < present.length; cell++) rows += present[cell]!;
  const timesMs = new Float64Array(rows);
  const out = new Float64Array(rows);
  let at = 0;
  for (let row = 0; row < series.length; row++) {
    for (let step = 0; step < steps; step++) {
      const cell = row * steps + step;
      if (present[cell] !== 1) continue;
      timesMs[at] = startMs + step * stepMs;
      out[at] = values[cell]!;
      const histogram = table.histograms?.get(cell);
      if (histogram) histograms.set(at, withoutResetHint(histogram));
      at++;
    }
    offsets[row + 1] = at;
  }
  const stale = new Uint8Array(rows);
  return { series, offsets, timesMs, values: out, stale, ...histogramsPart(histograms) };
}

function withoutResetHint(histogram: NativeHistogram): NativeHistogram {
  const { resetHint } = histogram;
  if (resetHint === "gauge" || resetHint === "unknown") return histogram;
  return { ...histogram, resetHint: "unknown" };
}
