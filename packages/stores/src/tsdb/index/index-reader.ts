import type { Labels } from "@hms-ops/model";
import type { ValueTest } from "../../matching.ts";
import { SLAB_KINDS, type Slabs } from "../memory/slabs.ts";
import type { IndexNews } from "../ports.ts";
import {
  IndexColumns,
  NAME_WORDS,
  PAIR_NAME,
  PAIR_TEXT_LENGTH,
  PAIR_TEXT_PLACE,
  PAIR_WORDS,
  TEXT_LENGTH,
  TEXT_PLACE,
} from "./index-layout.ts";
import { ListReader, unionOf } from "./lists.ts";
import { type MatchedIndex, SeriesMatch } from "./series-match.ts";

const decoder = new TextDecoder();

/** Texts kept ready; beyond it all are forgotten. About 100 bytes each. */
const CACHED_TEXTS_MAX = 65_536;

/** Reads the shared index up to the counts it was told. In any thread. */
export class IndexReader {
  readonly #slabs: Slabs;
  readonly #columns: IndexColumns;
  readonly #match: SeriesMatch;
  readonly #names = new Map<string, number>();
  readonly #texts = new Map<number, string>();
  #seriesCount = 0;
  #pairCount = 0;

  constructor(slabs: Slabs, seed: number) {
    this.#slabs = slabs;
    this.#columns = new IndexColumns(slabs, seed);
    this.#match = new SeriesMatch(this.#matched(new ListReader(slabs)));
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

  /** −1 if no series has such a label. */
  nameNumber(name: string): number {
    return this.#names.get(name) ?? -1;
  }

  nameText(name: number): string {
    return this.#nameText(name);
  }

  /** Number of the name of a pair. */
  nameOf(pair: number): number {
    return this.#columns.pairs.get(pair * PAIR_WORDS + PAIR_NAME);
  }

  valueBytesOf(pair: number): number {
    return this.#columns.pairs.get(pair * PAIR_WORDS + PAIR_TEXT_LENGTH);
  }

  /** How many series have each pair. */
  seriesByPair(): Uint32Array {
    const { starts, references } = this.#columns;
    const counts = new Uint32Array(this.#pairCount);
    const end = this.#seriesCount === 0 ? 0 : starts.get(this.#seriesCount);
    for (let i = 0; i < end; i++) counts[references.get(i)]!++;
    return counts;
  }

  /** Where a series' pairs begin among all references; those of the next one end them. */
  startOf(series: number): number {
    return this.#columns.starts.get(series);
  }

  pairAt(reference: number): number {
    return this.#columns.references.get(reference);
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
  match(tests: readonly ValueTest[], from = 0): Uint32Array {
    return this.#match.match(tests, from);
  }

  /** As `match`, of series that pass all tests of one of the sets; of no sets, all. */
  matchAny(sets: readonly (readonly ValueTest[])[], from = 0): Uint32Array {
    const asked = sets.length > 0 ? sets : [[]];
    return unionOf(asked.map((tests) => this.match(tests, from)));
  }

  labelsOf(series: number): Labels {
    const { starts, references } = this.#columns;
    const labels: string[] = [];
    for (let i = starts.get(series); i < starts.get(series + 1); i++) {
      labels.push(...this.pairText(references.get(i)));
    }
    return labels;
  }

  /** Puts a series' pairs into `into`, as many as there is room for; answers how many it has. */
  pairsOf(series: number, into: Uint32Array): number {
    const { starts, references } = this.#columns;
    const start = starts.get(series);
    const count = starts.get(series + 1) - start;
    const most = Math.min(count, into.length);
    for (let i = 0; i < most; i++) into[i] = references.get(start + i);
    return count;
  }

  /** Name and value of a label pair. */
  pairText(pair: number): readonly [name: string, value: string] {
    const name = this.#columns.pairs.get(pair * PAIR_WORDS + PAIR_NAME);
    return [this.#nameText(name), this.#valueText(pair)];
  }

  labelNamesOf(series: Iterable<number>): string[] {
    const { starts, references, pairs } = this.#columns;
    const names = new Set<number>();
    for (const one of series) {
      for (let i = starts.get(one); i < starts.get(one + 1); i++) {
        names.add(pairs.get(references.get(i) * PAIR_WORDS + PAIR_NAME));
      }
    }
    return [...names].map((name) => this.#nameText(name));
  }

  labelValuesOf(name: string, series: Iterable<number>): string[] {
    const nameId = this.#names.get(name);
    if (nameId === undefined) return [];
    const values = new Set<number>();
    for (const one of series) {
      const pair = this.#match.pairOf(one, nameId);
      if (pair >= 0) values.add(pair);
    }
    return [...values].map((pair) => this.#valueText(pair));
  }

  /** What matching sees of this index: always as much as was learnt. */
  #matched(lists: ListReader): MatchedIndex {
    const reader = this;
    return {
      columns: this.#columns,
      lists,
      get seriesCount() {
        return reader.#seriesCount;
      },
      get pairCount() {
        return reader.#pairCount;
      },
      nameNumber: (name) => this.#names.get(name) ?? -1,
      valueText: (pair, isOneOfMany) =>
        isOneOfMany ? this.#decodedValue(pair) : this.#valueText(pair),
    };
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

  #decodedValue(pair: number): string {
    const { pairs, text } = this.#columns;
    const at = pair * PAIR_WORDS;
    return decoder.decode(
      text.get(pairs.get(at + PAIR_TEXT_PLACE), pairs.get(at + PAIR_TEXT_LENGTH)),
    );
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
