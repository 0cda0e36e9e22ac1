import { dropLabels, keepLabels, type Labels, labelsKey, type Snapshot } from "@hms-ops/model";
import type { Grouping } from "../plan/scans.ts";

/** Groupings that are remembered of one numbering; beyond it all are learnt anew. */
const REMEMBERED_GROUPINGS_MAX = 32;
const UNKNOWN = 0;

/** What became of the numbers of a store's series under one grouping. */
interface Remembered {
  /** Group + 1 by series number. */
  groupOf: Uint32Array;
  readonly labels: Labels[];
  readonly byKey: Map<string, number>;
}

/** By the store's numbering, which lives as long as its numbers mean the same. */
const memory = new WeakMap<object, Map<string, Remembered>>();

/** Tells the group of each series of a snapshot; labels are looked at once a series, not a query. */
export class SeriesGroups {
  readonly #snapshot: Snapshot;
  readonly #grouping: Grouping;
  readonly #remembered: Remembered;
  /** The remembered groups that this query met, in order, and the place of each + 1. */
  readonly #met: number[] = [];
  #placeOf = new Uint32Array(64);
  readonly #isOne: boolean;

  constructor(snapshot: Snapshot, grouping: Grouping) {
    this.#snapshot = snapshot;
    this.#grouping = grouping;
    this.#isOne = !grouping.without && grouping.names.size === 0;
    this.#remembered = rememberedOf(snapshot, grouping);
  }

  /** In the order in which they were met. */
  get labels(): readonly Labels[] {
    return this.#met.map((group) => this.#remembered.labels[group]!);
  }

  /** The place among `labels` of the snapshot's k-th series. */
  groupOf(k: number): number {
    const group = this.#isOne ? this.#onlyGroup() : this.#rememberedGroup(k);
    if (group >= this.#placeOf.length) {
      const wider = new Uint32Array(2 * group);
      wider.set(this.#placeOf);
      this.#placeOf = wider;
    }
    const known = this.#placeOf[group]!;
    if (known !== UNKNOWN) return known - 1;
    this.#placeOf[group] = this.#met.push(group);
    return this.#met.length - 1;
  }

  #onlyGroup(): number {
    if (this.#remembered.labels.length === 0) this.#remembered.labels.push([]);
    return 0;
  }

  #rememberedGroup(k: number): number {
    const remembered = this.#remembered;
    const { numbering } = this.#snapshot;
    if (!numbering) return this.#learn(this.#snapshot.series[k]!);
    const number = numbering.numbers[k]!;
    if (number >= remembered.groupOf.length) {
      const wider = new Uint32Array(Math.max(2 * remembered.groupOf.length, number + 1));
      wider.set(remembered.groupOf);
      remembered.groupOf = wider;
    }
    const known = remembered.groupOf[number]!;
    if (known !== UNKNOWN) return known - 1;
    const group = this.#learn(numbering.labelsOf(k));
    remembered.groupOf[number] = group + 1;
    return group;
  }

  #learn(all: Labels): number {
    const { names, without } = this.#grouping;
    const kept = without ? dropLabels(all, names) : keepLabels(all, names);
    const { labels, byKey } = this.#remembered;
    const key = labelsKey(kept);
    const known = byKey.get(key);
    if (known !== undefined) return known;
    const group = labels.push(kept) - 1;
    byKey.set(key, group);
    return group;
  }
}

function rememberedOf({ numbering }: Snapshot, { names, without }: Grouping): Remembered {
  const fresh = { groupOf: new Uint32Array(1_024), labels: [], byKey: new Map() };
  if (!numbering) return fresh;
  let groupings = memory.get(numbering.epoch);
  if (!groupings || groupings.size >= REMEMBERED_GROUPINGS_MAX) {
    groupings = new Map();
    memory.set(numbering.epoch, groupings);
  }
  const key = JSON.stringify([without, ...[...names].sort()]);
  const known = groupings.get(key);
  if (known) return known;
  groupings.set(key, fresh);
  return fresh;
}
