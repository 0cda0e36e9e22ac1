import {
  dropLabels,
  keepLabels,
  type Labels,
  type QueryBudget,
  type SeriesNumbering,
  type Snapshot,
} from "@hms-ops/model";
import type { Grouping } from "../plan/scans.ts";
import { LabelSets } from "./label-sets.ts";
import { QueryMemory } from "./query-memory.ts";

/** Groupings that are remembered of one numbering; beyond it all are learnt anew. */
const REMEMBERED_GROUPINGS_MAX = 32;
/** The same of groups, of all groupings together; about 0.15 kB each. */
const REMEMBERED_GROUPS_MAX = 262_144;
/** Measured: the labels of a series, which a store keeps once they were asked for. */
const LABELS_BYTES = 100;
const UNKNOWN = 0;

/** The groups into which the series of a snapshot are folded. */
export interface SeriesGroups {
  /** By index of the snapshot's series: its place among `labels`. */
  readonly places: Uint32Array;
  /** In the order of their first series. */
  readonly labels: readonly Labels[];
}

/** Labels are looked at once a series, not once a query. */
export function groupSeries(
  snapshot: Snapshot,
  grouping: Grouping,
  budget: QueryBudget,
): SeriesGroups {
  const { numbering } = snapshot;
  const count = numbering?.numbers.length ?? snapshot.series.length;
  const places = new Uint32Array(count);
  if (!grouping.without && grouping.names.size === 0) return { places, labels: count ? [[]] : [] };
  const remembered = rememberedOf(snapshot, grouping);
  const query = new QueryMemory(budget);
  const labels: Labels[] = [];
  /** The place of each remembered group + 1. */
  let placeOf = new Uint32Array(64);
  for (let k = 0; k < count; k++) {
    query.visit();
    const group = numbering
      ? remembered.groupOf(numbering, k, query)
      : remembered.groupOfLabels(snapshot.series[k]!, query);
    if (group >= placeOf.length) placeOf = widened(placeOf, 2 * group + 1);
    if (placeOf[group] === UNKNOWN) placeOf[group] = labels.push(remembered.labels[group]!);
    places[k] = placeOf[group]! - 1;
  }
  return { places, labels };
}

/** What became of the numbers of a store's series under one grouping. */
class RememberedGroups {
  readonly labels: Labels[] = [];
  readonly #grouping: Grouping;
  /** Group + 1 by series number. */
  #groupOf = new Uint32Array(1_024);
  readonly #sets: LabelSets;

  constructor(grouping: Grouping) {
    this.#grouping = grouping;
    this.#sets = new LabelSets(grouping);
  }

  groupOf(numbering: SeriesNumbering, k: number, query: QueryMemory): number {
    const number = numbering.numbers[k]!;
    if (number >= this.#groupOf.length) {
      this.#groupOf = widened(this.#groupOf, Math.max(2 * this.#groupOf.length, number + 1));
    }
    const known = this.#groupOf[number]!;
    if (known !== UNKNOWN) return known - 1;
    query.keepBytes(LABELS_BYTES);
    const group = this.groupOfLabels(numbering.labelsOf(k), query);
    this.#groupOf[number] = group + 1;
    return group;
  }

  groupOfLabels(all: Labels, query: QueryMemory): number {
    const group = this.#sets.add(all, query);
    if (group < this.labels.length) return group;
    const { names, without } = this.#grouping;
    const kept = without ? dropLabels(all, names) : keepLabels(all, names);
    // First, for the query may end here, and the set is known from now on.
    this.labels.push(kept);
    query.keepLabels(kept);
    return group;
  }
}

/** By the store's numbering, which lives as long as its numbers mean the same. */
const memory = new WeakMap<object, Map<string, RememberedGroups>>();

function rememberedOf({ numbering }: Snapshot, grouping: Grouping): RememberedGroups {
  if (!numbering) return new RememberedGroups(grouping);
  let groupings = memory.get(numbering.epoch);
  if (!groupings || isTooMuch(groupings)) {
    groupings = new Map();
    memory.set(numbering.epoch, groupings);
  }
  const key = JSON.stringify([grouping.without, ...[...grouping.names].sort()]);
  const known = groupings.get(key) ?? new RememberedGroups(grouping);
  groupings.set(key, known);
  return known;
}

function isTooMuch(groupings: ReadonlyMap<string, RememberedGroups>): boolean {
  let groups = 0;
  for (const { labels } of groupings.values()) groups += labels.length;
  return groupings.size >= REMEMBERED_GROUPINGS_MAX || groups >= REMEMBERED_GROUPS_MAX;
}

function widened(words: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(length);
  wider.set(words);
  return wider;
}
