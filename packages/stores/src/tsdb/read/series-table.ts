import type { Labels } from "@hms-ops/model";
import { hashWords } from "../index/hash.ts";
import type { IndexReader } from "../index/index-reader.ts";
import type { OpenBlock } from "./open-blocks.ts";

/** After a query that leaves more all are forgotten. About 0.1 kB each, of every reader. */
const TABLE_SERIES_MAX = 262_144;

const FIRST_SERIES = 1_024;
/** Pairs of a series, until some are known. */
const TUPLE_WORDS = 8;

/** What head and blocks tell of their series: pairs by numbers of their own. */
interface SeriesSource {
  /** Puts a series' pairs into `into`, as many as there is room for; answers how many it has. */
  pairsOf(series: number, into: Uint32Array): number;
  pairText(pair: number): readonly [name: string, value: string];
}

/** The table's numbers + 1 by the source's numbers; 0 = not asked for yet. */
interface SourceNumbers {
  series: Uint32Array<ArrayBuffer>;
  pairs: Uint32Array<ArrayBuffer>;
}

/**
 * Gives the label sets of head and blocks numbers, so that they are joined without their texts. A
 * set is a tuple of pair numbers in typed arrays; what a block's ordinal or the head's id stands for
 * is remembered. One reader's own.
 */
export class SeriesTable {
  readonly #index: IndexReader;
  readonly #seed: number;
  readonly #pairNumbers = new Map<string, Map<string, number>>();
  /** Name, value, name, value … */
  readonly #pairTexts: string[] = [];
  /** Tuples, one after the other. */
  #tuples = new Uint32Array(FIRST_SERIES * TUPLE_WORDS);
  #starts = new Uint32Array(FIRST_SERIES + 1);
  #hashes = new Uint32Array(FIRST_SERIES);
  #slots = new Uint32Array(FIRST_SERIES * 2);
  #count = 0;
  readonly #labels: (Labels | undefined)[] = [];
  readonly #head = newNumbers();
  /** By name. */
  readonly #blocks = new Map<string, SourceNumbers>();
  #tuple = new Uint32Array(64);

  constructor(index: IndexReader, seed: number) {
    this.#index = index;
    this.#seed = seed;
  }

  get seriesCount(): number {
    return this.#count;
  }

  /** Whether a new table should take its place, lest what nobody asks for again stays for good. */
  get isLarge(): boolean {
    return this.#count > TABLE_SERIES_MAX;
  }

  /** Forgets what the ordinals of other blocks stand for. */
  keepBlocks(names: ReadonlySet<string>): void {
    for (const name of this.#blocks.keys()) if (!names.has(name)) this.#blocks.delete(name);
  }

  ofHead(ids: Uint32Array): Uint32Array {
    const { seriesCount, pairCount } = this.#index;
    widen(this.#head, seriesCount, pairCount);
    return this.#numbersOf(this.#index, this.#head, ids);
  }

  /** Throws what reading the block throws. */
  ofBlock({ name, block }: OpenBlock, ordinals: Uint32Array): Uint32Array {
    const known = this.#blocks.get(name) ?? newNumbers();
    this.#blocks.set(name, known);
    widen(known, block.meta.seriesCount, block.pairCount);
    return this.#numbersOf(block, known, ordinals);
  }

  /** The same array at every call. */
  labelsOf(series: number): Labels {
    const known = this.#labels[series];
    if (known) return known;
    const start = this.#starts[series]!;
    const end = this.#starts[series + 1]!;
    // A growing array would keep more room ahead than most sets take.
    const labels = new Array<string>(2 * (end - start));
    for (let i = start, at = 0; i < end; i++) {
      const pair = this.#tuples[i]!;
      labels[at++] = this.#pairTexts[2 * pair]!;
      labels[at++] = this.#pairTexts[2 * pair + 1]!;
    }
    this.#labels[series] = labels;
    return labels;
  }

  get pairCount(): number {
    return this.#pairTexts.length / 2;
  }

  /** Puts a series' pairs into `into`, as many as there is room for; answers how many it has. */
  pairsOf(series: number, into: Uint32Array): number {
    const start = this.#starts[series]!;
    const count = this.#starts[series + 1]! - start;
    const most = Math.min(count, into.length);
    for (let i = 0; i < most; i++) into[i] = this.#tuples[start + i]!;
    return count;
  }

  pairText(pair: number): readonly [name: string, value: string] {
    return [this.#pairTexts[2 * pair]!, this.#pairTexts[2 * pair + 1]!];
  }

  /** Adds the values that the series have for a label. */
  addValues(name: string, numbers: Uint32Array, into: Set<string>): void {
    for (const pair of this.#pairsOf(numbers)) {
      if (this.#pairTexts[2 * pair] === name) into.add(this.#pairTexts[2 * pair + 1]!);
    }
  }

  addNames(numbers: Uint32Array, into: Set<string>): void {
    for (const pair of this.#pairsOf(numbers)) into.add(this.#pairTexts[2 * pair]!);
  }

  /** Every pair of the series, once. */
  #pairsOf(numbers: Uint32Array): readonly number[] {
    const isSeen = new Uint8Array(this.#pairTexts.length / 2);
    const pairs: number[] = [];
    for (const series of numbers) {
      for (let i = this.#starts[series]!; i < this.#starts[series + 1]!; i++) {
        const pair = this.#tuples[i]!;
        if (isSeen[pair] === 1) continue;
        isSeen[pair] = 1;
        pairs.push(pair);
      }
    }
    return pairs;
  }

  #numbersOf(source: SeriesSource, known: SourceNumbers, list: Uint32Array): Uint32Array {
    const numbers = new Uint32Array(list.length);
    const { series } = known;
    this.#reserve(list.length);
    for (let i = 0; i < list.length; i++) {
      const one = list[i]!;
      if (series[one] === 0) series[one] = this.#intern(source, known, one) + 1;
      numbers[i] = series[one]! - 1;
    }
    return numbers;
  }

  /** Many series at once: growing step by step would leave twice as much as garbage. */
  #reserve(seriesCount: number): void {
    const known = this.#count;
    if (seriesCount <= known) return;
    const tupleWords = known > 0 ? this.#starts[known]! / known : 0;
    this.#hashes = widened(this.#hashes, seriesCount);
    this.#starts = widened(this.#starts, seriesCount + 1);
    this.#tuples = widened(this.#tuples, Math.ceil(seriesCount * (tupleWords || TUPLE_WORDS)));
    let slots = this.#slots.length;
    while (slots < seriesCount * 2) slots *= 2;
    if (slots > this.#slots.length) this.#growSlots(slots);
  }

  #intern(source: SeriesSource, { pairs }: SourceNumbers, series: number): number {
    let count = source.pairsOf(series, this.#tuple);
    if (count > this.#tuple.length) {
      this.#tuple = new Uint32Array(2 * count);
      count = source.pairsOf(series, this.#tuple);
    }
    const tuple = this.#tuple;
    for (let i = 0; i < count; i++) {
      const pair = tuple[i]!;
      if (pairs[pair] === 0) pairs[pair] = this.#internPair(...source.pairText(pair)) + 1;
      tuple[i] = pairs[pair]! - 1;
    }
    return this.#internTuple(count);
  }

  #internPair(name: string, value: string): number {
    let values = this.#pairNumbers.get(name);
    if (!values) {
      values = new Map();
      this.#pairNumbers.set(name, values);
    }
    const known = values.get(value);
    if (known !== undefined) return known;
    const number = this.#pairTexts.length / 2;
    values.set(value, number);
    this.#pairTexts.push(name, value);
    return number;
  }

  #internTuple(count: number): number {
    const hash = hashWords(this.#tuple, count, this.#seed);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const series = this.#slots[slot]! - 1;
      if (this.#hashes[series] === hash && this.#isTuple(series, count)) return series;
    }
    const series = this.#count++;
    this.#slots[slot] = series + 1;
    const start = this.#starts[series]!;
    this.#hashes = widened(this.#hashes, series + 1);
    this.#starts = widened(this.#starts, series + 2);
    this.#tuples = widened(this.#tuples, start + count);
    this.#hashes[series] = hash;
    this.#starts[series + 1] = start + count;
    this.#tuples.set(this.#tuple.subarray(0, count), start);
    if (this.#count * 2 > this.#slots.length) this.#growSlots(this.#slots.length * 2);
    return series;
  }

  #isTuple(series: number, count: number): boolean {
    const start = this.#starts[series]!;
    if (this.#starts[series + 1]! - start !== count) return false;
    for (let i = 0; i < count; i++) if (this.#tuples[start + i] !== this.#tuple[i]) return false;
    return true;
  }

  #growSlots(count: number): void {
    const slots = new Uint32Array(count);
    const mask = slots.length - 1;
    for (let series = 0; series < this.#count; series++) {
      let slot = this.#hashes[series]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = series + 1;
    }
    this.#slots = slots;
  }
}

function newNumbers(): SourceNumbers {
  return { series: new Uint32Array(0), pairs: new Uint32Array(0) };
}

function widen(numbers: SourceNumbers, seriesCount: number, pairCount: number): void {
  numbers.series = widened(numbers.series, seriesCount);
  numbers.pairs = widened(numbers.pairs, pairCount);
}

function widened(words: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  if (length <= words.length) return words;
  const wider = new Uint32Array(Math.max(length, words.length + (words.length >>> 1)));
  wider.set(words);
  return wider;
}
