import {
  dropLabels,
  isValidText,
  keepLabels,
  type Labels,
  labelsKey,
  labelValue,
  METRIC_NAME,
  type NativeHistogram,
  withLabels,
} from "@hms-ops/model";
import { totalOf } from "../functions/histogram-over-time.ts";
import { quantileOfSorted, sortNumbers } from "../functions/quantile.ts";
import { compensatedSum, mean } from "../functions/sums.ts";
import { type NoteText, noteText } from "../histograms/notes.ts";
import { histogramLabel } from "../histograms/text.ts";
import type { Aggregation } from "../syntax/ast.ts";
import { checkCounts, checkRatios, limitK, limitRatio } from "./limit.ts";
import { isMarked, markName, NAME_LABELS } from "./names.ts";
import { plainNumber } from "./numbers.ts";
import {
  emptyTable,
  executionError,
  floatsOnly,
  histogramsPart,
  TableBuilder,
  type VectorTable,
} from "./table.ts";

/** Group of each row, and the labels of each group. */
interface Groups {
  readonly ofRow: Uint32Array;
  readonly labels: readonly Labels[];
}

/** One pass over a group's values at one step. */
type Fold = (values: Float64Array) => number;

const FOLDS: Readonly<Record<string, Fold>> = {
  sum: (values) => compensatedSum(values, 0, values.length),
  avg: (values) => mean(values, 0, values.length),
  min: (values) =>
    values.reduce((least, value) => (value < least || Number.isNaN(least) ? value : least)),
  max: (values) =>
    values.reduce((most, value) => (value > most || Number.isNaN(most) ? value : most)),
  count: (values) => values.length,
  group: () => 1,
  stdvar: variance,
  stddev: (values) => Math.sqrt(variance(values)),
};

/** What an aggregation has to say of its parameter, and of histograms that it met or made. */
export interface AggregationListener {
  onBadQuantile(phi: number): void;
  onCappedRatio(ratio: number, cap: number): void;
  onHistogram(text: NoteText): void;
  onTotal(total: NativeHistogram): void;
}

/** Evaluates an aggregation at every step. `parameter` has one number a step. */
export function aggregate(
  expr: Aggregation,
  table: VectorTable,
  parameter: Float64Array | undefined,
  listener: AggregationListener,
): VectorTable {
  if (table.histograms && (expr.operator === "sum" || expr.operator === "avg")) {
    return totals(expr.operator, table, groupRows(expr, table), listener);
  }
  if (table.histograms && !TAKES_HISTOGRAMS.has(expr.operator)) {
    const message = `ignored histogram in ${expr.operator} aggregation`;
    const looksAtNone = RANKING.has(expr.operator) && parameter?.every((k) => k < 1);
    if (!looksAtNone) listener.onHistogram({ level: "info", message });
    return aggregateFloats(expr, floatsOnly(table), parameter, listener);
  }
  return aggregateFloats(expr, table, parameter, listener);
}

const RANKING = new Set(["topk", "bottomk"]);
const TAKES_HISTOGRAMS = new Set(["count", "group", "limitk", "limit_ratio"]);

/** Of floats, and of histograms where their values do not matter. */
function aggregateFloats(
  expr: Aggregation,
  table: VectorTable,
  parameter: Float64Array | undefined,
  { onBadQuantile, onCappedRatio }: AggregationListener,
): VectorTable {
  const groups = groupRows(expr, table);
  if (expr.operator === "limit_ratio") {
    checkRatios(parameter!, onCappedRatio);
    return limitRatio(table, rowsOfGroups(groups), parameter!);
  }
  if (expr.operator === "limitk") {
    checkCounts(parameter!);
    return limitK(table, rowsOfGroups(groups), parameter!);
  }
  if (expr.operator === "topk" || expr.operator === "bottomk") {
    checkCounts(parameter!);
    return select(expr.operator, table, groups, parameter!);
  }
  if (expr.operator === "quantile") {
    for (const phi of oddQuantiles(parameter!)) onBadQuantile(phi);
    return fold(table, groups, (values, step) =>
      quantileOfSorted(sortNumbers(values.slice()), parameter![step]!),
    );
  }
  const foldOne = FOLDS[expr.operator]!;
  return fold(table, groups, foldOne);
}

/** Of a whole query Prometheus tells of the worst alone. */
function oddQuantiles(phis: Float64Array): readonly number[] {
  const numbers = phis.filter((phi) => !Number.isNaN(phi));
  const most = numbers.reduce((a, b) => Math.max(a, b), 0);
  const least = numbers.reduce((a, b) => Math.min(a, b), 1);
  return [
    ...(numbers.length < phis.length ? [Number.NaN] : []),
    ...(most > 1 ? [most] : []),
    ...(least < 0 ? [least] : []),
  ];
}

function groupRows({ grouping, without }: Aggregation, { series }: VectorTable): Groups {
  const names = new Set(without ? [...grouping, ...NAME_LABELS] : grouping);
  const rows = new Map<string, number>();
  const labels: Labels[] = [];
  const ofRow = new Uint32Array(series.length);
  for (const [row, all] of series.entries()) {
    const kept = without ? dropLabels(all, names) : keepLabels(all, names);
    const key = labelsKey(kept);
    let group = rows.get(key);
    if (group === undefined) {
      group = labels.push(kept) - 1;
      rows.set(key, group);
    }
    ofRow[row] = group;
    // A group loses its name if one of its series does.
    if (!without && names.has(METRIC_NAME) && isMarked(all)) labels[group] = markName(kept);
  }
  return { ofRow, labels };
}

/** Rows by group, so that a step's values lie together when they are folded. */
function rowsOfGroups({ ofRow, labels }: Groups): readonly Uint32Array[] {
  const lists: number[][] = labels.map(() => []);
  for (const [row, group] of ofRow.entries()) lists[group]!.push(row);
  return lists.map((list) => Uint32Array.from(list));
}

function fold(
  table: VectorTable,
  groups: Groups,
  foldOne: (values: Float64Array, step: number) => number,
): VectorTable {
  const { steps } = table;
  const result = emptyTable(groups.labels, steps);
  for (const [group, rows] of rowsOfGroups(groups).entries()) {
    const values = new Float64Array(rows.length);
    for (let step = 0; step < steps; step++) {
      let count = 0;
      for (const row of rows) {
        const cell = row * steps + step;
        if (table.present[cell] === 1) values[count++] = table.values[cell]!;
      }
      if (count === 0) continue;
      result.present[group * steps + step] = 1;
      result.values[group * steps + step] = foldOne(values.subarray(0, count), step);
    }
  }
  return result;
}

/** `sum` and `avg` of floats or of histograms; of both together there is none. */
function totals(
  operator: "sum" | "avg",
  table: VectorTable,
  groups: Groups,
  { onHistogram, onTotal }: AggregationListener,
): VectorTable {
  const { steps, present, histograms } = table;
  const result = fold(floatsOnly(table), groups, FOLDS[operator]!);
  const cells = new Map<number, NativeHistogram>();
  for (const [group, rows] of rowsOfGroups(groups).entries()) {
    for (let step = 0; step < steps; step++) {
      const inside: NativeHistogram[] = [];
      const named: number[] = [];
      let count = 0;
      for (const row of rows) {
        const cell = row * steps + step;
        count += present[cell]!;
        const histogram = histograms?.get(cell);
        if (histogram === undefined) continue;
        inside.push(histogram);
        named.push(row);
      }
      if (inside.length === 0) continue;
      const target = group * steps + step;
      result.present[target] = 0;
      if (inside.length < count) {
        onHistogram(noteText("mixed-group", ""));
        continue;
      }
      const what = operator === "sum" ? "sum" : "mean";
      const total = totalOf(inside, what, (note, at) => {
        onHistogram(noteText(note, labelValue(table.series[named[at]!]!, METRIC_NAME)));
      });
      if (total === undefined) continue;
      result.present[target] = 1;
      onTotal(total);
      cells.set(target, total);
    }
  }
  return { ...result, ...histogramsPart(cells) };
}

/** `topk`, `bottomk`: original series; at a single step in order of rank, groups together. */
function select(
  operator: "topk" | "bottomk",
  table: VectorTable,
  groups: Groups,
  parameter: Float64Array,
): VectorTable {
  const { steps } = table;
  const builder = new TableBuilder(steps);
  const rowLists = rowsOfGroups(groups);
  for (let step = 0; step < steps; step++) {
    const k = Math.trunc(parameter[step]!);
    if (k < 1) continue;
    for (const rows of rowLists) {
      const present = [...rows].filter((row) => table.present[row * steps + step] === 1);
      const value = (row: number) => table.values[row * steps + step]!;
      const ranked = present.sort((a, b) => rankOrder(operator, value(a), value(b)) || a - b);
      for (const row of ranked.slice(0, k))
        builder.set(builder.row(table.series[row]!), step, value(row));
    }
  }
  return builder.build();
}

/** NaN is taken last. */
function rankOrder(operator: "topk" | "bottomk", a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  if (a === b) return 0;
  return (operator === "topk") === a > b ? -1 : 1;
}

/** `count_values("label", v)`: how many series of the group have each value. */
export function countValues(expr: Aggregation, table: VectorTable, label: string): VectorTable {
  if (!isValidText(label) || label === "") throw executionError(`invalid label name "${label}"`);
  const groups = groupRows(expr, table);
  const { steps } = table;
  const counts = new Map<string, { labels: Labels; counts: Float64Array }>();
  for (let row = 0; row < table.series.length; row++) {
    const group = groups.labels[groups.ofRow[row]!]!;
    for (let step = 0; step < steps; step++) {
      const cell = row * steps + step;
      if (table.present[cell] !== 1) continue;
      const histogram = table.histograms?.get(cell);
      const value = histogram ? histogramLabel(histogram) : plainNumber(table.values[cell]!);
      const labels = withLabels(group, { [label]: value });
      const key = labelsKey(labels);
      const entry = counts.get(key) ?? { labels, counts: new Float64Array(steps) };
      counts.set(key, entry);
      entry.counts[step]!++;
    }
  }
  const entries = [...counts.values()];
  const result = emptyTable(
    entries.map(({ labels }) => labels),
    steps,
  );
  for (const [row, entry] of entries.entries()) {
    result.values.set(entry.counts, row * steps);
    for (let step = 0; step < steps; step++) {
      result.present[row * steps + step] = entry.counts[step]! > 0 ? 1 : 0;
    }
  }
  return result;
}

/** Population variance, running update (Welford). */
function variance(values: Float64Array): number {
  let average = 0;
  let sum = 0;
  for (const [i, value] of values.entries()) {
    const distance = value - average;
    average += distance / (i + 1);
    sum += distance * (value - average);
  }
  return sum / values.length;
}
