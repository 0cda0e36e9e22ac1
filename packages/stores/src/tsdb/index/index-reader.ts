import type { Labels } from "@hms-ops/model";
import type { ValueTest } from "../../matching.ts";
import { SLAB_KINDS, type Slabs } from "../memory/slabs.ts";
import type { IndexNews } from "../ports.ts";
import {
  IndexColumns,
  NAME_LIST,
  NAME_WORDS,
  PAIR_LIST,
  PAIR_NAME,
  PAIR_TEXT_LENGTH,
  PAIR_TEXT_PLACE,
  PAIR_WORDS,
  TEXT_LENGTH,
  TEXT_PLACE,
} from "./index-layout.ts";
import { ListReader } from "./lists.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Texts kept ready; beyond it all are forgotten. About 100 bytes each. */
const CACHED_TEXTS_MAX = 65_536;
/** An accepted set of values beyond this is looked for series by series instead. */
const ACCEPTED_PAIRS_MAX = 4_096;

const UNTESTED = 0;
const ACCEPTED = 1;
const REFUSED = 2;

/** A value test bound to the index: remembers what it said of each pair. */
interface BoundTest {
  readonly test: ValueTest;
  /** −1 when no series has the label. */
  readonly name: number;
  readonly verdicts: Uint8Array;
}

/** Reads the shared index up to the counts it was told. In any thread. */
export class IndexReader {
  readonly #slabs: Slabs;
  readonly #columns: IndexColumns;
  readonly #lists: ListReader;
  readonly #names = new Map<string, number>();
  readonly #texts = new Map<number, string>();
  #seriesCount = 0;
  #pairCount = 0;

  constructor(slabs: Slabs, seed: number) {
    this.#slabs = slabs;
    this.#columns = new IndexColumns(slabs, seed);
    this.#lists = new ListReader(slabs);
  }

  get seriesCount(): number {
    return this.#seriesCount;
  }

  /** Answers may come out of order: counts never fall, and slabs that are known are skipped. */
  learn(news: IndexNews, knownWhenAsked: Readonly<Record<string, number>>): void {
    const { counts } = this.#slabs;
    for (const kind of SLAB_KINDS) {
      const skip = counts[kind] - (knownWhenAsked[kind] ?? 0);
      for (const memory of news.slabs[kind].slice(skip)) this.#slabs.add(kind, memory);
    }
    this.#seriesCount = Math.max(this.#seriesCount, news.seriesCount);
    this.#pairCount = Math.max(this.#pairCount, news.pairCount);
    this.#learnNames(news.nameCount);
  }

  /** Series in [from, seriesCount) that pass all tests, rising. */
  match(tests: readonly ValueTest[], from = 0): number[] {
    const bound = tests.map((test) => this.#bind(test));
    const candidates = this.#candidates(bound);
    const matched: number[] = [];
    if (candidates) {
      for (const series of candidates) {
        if (series >= from && this.#passes(series, bound)) matched.push(series);
      }
      return matched;
    }
    for (let series = from; series < this.#seriesCount; series++) {
      if (this.#passes(series, bound)) matched.push(series);
    }
    return matched;
  }

  labelsOf(series: number): Labels {
    const { starts, references } = this.#columns;
    const labels: string[] = [];
    for (let i = starts.get(series); i < starts.get(series + 1); i++) {
      labels.push(...this.pairText(references.get(i)));
    }
    return labels;
  }

  /** Name and value of a label pair. */
  pairText(pair: number): readonly [name: string, value: string] {
    const name = this.#columns.pairs.get(pair * PAIR_WORDS + PAIR_NAME);
    return [this.#nameText(name), this.#valueText(pair)];
  }

  labelNamesOf(series: readonly number[]): string[] {
    const { starts, references, pairs } = this.#columns;
    const names = new Set<number>();
    for (const one of series) {
      for (let i = starts.get(one); i < starts.get(one + 1); i++) {
        names.add(pairs.get(references.get(i) * PAIR_WORDS + PAIR_NAME));
      }
    }
    return [...names].map((name) => this.#nameText(name));
  }

  labelValuesOf(name: string, series: readonly number[]): string[] {
    const nameId = this.#names.get(name);
    if (nameId === undefined) return [];
    const values = new Set<number>();
    for (const one of series) {
      const pair = this.#pairOf(one, nameId);
      if (pair >= 0) values.add(pair);
    }
    return [...values].map((pair) => this.#valueText(pair));
  }

  /** The shortest list that holds every match; undefined if only looking at all series helps. */
  #candidates(bound: readonly BoundTest[]): readonly number[] | undefined {
    let best: number[] | undefined;
    for (const entry of bound) {
      if (entry.test.acceptsAbsent || !entry.test.values) continue;
      best = this.#shorter(this.#pairsAmong(entry.name, entry.test.values), best);
    }
    if (best) return best;
    for (const entry of bound) {
      if (entry.test.acceptsAbsent || entry.test.values) continue;
      const pairs = this.#acceptedPairs(entry);
      if (pairs) best = this.#shorter(pairs, best);
    }
    return best;
  }

  /** The series of these pairs, unless they are more than the best so far. */
  #shorter(pairs: readonly number[], best: number[] | undefined): number[] | undefined {
    const series: number[] = [];
    const limit = best?.length ?? Number.POSITIVE_INFINITY;
    for (const pair of pairs) {
      const list = this.#columns.pairs.get(pair * PAIR_WORDS + PAIR_LIST);
      if (!this.#lists.collect(list, this.#seriesCount, series, limit)) return best;
    }
    // The lists of one label's values share no series.
    if (pairs.length > 1) series.sort((a, b) => a - b);
    return series;
  }

  #pairsAmong(name: number, values: readonly string[]): number[] {
    if (name < 0) return [];
    const pairs = new Set<number>();
    for (const value of values) {
      const text = encoder.encode(value);
      const { length } = text;
      const hash = this.#columns.pairHash(name, text, length);
      const pair = this.#columns.findPair(name, text, length, hash, this.#pairCount);
      if (pair >= 0) pairs.add(pair);
    }
    return [...pairs];
  }

  #acceptedPairs(entry: BoundTest): readonly number[] | undefined {
    if (entry.name < 0) return [];
    const all: number[] = [];
    const list = this.#columns.names.get(entry.name * NAME_WORDS + NAME_LIST);
    this.#lists.collect(list, this.#pairCount, all);
    const accepted = all.filter((pair) => this.#accepts(entry, pair));
    return accepted.length <= ACCEPTED_PAIRS_MAX ? accepted : undefined;
  }

  #bind(test: ValueTest): BoundTest {
    const verdicts = new Uint8Array(this.#pairCount);
    return { test, name: this.#names.get(test.name) ?? -1, verdicts };
  }

  #passes(series: number, bound: readonly BoundTest[]): boolean {
    for (const entry of bound) {
      const pair = entry.name < 0 ? -1 : this.#pairOf(series, entry.name);
      if (pair < 0 ? !entry.test.acceptsAbsent : !this.#accepts(entry, pair)) return false;
    }
    return true;
  }

  #accepts({ test, verdicts }: BoundTest, pair: number): boolean {
    const known = verdicts[pair] ?? UNTESTED;
    if (known !== UNTESTED) return known === ACCEPTED;
    const accepted = test.accepts(this.#valueText(pair));
    verdicts[pair] = accepted ? ACCEPTED : REFUSED;
    return accepted;
  }

  #pairOf(series: number, name: number): number {
    const { starts, references, pairs } = this.#columns;
    for (let i = starts.get(series); i < starts.get(series + 1); i++) {
      const pair = references.get(i);
      if (pairs.get(pair * PAIR_WORDS + PAIR_NAME) === name) return pair;
    }
    return -1;
  }

  #learnNames(nameCount: number): void {
    for (let name = this.#names.size; name < nameCount; name++) {
      this.#names.set(this.#nameText(name), name);
    }
  }

  #nameText(name: number): string {
    const { names } = this.#columns;
    const at = name * NAME_WORDS;
    return this.#text(names.get(at + TEXT_PLACE), names.get(at + TEXT_LENGTH));
  }

  #valueText(pair: number): string {
    const { pairs } = this.#columns;
    const at = pair * PAIR_WORDS;
    return this.#text(pairs.get(at + PAIR_TEXT_PLACE), pairs.get(at + PAIR_TEXT_LENGTH));
  }

  #text(place: number, length: number): string {
    const known = this.#texts.get(place);
    if (known !== undefined) return known;
    const text = decoder.decode(this.#columns.text.get(place, length));
    if (this.#texts.size >= CACHED_TEXTS_MAX) this.#texts.clear();
    this.#texts.set(place, text);
    return text;
  }
}
