import {
  formatLabels,
  type Labels,
  labelValue,
  type Matcher,
  METRIC_NAME,
  withLabels,
} from "@hms-ops/model";
import { matcherHolds } from "./columns.ts";
import type { QueryMemory } from "./query-memory.ts";
import { executionError, TableBuilder, type VectorTable } from "./table.ts";

/** Two maps and a list of a series that no other has labels with; about. */
const INFO_BYTES = 400;

/** By these an info series finds the series that it describes. */
const IDENTIFYING = ["instance", "job"] as const;

/** Rows of the info table by what identifies them, then by metric. */
type InfoRows = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;

/**
 * `info(v, {labels})`: adds the labels of info series to the series of `v` (promql/info.go;
 * experimental).
 * @param info the info series; values are the times of their samples, in seconds
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
  const rows = groupInfo(info, memory);
  const builder = new TableBuilder(table.steps, memory);
  for (const [row, labels] of table.series.entries()) {
    const isInfo = ofName.every((one) => matcherHolds(one, labelValue(labels, METRIC_NAME)));
    const partners = isInfo ? undefined : rows.get(identity(labels) ?? "");
    let last: readonly Labels[] = [];
    let target = -1;
    for (let step = 0; step < table.steps; step++) {
      const cell = row * table.steps + step;
      if (table.present[cell] !== 1) continue;
      const found = partners ? newestOf(partners, info, step, memory) : [];
      if (found.length === 0 && mustMatch && !isInfo) continue;
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

function groupInfo({ series }: VectorTable, memory: QueryMemory): InfoRows {
  const groups = new Map<string, Map<string, number[]>>();
  for (const [row, labels] of series.entries()) {
    const key = identity(labels);
    if (key === undefined) continue;
    memory.keepText(key);
    memory.keepBytes(INFO_BYTES);
    const byName = groups.get(key) ?? new Map<string, number[]>();
    groups.set(key, byName);
    const name = labelValue(labels, METRIC_NAME);
    const known = byName.get(name);
    if (known) known.push(row);
    else byName.set(name, [row]);
  }
  return groups;
}

/** Of each info metric the series with the newest sample. */
function newestOf(
  partners: ReadonlyMap<string, readonly number[]>,
  info: VectorTable,
  step: number,
  memory: QueryMemory,
): readonly Labels[] {
  const found: Labels[] = [];
  for (const rows of partners.values()) {
    let newest = -1;
    for (const row of rows) {
      memory.visit();
      const cell = row * info.steps + step;
      if (info.present[cell] !== 1) continue;
      const known =
        newest < 0 ? Number.NEGATIVE_INFINITY : info.values[newest * info.steps + step]!;
      const time = info.values[cell]!;
      if (time === known) throw duplicateInfo(info, newest, row, time);
      if (time > known) newest = row;
    }
    if (newest >= 0) found.push(info.series[newest]!);
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
