import { dropLabels, type Labels, METRIC_NAME, withLabels } from "@hms-ops/model";
import type { QueryMemory } from "./query-memory.ts";
import { relabelTable, type VectorTable } from "./table.ts";

/**
 * Says of a series that its name goes at the end of the query. No text in UTF-8 can be this, so that
 * no real label is called so.
 */
const MARK = "\ud800";
const MARK_ONLY = new Set([MARK]);
/** The name and its mark: what grouping `without` and matching leave out in any case. */
export const NAME_LABELS: readonly string[] = [METRIC_NAME, MARK];
/** What says what a metric is: it goes when its name goes (schema/labels.go, IsMetadataLabel). */
export const SCHEMA_LABELS: readonly string[] = [METRIC_NAME, "__type__", "__unit__"];
const SCHEMA = new Set(SCHEMA_LABELS);
const SCHEMA_AND_MARK = new Set([...SCHEMA_LABELS, MARK]);

/** What an operation does with the names of series that are no longer what they were called. */
export type Nameless = (labels: Labels) => Labels;

/** The name goes at once, which is the rule. */
export const dropName: Nameless = (labels) => dropLabels(labels, SCHEMA_AND_MARK);

/** The name tells series apart until the query ends (`promql-delayed-name-removal`). */
export const markName: Nameless = (labels) =>
  hasSchema(labels) ? withLabels(labels, { [MARK]: "1" }) : labels;

export function hasSchema(labels: Labels): boolean {
  for (let i = 0; i < labels.length; i += 2) if (SCHEMA.has(labels[i]!)) return true;
  return false;
}

export function isMarked(labels: Labels): boolean {
  return labels.includes(MARK);
}

/** The same series, not to be renamed. */
export function unmarked(labels: Labels): Labels {
  return isMarked(labels) ? dropLabels(labels, MARK_ONLY) : labels;
}

/** Labels as they are answered. */
export function finished(labels: Labels): Labels {
  return isMarked(labels) ? dropName(labels) : labels;
}

/** Takes away the names that were marked; series that become alike are merged. */
export function finishNames(table: VectorTable, memory: QueryMemory): VectorTable {
  const { hasNamesakes, ...rest } = table;
  return hasNamesakes || table.series.some(isMarked) ? relabelTable(rest, finished, memory) : table;
}
