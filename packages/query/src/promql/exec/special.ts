import {
  compareLabels,
  isValidText,
  type Labels,
  labelsOf,
  labelValue,
  type Matcher,
  METRIC_NAME,
  type NativeHistogram,
  OpsError,
  withLabels,
} from "@hms-ops/model";
import { QUERY_ERRORS } from "../../errors.ts";
import { MOST_LABEL_LENGTH } from "../../limits.ts";
import { compileRegex, isRegex } from "../../regex/index.ts";
import { max, min } from "../functions/math.ts";
import { bare, type Expr, type VectorSelector } from "../syntax/ast.ts";
import { matcherHolds } from "./columns.ts";
import { LabelSets } from "./label-sets.ts";
import { isMarked, unmarked } from "./names.ts";
import { standsBefore } from "./natural-order.ts";
import type { QueryMemory } from "./query-memory.ts";
import { isBefore } from "./ranking.ts";
import { sortAsGo } from "./sort-as-go.ts";
import {
  emptyTable,
  executionError,
  floatsOnly,
  histogramsPart,
  namesakesPart,
  relabelTable,
  type VectorTable,
} from "./table.ts";

/** 1 where a vector is empty, with the labels that a bare selector fixes. */
export function absent(arg: Expr, table: VectorTable): VectorTable {
  const { series, steps, present } = table;
  const result = emptyTable([absentLabels(arg)], steps);
  for (let step = 0; step < steps; step++) {
    let found = false;
    for (let row = 0; row < series.length && !found; row++)
      found = present[row * steps + step] === 1;
    result.present[step] = found ? 0 : 1;
    result.values[step] = 1;
  }
  return result;
}

/** The first `=` matcher of a label sets it, any other matcher on it takes it away again. */
function absentLabels(arg: Expr): Labels {
  const inner = bare(arg);
  const selector: VectorSelector | undefined =
    inner.kind === "vector" ? inner : inner.kind === "matrix" ? inner.selector : undefined;
  const labels = new Map<string, string>();
  const everSet = new Set<string>();
  for (const { name, operator, value } of asRead(selector?.matchers ?? [])) {
    if (name === METRIC_NAME) continue;
    if (operator === "=" && !everSet.has(name)) {
      labels.set(name, value);
      everSet.add(name);
    } else labels.delete(name);
  }
  return labelsOf(Object.fromEntries(labels));
}

/**
 * Matchers that take series away stand behind the others: Prometheus' store puts those of a selector
 * in this order as it reads (tsdb/querier.go, PostingsForMatchers).
 */
function asRead(matchers: readonly Matcher[]): readonly Matcher[] {
  const needed = new Set(matchers.filter((one) => !matcherHolds(one, "")).map(({ name }) => name));
  const takesAway = (one: Matcher) =>
    !needed.has(one.name) || (one.operator.startsWith("!") && matcherHolds(one, ""));
  return [...matchers.filter((one) => !takesAway(one)), ...matchers.filter(takesAway)];
}

/** The value of the only float at each step, NaN where there is not exactly one. */
export function toScalar(table: VectorTable): Float64Array {
  const { series, steps, values, present } = floatsOnly(table);
  const result = new Float64Array(steps).fill(Number.NaN);
  for (let step = 0; step < steps; step++) {
    let count = 0;
    for (let row = 0; row < series.length; row++) {
      if (present[row * steps + step] !== 1) continue;
      count++;
      result[step] = values[row * steps + step]!;
    }
    if (count !== 1) result[step] = Number.NaN;
  }
  return result;
}

export function toVector(scalar: Float64Array): VectorTable {
  return {
    series: [[]],
    steps: scalar.length,
    values: scalar,
    present: new Uint8Array(scalar.length).fill(1),
  };
}

/** Nothing where the bounds cross. */
export function clamp(vector: VectorTable, least: Float64Array, most: Float64Array): VectorTable {
  const table = floatsOnly(vector);
  const result = emptyTable(table.series, table.steps);
  for (let cell = 0; cell < table.present.length; cell++) {
    const step = cell % table.steps;
    if (table.present[cell] !== 1 || least[step]! > most[step]!) continue;
    result.present[cell] = 1;
    result.values[cell] = max(least[step]!, min(most[step]!, table.values[cell]!));
  }
  return { ...result, ...namesakesPart(table) };
}

/** By what the function's name says, at the only step. */
export function sorted(
  name: string,
  table: VectorTable,
  labelNames: readonly string[],
  memory: QueryMemory,
): VectorTable {
  const descending = name.endsWith("_desc");
  return name.startsWith("sort_by_label")
    ? sortByLabels(table, labelNames, descending, memory)
    : sortByValue(table, descending, memory);
}

/** NaN last in both directions: of two NaN each stands before the other, as in Prometheus. */
function sortByValue(vector: VectorTable, descending: boolean, memory: QueryMemory): VectorTable {
  const table = floatsOnly(vector);
  const sign = descending ? 1 : -1;
  const order = sortAsGo(rowsThere(table), (a, b) => {
    memory.visit();
    return isBefore(sign * table.values[b]!, sign * table.values[a]!);
  });
  return reorder(table, order, memory);
}

/** By labels in natural order (`a2` before `a10`), ties by the whole set. */
function sortByLabels(
  table: VectorTable,
  names: readonly string[],
  descending: boolean,
  memory: QueryMemory,
): VectorTable {
  const order = sortAsGo(rowsThere(table), (a, b) => {
    memory.visit();
    const left = table.series[a]!;
    const right = table.series[b]!;
    for (const name of names) {
      const [value, other] = [labelValue(left, name), labelValue(right, name)];
      if (value !== other) return standsBefore(value, other) !== descending;
    }
    return descending ? compareLabels(right, left) < 0 : compareLabels(left, right) < 0;
  });
  return reorder(table, order, memory);
}

function rowsThere({ series, present }: VectorTable): number[] {
  return [...series.keys()].filter((row) => present[row] === 1);
}

function reorder(table: VectorTable, order: readonly number[], memory: QueryMemory): VectorTable {
  const { steps } = table;
  memory.keepBytes(order.length * ORDER_BYTES);
  const result = emptyTable(
    order.map((row) => table.series[row]!),
    steps,
  );
  for (const [to, from] of order.entries()) {
    result.values.set(table.values.subarray(from * steps, (from + 1) * steps), to * steps);
    result.present.set(table.present.subarray(from * steps, (from + 1) * steps), to * steps);
  }
  const placeOf = new Map(order.map((from, to) => [from, to]));
  const histograms = new Map<number, NativeHistogram>();
  for (const [cell, histogram] of table.histograms ?? []) {
    const row = placeOf.get(Math.floor(cell / steps)) ?? 0;
    histograms.set(row * steps + (cell % steps), histogram);
  }
  return { ...result, ...histogramsPart(histograms), ...namesakesPart(table) };
}

/** Place in the order, and in the list of series. */
const ORDER_BYTES = 16;

/**
 * `label_replace` and `label_join` by their texts, which are judged before there is a vector:
 * Prometheus tells of them, whatever is wrong with it (promql/functions.go, evalLabelReplace).
 */
export function relabeling(
  name: "label_replace" | "label_join",
  texts: readonly string[],
  memory: QueryMemory,
): (table: VectorTable) => VectorTable {
  const relabel = name === "label_join" ? joining(texts, memory) : replacing(texts, memory);
  return (table) => relabelAll(table, relabel, memory);
}

type Relabel = (labels: Labels) => Labels;

function replacing(texts: readonly string[], memory: QueryMemory): Relabel {
  const [target = "", template = "", source = "", pattern = ""] = texts;
  const regex = compileRegex(pattern);
  if (!isRegex(regex))
    throw executionError(`invalid regular expression in label_replace(): ${pattern}`);
  if (target === "" || !isValidText(target)) {
    throw executionError(`invalid destination label name in label_replace(): ${target}`);
  }
  return (labels) => {
    const value = regex.replace(labelValue(labels, source), template, MOST_LABEL_LENGTH);
    if (value === undefined) return labels;
    refuseLength(value.length, "label_replace");
    memory.keepText(value);
    return withLabel(labels, target, value);
  };
}

function joining(texts: readonly string[], memory: QueryMemory): Relabel {
  const [target = "", separator = "", ...sources] = texts;
  const isName = (label: string) => label !== "" && isValidText(label);
  const wrong = sources.find((source) => !isName(source));
  if (wrong !== undefined) {
    throw executionError(`invalid source label name in label_join(): ${wrong}`);
  }
  if (!isName(target)) {
    throw executionError(`invalid destination label name in label_join(): ${target}`);
  }
  return (labels) => {
    const values = sources.map((name) => labelValue(labels, name));
    const lengths = values.reduce((sum, { length }) => sum + length, 0);
    refuseLength(lengths + separator.length * Math.max(0, values.length - 1), "label_join");
    const value = values.join(separator);
    memory.keepText(value);
    return withLabel(labels, target, value);
  };
}

/**
 * Series that become alike are merged at once, also where names go late: whether the name is to go
 * is settled by the first one (promql/engine.go, mergeSeriesWithSameLabelset).
 */
function relabelAll(
  { hasNamesakes: _, ...table }: VectorTable,
  relabel: Relabel,
  memory: QueryMemory,
): VectorTable {
  if (!table.series.some(isMarked)) return relabelTable(table, relabel, memory);
  const sets = new LabelSets();
  const firsts: Labels[] = [];
  const relabelAlike = (labels: Labels) => {
    const changed = relabel(labels);
    const number = sets.add(unmarked(changed), memory);
    firsts[number] ??= changed;
    return firsts[number];
  };
  return relabelTable(table, relabelAlike, memory);
}

/** What functions make must end: it may be the input of the next one. */
function refuseLength(length: number, call: string): void {
  if (length <= MOST_LABEL_LENGTH) return;
  throw new OpsError(QUERY_ERRORS.longLabel, { call, limit: MOST_LABEL_LENGTH });
}

/** Who writes a name wants to keep it. */
function withLabel(labels: Labels, target: string, value: string): Labels {
  const changed = withLabels(labels, { [target]: value });
  return target === METRIC_NAME ? unmarked(changed) : changed;
}
