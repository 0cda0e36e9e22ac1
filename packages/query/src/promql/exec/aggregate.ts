import {
  dropLabels,
  isValidText,
  keepLabels,
  type Labels,
  labelValue,
  METRIC_NAME,
  type NativeHistogram,
  withLabels,
} from "@hms-ops/model";
import { addUp, totalOf } from "../functions/histogram-over-time.ts";
import { max, min } from "../functions/math.ts";
import { quantileOf } from "../functions/quantile.ts";
import { type NoteText, noteText } from "../histograms/notes.ts";
import { histogramLabel } from "../histograms/text.ts";
import type { FoldOperator } from "../plan/scans.ts";
import { type Aggregation, bare, type Expr } from "../syntax/ast.ts";
import { groupTotals, totalsBytes, totalsMemory } from "./group-totals.ts";
import { LabelSets } from "./label-sets.ts";
import { checkCounts, checkRatios, limitK, limitRatio } from "./limit.ts";
import { hasSchema, isMarked, markName, NAME_LABELS, unmarked } from "./names.ts";
import { plainNumber } from "./numbers.ts";
import type { QueryMemory } from "./query-memory.ts";
import { selectRanked } from "./ranking.ts";
import {
  emptyTable,
  executionError,
  floatsOnly,
  histogramsPart,
  occupiedRows,
  type VectorTable,
} from "./table.ts";

/** Group of each row, and the labels of each group. */
interface Groups {
  readonly ofRow: Uint32Array;
  readonly labels: readonly Labels[];
}

/** What an aggregation has to say of its parameter, and of histograms that it met or made. */
export interface AggregationListener {
  onBadQuantile(phi: number): void;
  onCappedRatio(ratio: number, cap: number): void;
  onHistogram(text: NoteText): void;
}

/** Evaluates an aggregation at every step. `parameter` has one number a step. */
export function aggregate(
  expr: Aggregation,
  table: VectorTable,
  parameter: Float64Array | undefined,
  memory: QueryMemory,
  listener: AggregationListener,
): VectorTable {
  const groups = groupRows(expr, table, memory);
  if (table.histograms && (expr.operator === "sum" || expr.operator === "avg")) {
    return totals(expr.operator, table, groups, memory, listener);
  }
  if (table.histograms && !TAKES_HISTOGRAMS.has(expr.operator)) {
    if (looksAtHistograms(expr, table, parameter)) {
      const message = `ignored histogram in ${expr.operator} aggregation`;
      listener.onHistogram({ level: "info", message });
    }
    return aggregateFloats(expr, floatsOnly(table), groups, parameter, memory, listener);
  }
  return aggregateFloats(expr, table, groups, parameter, memory, listener);
}

const RANKING = new Set(["topk", "bottomk"]);

/** Where nothing is to be kept at a step, its series are not looked at. */
function looksAtHistograms(
  { operator }: Aggregation,
  { histograms, steps }: VectorTable,
  counts: Float64Array | undefined,
): boolean {
  if (!RANKING.has(operator) || !histograms || !counts) return true;
  for (const cell of histograms.keys()) if (counts[cell % steps]! >= 1) return true;
  return false;
}

const TAKES_HISTOGRAMS = new Set(["count", "group", "limitk", "limit_ratio"]);

/** Of floats, and of histograms where their values do not matter. */
function aggregateFloats(
  expr: Aggregation,
  table: VectorTable,
  groups: Groups,
  parameter: Float64Array | undefined,
  memory: QueryMemory,
  { onBadQuantile, onCappedRatio }: AggregationListener,
): VectorTable {
  if (expr.operator === "limit_ratio") {
    checkRatios(parameter!, onCappedRatio);
    return limitRatio(table, rowsOfGroups(groups), parameter!, memory);
  }
  if (expr.operator === "limitk") {
    checkCounts(parameter!);
    return limitK(table, rowsOfGroups(groups), parameter!, memory);
  }
  if (expr.operator === "topk" || expr.operator === "bottomk") {
    checkCounts(parameter!);
    return selectRanked(expr.operator, table, rowsOfGroups(groups), parameter!, memory);
  }
  if (expr.operator === "quantile") {
    for (const phi of oddQuantiles(parameter!)) onBadQuantile(phi);
    return quantiles(table, groups, parameter!);
  }
  return foldRows(expr.operator as FoldOperator, table, groups, memory);
}

/** Of a whole query Prometheus tells of the worst alone; beside NaN only an infinity is worse. */
function oddQuantiles(phis: Float64Array): readonly number[] {
  const hasNan = phis.some(Number.isNaN);
  const most = phis.reduce(max, 0);
  const least = phis.reduce(min, 1);
  return [
    ...(hasNan ? [Number.NaN] : []),
    ...(most > 1 ? [most] : []),
    ...(least < 0 ? [least] : []),
  ];
}

/**
 * Groups in the order of their first series that is there at any step, be it of histograms that
 * are then left out.
 */
function groupRows(
  { grouping, without }: Aggregation,
  table: VectorTable,
  memory: QueryMemory,
): Groups {
  const { series, steps, present } = table;
  const names = new Set(without ? [...grouping, ...NAME_LABELS] : grouping);
  const sets = new LabelSets({ names, without });
  const labels: Labels[] = [];
  const ofRow = new Uint32Array(series.length);
  const isThere = steps === 1 ? present : occupiedRows(table);
  for (const there of [1, 0]) {
    for (let row = 0; row < series.length; row++) {
      if (isThere[row] !== there) continue;
      const all = series[row]!;
      const group = sets.add(all, memory);
      if (group === labels.length) {
        const kept = without ? dropLabels(all, names) : keepLabels(all, names);
        memory.keepLabels(kept);
        labels.push(kept);
      }
      ofRow[row] = group;
    }
  }
  return { ofRow, labels: markedGroups(table, ofRow, labels) };
}

/**
 * A group loses its name, and what goes with it, if one of its series does that is there at the last
 * step at which the group is.
 */
function markedGroups(
  { series, steps, present }: VectorTable,
  ofRow: Uint32Array,
  labels: readonly Labels[],
): readonly Labels[] {
  if (!labels.some(hasSchema) || !series.some(isMarked)) return labels;
  const lastStep = new Int32Array(labels.length).fill(-1);
  const isLosing = new Uint8Array(labels.length);
  for (const [row, group] of ofRow.entries()) {
    const last = present.subarray(row * steps, (row + 1) * steps).lastIndexOf(1);
    if (last < lastStep[group]! || last < 0) continue;
    if (last > lastStep[group]!) isLosing[group] = 0;
    lastStep[group] = last;
    if (isMarked(series[row]!)) isLosing[group] = 1;
  }
  return labels.map((kept, group) => (isLosing[group] === 1 ? markName(kept) : kept));
}

/** Rows by group, so that a step's values lie together when they are folded. */
function rowsOfGroups({ ofRow, labels }: Groups): readonly Uint32Array[] {
  const lists: number[][] = labels.map(() => []);
  for (const [row, group] of ofRow.entries()) lists[group]!.push(row);
  return lists.map((list) => Uint32Array.from(list));
}

/** Row after row, as the table lies in memory. */
function foldRows(
  operator: FoldOperator,
  { steps, values, present }: VectorTable,
  { ofRow, labels }: Groups,
  memory: QueryMemory,
): VectorTable {
  const cells = labels.length * steps;
  memory.keepBytes(totalsBytes(operator, cells));
  const totals = groupTotals(operator, steps, totalsMemory(operator, cells));
  for (const [row, group] of ofRow.entries()) {
    const [first, end] = [row * steps, (row + 1) * steps];
    totals.add(group, {
      values: values.subarray(first, end),
      present: present.subarray(first, end),
    });
  }
  const result = emptyTable(labels, steps);
  for (let group = 0; group < labels.length; group++) {
    totals.finish(group, result.values, result.present, group);
  }
  return result;
}

function quantiles(table: VectorTable, groups: Groups, phis: Float64Array): VectorTable {
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
      result.values[group * steps + step] = quantileOf(values.subarray(0, count), phis[step]!);
    }
  }
  return result;
}

/** `sum` and `avg` of floats or of histograms; of both together there is none. */
function totals(
  operator: "sum" | "avg",
  table: VectorTable,
  groups: Groups,
  memory: QueryMemory,
  listener: AggregationListener,
): VectorTable {
  const { steps } = table;
  const result = foldRows(operator, floatsOnly(table), groups, memory);
  const cells = new Map<number, NativeHistogram>();
  for (const [group, rows] of rowsOfGroups(groups).entries()) {
    for (let step = 0; step < steps; step++) {
      const members = membersAt(table, rows, step);
      if (members.histograms.length === 0) continue;
      const target = group * steps + step;
      const total = totalOfMembers(operator, members, table, listener);
      result.present[target] = total ? 1 : 0;
      if (total === undefined) continue;
      memory.keepHistogram(total);
      cells.set(target, total);
    }
  }
  return { ...result, ...histogramsPart(cells) };
}

/** Of a group at one step. */
interface Members {
  readonly histograms: readonly NativeHistogram[];
  /** Of each histogram. */
  readonly rows: readonly number[];
  /** How many histograms come before the first float; infinite where there is none. */
  readonly beforeFloat: number;
}

function membersAt(
  { steps, present, histograms }: VectorTable,
  rows: Uint32Array,
  step: number,
): Members {
  const inside: NativeHistogram[] = [];
  const theirRows: number[] = [];
  let beforeFloat = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const cell = row * steps + step;
    if (present[cell] !== 1) continue;
    const histogram = histograms?.get(cell);
    if (histogram === undefined) beforeFloat = Math.min(beforeFloat, inside.length);
    else {
      inside.push(histogram);
      theirRows.push(row);
    }
  }
  return { histograms: inside, rows: theirRows, beforeFloat };
}

/**
 * As Prometheus goes through a group: where its first sample is a histogram the others are added
 * to it, and what there is to say of them is said also if a float comes later; behind one that
 * does not go together with them nothing is looked at.
 */
function totalOfMembers(
  operator: "sum" | "avg",
  { histograms, rows, beforeFloat }: Members,
  table: VectorTable,
  { onHistogram }: AggregationListener,
): NativeHistogram | undefined {
  if (beforeFloat === 0) {
    onHistogram(noteText("mixed-group", ""));
    return undefined;
  }
  const added = addUp(histograms);
  if (added.boundsReconciled) onHistogram(noteText("reconciled-in-aggregation", ""));
  const alien = rows[added.fitting];
  if (alien !== undefined) {
    onHistogram(noteText("mixed-schemas", labelValue(table.series[alien]!, METRIC_NAME)));
  }
  if (beforeFloat <= added.fitting) onHistogram(noteText("mixed-group", ""));
  if (alien !== undefined || Number.isFinite(beforeFloat)) return undefined;
  if (added.sum.hintsCollide) onHistogram(noteText("collision-in-aggregation", ""));
  return totalOf(added, histograms, operator === "sum" ? "sum" : "mean");
}

/** Measured: a typed array beside its elements. */
const COUNTS_BYTES = 180;

/** What `count_values` names its values by; refused before there are any values. */
export function countLabel(parameter: Expr | undefined): string {
  const inner = parameter && bare(parameter);
  const label = inner?.kind === "string" ? inner.value : "";
  if (!isValidText(label) || label === "") throw executionError(`invalid label name "${label}"`);
  return label;
}

/** `count_values("label", v)`: how many series of the group have each value. */
export function countValues(
  expr: Aggregation,
  table: VectorTable,
  label: string,
  memory: QueryMemory,
): VectorTable {
  const groups = groupRows(expr, table, memory);
  // The value is a label of the series before it is grouped, and may be grouped away.
  const isShown = !expr.without || (label !== METRIC_NAME && !expr.grouping.includes(label));
  const { steps } = table;
  const sets = new LabelSets();
  const counts: Float64Array[] = [];
  for (let row = 0; row < table.series.length; row++) {
    // Counts are no longer what the series were, and what they are grouped by stays.
    const group = unmarked(groups.labels[groups.ofRow[row]!]!);
    for (let step = 0; step < steps; step++) {
      const cell = row * steps + step;
      if (table.present[cell] !== 1) continue;
      const histogram = table.histograms?.get(cell);
      const value = histogram ? histogramLabel(histogram) : plainNumber(table.values[cell]!);
      const labels = isShown ? withLabels(group, { [label]: value }) : group;
      const number = sets.add(labels, memory);
      if (number === counts.length) {
        memory.keepLabels(labels);
        memory.keepText(value);
        memory.keepBytes(COUNTS_BYTES + steps * 8);
        counts.push(new Float64Array(steps));
      }
      counts[number]![step]!++;
    }
  }
  const result = emptyTable(sets.sets, steps);
  for (const [row, ofSteps] of counts.entries()) {
    result.values.set(ofSteps, row * steps);
    for (let step = 0; step < steps; step++) {
      result.present[row * steps + step] = ofSteps[step]! > 0 ? 1 : 0;
    }
  }
  return result;
}
