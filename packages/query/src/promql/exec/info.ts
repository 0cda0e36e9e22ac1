import {
  formatLabels,
  type Labels,
  labelValue,
  type Matcher,
  METRIC_NAME,
  withLabels,
} from "@hms-ops/model";
import { matcherHolds } from "./columns.ts";
import { unmarked } from "./names.ts";
import type { QueryMemory } from "./query-memory.ts";
import { executionError, hasAny, occupiedSteps, TableBuilder, type VectorTable } from "./table.ts";

/** Two maps and a list of a series that no other has labels with; about. */
const INFO_BYTES = 400;

/** By these an info series finds the series that it describes. */
const IDENTIFYING = ["instance", "job"] as const;

/** One info metric of one identity: several series where its labels have changed. */
interface InfoGroup {
  readonly rows: number[];
  /** By step, the row of the newest sample; −1: there is none. */
  readonly newest: Int32Array;
}

/** By what identifies them. */
type InfoGroups = ReadonlyMap<string, readonly InfoGroup[]>;

/**
 * `info(v, {labels})`: adds the labels of info series to the series of `v` (promql/info.go;
 * experimental). A name that is to go stays: Prometheus 3.14 forgets that it was.
 * @param info the info series; values are the times of their samples, in seconds, but for
 *   histograms, of which there may be none
 * @param matchers all of the info selector, also those for its name
 * @param wanted what the second argument asks of labels; without it all are added
 */
export function joinInfo(
  table: VectorTable,
  info: VectorTable,
  matchers: readonly Matcher[],
  wanted: readonly Matcher[],
  memory: QueryMemory,
): VectorTable {
  const ofName = matchers.filter(({ name }) => name === METRIC_NAME);
  const ofLabels = wanted.filter(({ name }) => name !== METRIC_NAME);
  const names = new Set(ofLabels.map(({ name }) => name));
  const mustMatch = ofLabels.some((matcher) => !matcherHolds(matcher, ""));
  const isInfo = (labels: Labels) =>
    ofName.every((one) => matcherHolds(one, labelValue(labels, METRIC_NAME)));
  const described = table.series.filter((labels, row) => !isInfo(labels) && hasAny(table, row));
  const groups = groupInfo(info, askedRows(described, info), memory);
  const judged = occupiedSteps(table);
  for (const one of [...groups.values()].flat()) chooseNewest(one, info, judged, memory);
  const builder = new TableBuilder(table.steps, memory);
  for (const [row, marked] of table.series.entries()) {
    const labels = unmarked(marked);
    const isItself = isInfo(labels);
    const partners = isItself ? undefined : groups.get(identity(labels) ?? "");
    let last: readonly Labels[] = [];
    let target = -1;
    for (let step = 0; step < table.steps; step++) {
      const cell = row * table.steps + step;
      if (table.present[cell] !== 1) continue;
      const found = partners ? partnersAt(partners, info, step) : [];
      if (found.length === 0 && mustMatch && !isItself) continue;
      if (target < 0 || !areSame(found, last)) {
        const joined = found.length > 0 ? joinLabels(labels, found, names) : labels;
        memory.keepLabels(joined);
        target = builder.row(joined);
        last = found;
      }
      builder.copy(target, step, table, cell);
    }
  }
  return builder.build();
}

function areSame(some: readonly Labels[], others: readonly Labels[]): boolean {
  return some.length === others.length && some.every((labels, i) => labels === others[i]);
}

/** Undefined: nothing identifies it. */
function identity(labels: Labels): string | undefined {
  const values = IDENTIFYING.map((name) => labelValue(labels, name));
  return values.some((value) => value !== "") ? JSON.stringify(values) : undefined;
}

/**
 * The info series that Prometheus asks for: each of their identifying labels has a value that some
 * series to be described has, if any has that label at all.
 */
function askedRows(described: readonly Labels[], { series }: VectorTable): readonly number[] {
  const asked = IDENTIFYING.map((name) => {
    const values = new Set(described.map((labels) => labelValue(labels, name)));
    values.delete("");
    return { name, values };
  }).filter(({ values }) => values.size > 0);
  if (asked.length === 0) return [];
  return [...series.keys()].filter((row) =>
    asked.every(({ name, values }) => values.has(labelValue(series[row]!, name))),
  );
}

function groupInfo(info: VectorTable, rows: readonly number[], memory: QueryMemory): InfoGroups {
  const groups = new Map<string, Map<string, InfoGroup>>();
  for (const row of rows) {
    const labels = info.series[row]!;
    refuseHistograms(info, row);
    const key = identity(labels) ?? "";
    memory.keepText(key);
    memory.keepBytes(INFO_BYTES);
    const byName = groups.get(key) ?? new Map<string, InfoGroup>();
    groups.set(key, byName);
    const name = labelValue(labels, METRIC_NAME);
    const known = byName.get(name);
    if (known) known.rows.push(row);
    else {
      memory.keepBytes(info.steps * Int32Array.BYTES_PER_ELEMENT);
      byName.set(name, { rows: [row], newest: new Int32Array(info.steps).fill(-1) });
    }
  }
  return new Map(Array.from(groups, ([key, byName]) => [key, [...byName.values()]]));
}

function refuseHistograms({ series, steps, histograms }: VectorTable, row: number): void {
  if (histograms === undefined) return;
  for (let cell = row * steps; cell < (row + 1) * steps; cell++) {
    if (!histograms.has(cell)) continue;
    const reason = "this should be an info metric, with float samples";
    throw executionError(`${reason}: ${formatLabels(series[row]!)}`);
  }
}

/** At the steps at which there is anything to describe; there, no two may be equally new. */
function chooseNewest(
  { rows, newest }: InfoGroup,
  info: VectorTable,
  judged: Uint8Array,
  memory: QueryMemory,
): void {
  for (let step = 0; step < info.steps; step++) {
    memory.visit();
    if (judged[step] !== 1) continue;
    for (const row of rows) {
      const cell = row * info.steps + step;
      if (info.present[cell] !== 1) continue;
      const best = newest[step]!;
      const known = best < 0 ? Number.NEGATIVE_INFINITY : info.values[best * info.steps + step]!;
      const time = info.values[cell]!;
      if (time === known) throw duplicateInfo(info, best, row, time);
      if (time > known) newest[step] = row;
    }
  }
}

/** Of each info metric the series with the newest sample. */
function partnersAt(
  partners: readonly InfoGroup[],
  info: VectorTable,
  step: number,
): readonly Labels[] {
  const found: Labels[] = [];
  for (const { newest } of partners) {
    if (newest[step]! >= 0) found.push(info.series[newest[step]!]!);
  }
  return found;
}

function duplicateInfo(info: VectorTable, first: number, second: number, seconds: number): Error {
  const [one, other] = [first, second].map((row) => formatLabels(info.series[row]!));
  const timeMs = Math.round(seconds * 1000);
  return executionError(
    `found duplicate series for info metric: existing ${one} @ ${timeMs}, new ${other} @ ${timeMs}`,
  );
}

/** Labels that the series has stay as they are; `names`: those to add, none for all. */
function joinLabels(labels: Labels, found: readonly Labels[], names: ReadonlySet<string>): Labels {
  const added: Record<string, string> = {};
  for (const info of found) {
    for (let i = 0; i < info.length; i += 2) {
      const name = info[i]!;
      const value = info[i + 1]!;
      if (name === METRIC_NAME || (names.size > 0 && !names.has(name))) continue;
      const known = Object.hasOwn(added, name) ? added[name] : undefined;
      if (known !== undefined && known !== value) {
        throw executionError(`conflicting label: ${name}`);
      }
      if (labelValue(labels, name) === "") added[name] = value;
    }
  }
  return withLabels(labels, added);
}
