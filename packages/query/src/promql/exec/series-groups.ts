import {
  dropLabels,
  keepLabels,
  type Labels,
  labelsKey,
  type QueryBudget,
  type SeriesNumbering,
  type Snapshot,
} from "@hms-ops/model";
import type { Grouping } from "../plan/scans.ts";

/** Groupings that are remembered of one numbering; beyond it all are learnt anew. */
const REMEMBERED_GROUPINGS_MAX = 32;
/** Series that may be grouped before the budget is asked whether the query may go on. */
const SERIES_PER_CHECK = 1_000;
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
  const labels: Labels[] = [];
  /** The place of each remembered group + 1. */
  let placeOf = new Uint32Array(64);
  for (let k = 0; k < count; k++) {
    if (k % SERIES_PER_CHECK === 0) budget.spend(0, 0);
    const group = numbering
      ? remembered.groupOf(numbering, k)
      : remembered.groupOfLabels(snapshot.series[k]!);
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
  readonly #byKey = new Map<string, number>();

  constructor(grouping: Grouping) {
    this.#grouping = grouping;
  }

  groupOf(numbering: SeriesNumbering, k: number): number {
    const number = numbering.numbers[k]!;
    if (number >= this.#groupOf.length) {
      this.#groupOf = widened(this.#groupOf, Math.max(2 * this.#groupOf.length, number + 1));
    }
    const known = this.#groupOf[number]!;
    if (known !== UNKNOWN) return known - 1;
    const group = this.groupOfLabels(numbering.labelsOf(k));
    this.#groupOf[number] = group + 1;
    return group;
  }

  groupOfLabels(all: Labels): number {
    const { names, without } = this.#grouping;
    const kept = without ? dropLabels(all, names) : keepLabels(all, names);
    const key = labelsKey(kept);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const group = this.labels.push(kept) - 1;
    this.#byKey.set(key, group);
    return group;
  }
}

/** By the store's numbering, which lives as long as its numbers mean the same. */
const memory = new WeakMap<object, Map<string, RememberedGroups>>();

function rememberedOf({ numbering }: Snapshot, grouping: Grouping): RememberedGroups {
  if (!numbering) return new RememberedGroups(grouping);
  let groupings = memory.get(numbering.epoch);
  if (!groupings || groupings.size >= REMEMBERED_GROUPINGS_MAX) {
    groupings = new Map();
    memory.set(numbering.epoch, groupings);
  }
  const key = JSON.stringify([grouping.without, ...[...grouping.names].sort()]);
  const known = groupings.get(key) ?? new RememberedGroups(grouping);
  groupings.set(key, known);
  return known;
}

function widened(words: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(length);
  wider.set(words);
  return wider;
}
