import { dropLabels, type Labels, labelValue, METRIC_NAME, withLabels } from "@hms-ops/model";
import type { QueryMemory } from "./query-memory.ts";
import { relabelTable, type VectorTable } from "./table.ts";

/**
 * Says of a series that its name goes at the end of the query. No text in UTF-8 can be this, so that
 * no real label is called so.
 */
const MARK = "\ud800";
const MARK_ONLY = new Set([MARK]);
/** What goes when a name goes. */
export const NAME_LABELS: readonly string[] = [METRIC_NAME, MARK];
const BOTH = new Set(NAME_LABELS);

/** What an operation does with the names of series that are no longer what they were called. */
export type Nameless = (labels: Labels) => Labels;

/** The name goes at once, which is the rule. */
export const dropName: Nameless = (labels) => dropLabels(labels, BOTH);

/** The name tells series apart until the query ends (`promql-delayed-name-removal`). */
export const markName: Nameless = (labels) =>
  labelValue(labels, METRIC_NAME) === "" ? labels : withLabels(labels, { [MARK]: "1" });

export function isMarked(labels: Labels): boolean {
  return labels.includes(MARK);
}

/** The same series, not to be renamed. */
export function unmarked(labels: Labels): Labels {
  return isMarked(labels) ? dropLabels(labels, MARK_ONLY) : labels;
}

/** Labels as they are answered. */
export function finished(labels: Labels): Labels {
  return isMarked(labels) ? dropLabels(labels, BOTH) : labels;
}

/** Takes away the names that were marked; series that become alike are merged. */
export function finishNames(table: VectorTable, memory: QueryMemory): VectorTable {
  return table.series.some(isMarked) ? relabelTable(table, finished, memory) : table;
}
