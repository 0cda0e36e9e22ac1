import { type Labels, labelsKey, labelsOf } from "@hms-ops/model";
import { MAX_LABEL_VALUE_LENGTH, MAX_LABELS } from "../limits.ts";
import type { Buckets } from "./buckets.ts";

/** A `timer` records events: the last value, how many there were, their sum and distribution. */
export type MetricKind = "counter" | "gauge" | "histogram" | "timer";

/** Numbers and booleans are written as text. */
export type LabelValues = Readonly<Record<string, string | number | boolean | undefined>>;

/** One line of numbers; which members count depends on the family's kind. */
export interface Series {
  readonly labels: Labels;
  /** Of a counter its total, of a gauge and a timer the last value. */
  value: number;
  sum: number;
  count: number;
  readonly buckets: Buckets | undefined;
}

/** A metric with all its series. */
export interface Family {
  readonly name: string;
  readonly kind: MetricKind;
  help: string;
  readonly makeBuckets: (() => Buckets) | undefined;
  readonly series: Map<string, Series>;
}

/** Names under which a family appears in an exposition, so that no two families share one. */
export function exposedNames(name: string, kind: MetricKind): readonly string[] {
  if (kind === "histogram") return [name, `${name}_bucket`, `${name}_sum`, `${name}_count`];
  if (kind !== "timer") return [name];
  const events = eventsName(name);
  return [name, `${name}_count`, `${name}_sum`, ...exposedNames(events, "histogram")];
}

export function eventsName(timerName: string): string {
  return `${timerName}_events`;
}

/** Label sets as they may be exposed: no reserved names, values cut to the limit. */
export function usableLabels(base: Labels, given: LabelValues | undefined): Labels {
  if (given === undefined) return base;
  const record: Record<string, string> = {};
  for (let i = 0; i < base.length; i += 2) record[base[i] ?? ""] = base[i + 1] ?? "";
  let count = base.length / 2;
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || name === "" || name === "le" || name.startsWith("__")) continue;
    if (!(name in record) && ++count > MAX_LABELS) continue;
    record[name.toWellFormed()] = String(value).slice(0, MAX_LABEL_VALUE_LENGTH).toWellFormed();
  }
  return labelsOf(record);
}

/** The series of a label set; undefined when `mayAdd` refuses a new one. */
export function seriesOf(
  family: Family,
  labels: Labels,
  mayAdd: () => boolean,
): Series | undefined {
  const key = labelsKey(labels);
  const known = family.series.get(key);
  if (known) return known;
  if (!mayAdd()) return undefined;
  const series = { labels, value: 0, sum: 0, count: 0, buckets: family.makeBuckets?.() };
  family.series.set(key, series);
  return series;
}
