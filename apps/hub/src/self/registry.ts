import { bug, type Labels, labelsFromPairs, METRIC_NAME } from "@hms-ops/model";
import { MAX_SELF_SERIES } from "../limits.ts";
import type { SelfMetrics } from "../ports.ts";
import type { SelfMetricRow } from "./metric-row.ts";
import { SELF_BUCKETS, SELF_METRICS } from "./metrics.ts";

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  value: number;
  /** Of a histogram: observations by bucket (the last one is +Inf); `value` is their sum. */
  readonly buckets: number[];
}

interface Family {
  readonly row: SelfMetricRow;
  readonly series: Map<string, Series>;
}

/** Counts what the hub does; only metrics of the table exist. */
export class SelfMetricsRegistry implements SelfMetrics {
  readonly #families = new Map<string, Family>();

  constructor(rows: readonly SelfMetricRow[] = SELF_METRICS) {
    for (const row of rows) {
      const family: Family = { row, series: new Map() };
      this.#families.set(row.name, family);
      // A counter without labels is there from the start, so that its first rise is seen.
      if (row.type === "counter" && row.labels.length === 0) seriesOf(family, {});
    }
  }

  add(name: string, by = 1, labels: Readonly<Record<string, string>> = {}): void {
    const series = seriesOf(this.#family(name, "counter"), labels);
    if (series) series.value += by;
  }

  set(name: string, value: number, labels: Readonly<Record<string, string>> = {}): void {
    const family = this.#families.get(name);
    if (!family || family.row.type === "histogram") bug(`${name} is no gauge of our own`);
    const series = seriesOf(family, labels);
    if (series) series.value = value;
  }

  /** Takes over a histogram that was counted elsewhere: observations by bucket, and their sum. */
  setBuckets(name: string, buckets: readonly number[], sum: number): void {
    const series = seriesOf(this.#family(name, "histogram"), {});
    if (!series) return;
    if (buckets.length !== series.buckets.length) bug(`${name} has other buckets`);
    for (const [i, count] of buckets.entries()) series.buckets[i] = count;
    series.value = sum;
  }

  /** Forgets series of a metric whose labels may be gone by now. */
  clear(name: string): void {
    this.#families.get(name)?.series.clear();
  }

  observe(name: string, value: number, labels: Readonly<Record<string, string>> = {}): void {
    const family = this.#family(name, "histogram");
    const series = seriesOf(family, labels);
    if (!series) return;
    series.value += value;
    const { buckets: bounds = SELF_BUCKETS } = family.row;
    const found = bounds.findIndex((bound) => value <= bound);
    const bucket = found < 0 ? bounds.length : found;
    series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
  }

  /** Families that have something to say, in the order of the table. */
  families(): readonly SelfFamily[] {
    return [...this.#families.values()]
      .filter(({ series }) => series.size > 0)
      .map(({ row, series }) => ({
        name: row.name,
        type: row.type,
        help: row.help,
        samples: [...series.values()].flatMap((one) => samplesOf(row, one)),
      }));
  }

  #family(name: string, type: SelfMetricRow["type"]): Family {
    const family = this.#families.get(name);
    if (family?.row.type !== type) bug(`${name} is no ${type} of our own: add its row`);
    return family;
  }
}

export interface SelfFamily {
  readonly name: string;
  readonly type: SelfMetricRow["type"];
  readonly help: string;
  readonly samples: readonly { readonly labels: Labels; readonly value: number }[];
}

/** Undefined when the family is full: its labels are unbounded, and more would eat the memory. */
function seriesOf(family: Family, labels: Readonly<Record<string, string>>): Series | undefined {
  let key = "";
  for (const name of family.row.labels) key += `${labels[name] ?? ""}\u0000`;
  const known = family.series.get(key);
  if (known) return known;
  for (const name of Object.keys(labels)) {
    if (!family.row.labels.includes(name)) bug(`${family.row.name} has no label ${name}`);
  }
  if (family.series.size >= MAX_SELF_SERIES) return undefined;
  const { type, buckets: bounds = SELF_BUCKETS } = family.row;
  const buckets = type === "histogram" ? new Array<number>(bounds.length + 1).fill(0) : [];
  const series: Series = { labels, value: 0, buckets };
  family.series.set(key, series);
  return series;
}

function samplesOf(
  row: SelfMetricRow,
  series: Series,
): readonly { readonly labels: Labels; readonly value: number }[] {
  const named = (name: string, more: Readonly<Record<string, string>> = {}) =>
    labelsFromPairs(Object.entries({ [METRIC_NAME]: name, ...series.labels, ...more }));
  if (row.type !== "histogram") return [{ labels: named(row.name), value: series.value }];
  let count = 0;
  const buckets = series.buckets.map((observed, i) => {
    count += observed;
    const bound = (row.buckets ?? SELF_BUCKETS)[i];
    const le = bound === undefined ? "+Inf" : boundText(bound);
    return { labels: named(`${row.name}_bucket`, { le }), value: count };
  });
  return [
    ...buckets,
    { labels: named(`${row.name}_sum`), value: series.value },
    { labels: named(`${row.name}_count`), value: count },
  ];
}

/** As scraping would store it: `1.0`, `0.25`. */
function boundText(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}
