import { compareText, isValidText, type Labels, METRIC_NAME } from "@hms-ops/model";
import type { TsdbLimits } from "../../limits.ts";
import type { Slabs } from "../memory/slabs.ts";
import { hashWords } from "./hash.ts";
import {
  IndexColumns,
  NAME_LIST,
  NAME_WORDS,
  PAIR_HASH,
  PAIR_LIST,
  PAIR_NAME,
  PAIR_TEXT_LENGTH,
  PAIR_TEXT_PLACE,
  PAIR_WORDS,
  TEXT_LENGTH,
  TEXT_PLACE,
} from "./index-layout.ts";
import { ListTails, ListWriter } from "./lists.ts";
import { TextScratch } from "./text-scratch.ts";

export type LabelsRefusal = "invalid-labels" | "series-limit" | "metric-limit";

const encoder = new TextEncoder();
const NO_SERIES = 0;

/** Gives label sets their numbers. Nothing here is undone: a number once given stays. */
export class IndexWriter {
  readonly #columns: IndexColumns;
  readonly #lists: ListWriter;
  readonly #nameTails = new ListTails();
  readonly #pairTails = new ListTails();
  readonly #names = new Map<string, number>();
  readonly #limits: TsdbLimits;
  readonly #seed: number;
  /** Series + 1 by the hash of their pairs. */
  #slots = new Uint32Array(1 << 12);
  #seriesCount = 0;
  #pairCount = 0;
  #referenceCount = 0;
  #pairs: number[] = [];
  /** The label set that came last, and its pairs: most of the next one's are the same. */
  #lastLabels: Labels = [];
  readonly #lastPairs: number[] = [];
  /** Series of each metric, by the pair of its name. */
  readonly #metricCounts = new Map<number, number>();
  readonly #scratch = new TextScratch();

  constructor(slabs: Slabs, seed: number, limits: TsdbLimits) {
    this.#columns = new IndexColumns(slabs, seed);
    this.#lists = new ListWriter(slabs);
    this.#limits = limits;
    this.#seed = seed;
    this.#columns.starts.set(0, 0);
  }

  get seriesCount(): number {
    return this.#seriesCount;
  }

  get pairCount(): number {
    return this.#pairCount;
  }

  get nameCount(): number {
    return this.#names.size;
  }

  get sizeBytes(): number {
    const records = this.#pairCount * PAIR_WORDS * 4 + this.#names.size * NAME_WORDS * 4;
    const series = (this.#seriesCount + this.#referenceCount + this.#slots.length) * 4;
    const lists = this.#lists.sizeBytes + this.#pairTails.sizeBytes + this.#nameTails.sizeBytes;
    return this.#columns.text.sizeBytes + records + series + lists;
  }

  /** The number of a label set, given now if it is new; or why it may have none. */
  intern(labels: Labels): number | LabelsRefusal {
    if (!isLabelSet(labels, this.#lastLabels, this.#limits)) return "invalid-labels";
    const atLimit = this.#seriesCount >= this.#limits.seriesMax;
    if (!this.#internPairs(labels, !atLimit)) return "series-limit";
    const pairs = this.#pairs;
    const hash = hashWords(pairs, pairs.length, this.#seed);
    const slot = this.#slotOf(hash);
    const known = this.#slots[slot]!;
    if (known !== NO_SERIES) return known - 1;
    if (atLimit) return "series-limit";
    const metric = this.#metricOf(labels);
    const count = this.#metricCounts.get(metric) ?? 0;
    if (metric >= 0 && count >= this.#limits.seriesPerMetricMax) return "metric-limit";
    this.#metricCounts.set(metric, count + 1);
    return this.#addSeries(slot);
  }

  /** False if a pair is new and may not be made. Hot: new series come by the million. */
  #internPairs(labels: Labels, mayMake: boolean): boolean {
    const lastLabels = this.#lastLabels;
    const lastPairs = this.#lastPairs;
    const pairs = this.#pairs;
    this.#lastLabels = [];
    pairs.length = 0;
    for (let i = 0; i < labels.length; i += 2) {
      const isKnown = labels[i] === lastLabels[i] && labels[i + 1] === lastLabels[i + 1];
      const pair = isKnown
        ? lastPairs[i >> 1]!
        : this.#internPair(labels[i]!, labels[i + 1]!, mayMake);
      if (pair < 0) return false;
      pairs.push(pair);
    }
    this.#lastLabels = labels;
    for (let i = 0; i < pairs.length; i++) lastPairs[i] = pairs[i]!;
    return true;
  }

  /** The pair of the metric's name, of the label set in hand; −1 if it has none. */
  #metricOf(labels: Labels): number {
    const at = labels.indexOf(METRIC_NAME);
    return at >= 0 && at % 2 === 0 ? this.#pairs[at / 2]! : -1;
  }

  /** The pairs of a series, as numbers. */
  pairsOf(series: number): readonly number[] {
    const { starts, references } = this.#columns;
    const pairs: number[] = [];
    for (let i = starts.get(series); i < starts.get(series + 1); i++) pairs.push(references.get(i));
    return pairs;
  }

  #slotOf(hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (; this.#slots[slot] !== NO_SERIES; slot = (slot + 1) & mask) {
      if (this.#hasPairs(this.#slots[slot]! - 1)) break;
    }
    return slot;
  }

  #hasPairs(series: number): boolean {
    const { starts, references } = this.#columns;
    const start = starts.get(series);
    const pairs = this.#pairs;
    if (starts.get(series + 1) - start !== pairs.length) return false;
    return pairs.every((pair, i) => references.get(start + i) === pair);
  }

  #addSeries(slot: number): number {
    const series = this.#seriesCount++;
    const { starts, references } = this.#columns;
    for (const pair of this.#pairs) {
      references.set(this.#referenceCount++, pair);
      this.#lists.append(this.#pairTails, pair, series);
    }
    starts.set(series + 1, this.#referenceCount);
    this.#slots[slot] = series + 1;
    if (this.#seriesCount * 2 > this.#slots.length) this.#growSlots();
    return series;
  }

  #growSlots(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let series = 0; series < this.#seriesCount; series++) {
      const pairs = this.pairsOf(series);
      let slot = hashWords(pairs, pairs.length, this.#seed) & mask;
      while (slots[slot] !== NO_SERIES) slot = (slot + 1) & mask;
      slots[slot] = series + 1;
    }
    this.#slots = slots;
  }

  /** −1 if the pair is new and may not be made. */
  #internPair(name: string, value: string, mayMake: boolean): number {
    const known = this.#names.get(name);
    if (known === undefined && !mayMake) return -1;
    const nameId = known ?? this.#addName(name);
    const length = this.#scratch.encode(value);
    const { bytes } = this.#scratch;
    const hash = this.#columns.pairHash(nameId, bytes, length);
    const pair = this.#columns.findPair(nameId, bytes, length, hash, this.#pairCount);
    return pair >= 0 || !mayMake ? pair : this.#addPair(nameId, bytes.subarray(0, length), hash);
  }

  #addName(name: string): number {
    const nameId = this.#names.size;
    this.#names.set(name, nameId);
    const text = encoder.encode(name);
    const { names } = this.#columns;
    const list = this.#lists.create();
    names.set(nameId * NAME_WORDS + TEXT_PLACE, this.#columns.text.append(text));
    names.set(nameId * NAME_WORDS + TEXT_LENGTH, text.length);
    names.set(nameId * NAME_WORDS + NAME_LIST, list);
    this.#nameTails.add(nameId, list);
    return nameId;
  }

  #addPair(nameId: number, text: Uint8Array, hash: number): number {
    const pair = this.#pairCount++;
    const { pairs } = this.#columns;
    const at = pair * PAIR_WORDS;
    const list = this.#lists.create();
    pairs.set(at + PAIR_NAME, nameId);
    pairs.set(at + PAIR_TEXT_PLACE, this.#columns.text.append(text));
    pairs.set(at + PAIR_TEXT_LENGTH, text.length);
    pairs.set(at + PAIR_HASH, hash);
    pairs.set(at + PAIR_LIST, list);
    this.#pairTails.add(pair, list);
    this.#columns.enterPair(pair, hash);
    this.#lists.append(this.#nameTails, nameId, pair);
    return pair;
  }
}

/** What stands as it stood in the last set, which was one, is not looked at again. */
function isLabelSet(labels: Labels, last: Labels, limits: TsdbLimits): boolean {
  const { length } = labels;
  if (length === 0 || length % 2 !== 0 || length > limits.labelsPerSeriesMax * 2) return false;
  for (let i = 0; i < length; i += 2) {
    const name = labels[i]!;
    const value = labels[i + 1]!;
    const isKnown = name === last[i];
    if (!isKnown && !isText(name, limits.labelNameBytesMax)) return false;
    if (!(isKnown && value === last[i + 1]) && !isText(value, limits.labelValueBytesMax))
      return false;
    const isOrdered = i === 0 || (isKnown && labels[i - 2] === last[i - 2]);
    if (!isOrdered && compareText(labels[i - 2]!, name) >= 0) return false;
  }
  return true;
}

/** UTF-8 takes at most three bytes a unit; the exact length matters only near the limit. */
function isText(text: string, bytesMax: number): boolean {
  if (text === "" || !isValidText(text)) return false;
  return text.length * 3 <= bytesMax || encoder.encode(text).length <= bytesMax;
}
