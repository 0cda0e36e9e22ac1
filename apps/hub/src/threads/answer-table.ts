import { compareText, labelValue, type QueryAnswer, type QueryValue } from "@hms-ops/model";

/** An answer as columns, a row for each sample: for CSV and Arrow. */
export interface AnswerTable {
  readonly labels: readonly LabelColumn[];
  readonly timesMs: Float64Array;
  /** Of a histogram: its sum. */
  readonly values: Float64Array;
  /** How many observations a histogram has; NaN where there is none. Absent without histograms. */
  readonly histogramCounts?: Float64Array;
  /** Instead of values, of an answer that is a text. */
  readonly text?: string;
}

export interface LabelColumn {
  readonly name: string;
  /** Each value once; "" where a series has no such label. */
  readonly values: readonly string[];
  /** By row: the place of its value. */
  readonly places: Int32Array;
}

export function answerTable({ value }: QueryAnswer): AnswerTable {
  if (value.kind === "scalar") {
    const { timeMs, value: number } = value;
    return { labels: [], timesMs: Float64Array.of(timeMs), values: Float64Array.of(number) };
  }
  if (value.kind === "string") {
    const timesMs = Float64Array.of(value.timeMs);
    return { labels: [], timesMs, values: Float64Array.of(Number.NaN), text: value.value };
  }
  return seriesTable(runsOf(value));
}

/** Rows of one series. */
interface Run {
  readonly labels: readonly string[];
  readonly count: number;
  fill(into: Columns, at: number): void;
}

interface Columns {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly histogramCounts: Float64Array;
}

function runsOf(value: Extract<QueryValue, { kind: "vector" | "matrix" }>): readonly Run[] {
  if (value.kind === "vector") {
    return value.elements.map(({ labels, timeMs, value: number, histogram }) => ({
      labels,
      count: 1,
      fill: ({ timesMs, values, histogramCounts }, at) => {
        timesMs[at] = timeMs;
        values[at] = histogram?.sum ?? number;
        histogramCounts[at] = histogram?.count ?? Number.NaN;
      },
    }));
  }
  return value.series.map(({ labels, timesMs, values, histograms = [] }) => ({
    labels,
    count: timesMs.length + histograms.length,
    fill: (into, at) => {
      into.timesMs.set(timesMs, at);
      into.values.set(values, at);
      into.histogramCounts.fill(Number.NaN, at, at + timesMs.length);
      for (const [i, [timeMs, { sum, count }]] of histograms.entries()) {
        const row = at + timesMs.length + i;
        into.timesMs[row] = timeMs;
        into.values[row] = sum;
        into.histogramCounts[row] = count;
      }
    },
  }));
}

function seriesTable(runs: readonly Run[]): AnswerTable {
  const count = runs.reduce((sum, run) => sum + run.count, 0);
  const names = new Set(runs.flatMap(({ labels }) => labels.filter((_, i) => i % 2 === 0)));
  const columns = {
    timesMs: new Float64Array(count),
    values: new Float64Array(count),
    histogramCounts: new Float64Array(count),
  };
  let at = 0;
  for (const run of runs) {
    run.fill(columns, at);
    at += run.count;
  }
  const labels = [...names].sort(compareText).map((name) => labelColumn(name, runs, count));
  const { timesMs, values, histogramCounts } = columns;
  const hasHistograms = histogramCounts.some((one) => !Number.isNaN(one));
  return { labels, timesMs, values, ...(hasHistograms && { histogramCounts }) };
}

function labelColumn(name: string, runs: readonly Run[], count: number): LabelColumn {
  const known = new Map<string, number>();
  const places = new Int32Array(count);
  let at = 0;
  for (const { labels, count: rows } of runs) {
    const value = labelValue(labels, name);
    const place = known.get(value) ?? known.size;
    known.set(value, place);
    places.fill(place, at, at + rows);
    at += rows;
  }
  return { name, values: [...known.keys()], places };
}
