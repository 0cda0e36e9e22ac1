import type { ValueTest } from "../../matching.ts";
import {
  type IndexColumns,
  NAME_LIST,
  NAME_WORDS,
  PAIR_LIST,
  PAIR_NAME,
  PAIR_TEXT_LENGTH,
  PAIR_TEXT_PLACE,
  PAIR_WORDS,
} from "./index-layout.ts";
import { EntryList, type ListReader } from "./lists.ts";
import { SeriesBits } from "./series-bits.ts";

const encoder = new TextEncoder();

/** Walking a list beside the candidates beats looking at each up to so many entries a candidate. */
const WALK_RATIO = 16;
/** Fewer entries of several lists than one in so many series are sorted, not entered as bits. */
const SORT_RATIO = 64;
/** Labels with fewer values are tested anew by each query. */
const REMEMBERED_VALUES_MIN = 1_024;
/** Patterns whose values are remembered; at most 4 bytes a value each. */
const REMEMBERED_MAX = 16;

const UNTESTED = 0;
const ACCEPTED = 1;
const REFUSED = 2;

/** What matching needs of the index. */
export interface MatchedIndex {
  readonly columns: IndexColumns;
  readonly lists: ListReader;
  readonly seriesCount: number;
  readonly pairCount: number;
  /** −1 when no series has the label. */
  nameNumber(name: string): number;
  /** `isOneOfMany`: not worth keeping ready. */
  valueText(pair: number, isOneOfMany: boolean): string;
}

/** A value test bound to the index. */
interface BoundTest {
  readonly test: ValueTest;
  readonly name: number;
  /** The pairs that pass, where the test names them. */
  readonly exact: readonly number[] | undefined;
  /** How many series these may have. */
  readonly room: number;
  /** By pair; made when first needed. */
  verdicts: Uint8Array | undefined;
}

/** Pairs of a label that pass a pattern, as far as they were tested. */
interface Remembered {
  readonly accepted: EntryList;
  testedPairs: number;
}

/** Finds series by tests of their values; remembers what patterns said of labels with many values. */
export class SeriesMatch {
  readonly #index: MatchedIndex;
  readonly #remembered = new Map<string, Remembered>();

  constructor(index: MatchedIndex) {
    this.#index = index;
  }

  /** Series in [from, seriesCount) that pass all tests, rising. */
  match(tests: readonly ValueTest[], from: number): Uint32Array {
    const bound = tests.map((test) => this.#bind(test));
    const first = this.#firstOf(bound);
    if (!first) return this.#without(bound, from);
    let found = this.#union(first.exact ?? this.#pairsThat(first, true), from);
    for (const other of bound) {
      if (other === first) continue;
      if (found.length === 0) return found;
      found = this.#narrow(found, other);
    }
    return found;
  }

  /** The test from which to start: the one with the shortest lists, of those that need the label. */
  #firstOf(bound: readonly BoundTest[]): BoundTest | undefined {
    let best: BoundTest | undefined;
    for (const entry of bound) {
      if (!entry.test.acceptsAbsent && entry.exact && !(best && best.room <= entry.room)) {
        best = entry;
      }
    }
    if (best) return best;
    let fewest = Number.POSITIVE_INFINITY;
    for (const entry of bound) {
      if (entry.test.acceptsAbsent) continue;
      const values = entry.name < 0 ? 0 : this.#index.lists.roomOf(this.#listOfName(entry.name));
      if (values >= fewest) continue;
      best = entry;
      fewest = values;
    }
    return best;
  }

  /** All series without those that have a refused pair. */
  #without(bound: readonly BoundTest[], from: number): Uint32Array {
    const { columns, lists, seriesCount } = this.#index;
    const bits = new SeriesBits(seriesCount, true);
    const remove = (series: number) => bits.remove(series);
    for (const entry of bound) {
      for (const pair of this.#pairsThat(entry, false)) {
        lists.forEach(columns.pairs.get(pair * PAIR_WORDS + PAIR_LIST), seriesCount, remove);
      }
    }
    return bits.list(from);
  }

  /** The series of these pairs of one label: no series is in two lists. */
  #union(pairs: readonly number[] | Uint32Array, from: number): Uint32Array {
    const { columns, lists, seriesCount } = this.#index;
    const listOf = (i: number) => columns.pairs.get(pairs[i]! * PAIR_WORDS + PAIR_LIST);
    if (pairs.length <= seriesCount / SORT_RATIO) {
      const limit = pairs.length === 1 ? Number.POSITIVE_INFINITY : seriesCount / SORT_RATIO;
      const found = new EntryList();
      for (let i = 0; i < pairs.length && found.count <= limit; i++) {
        lists.collect(listOf(i), from, seriesCount, found);
      }
      if (found.count <= limit) return pairs.length > 1 ? found.taken().sort() : found.taken();
    }
    const bits = new SeriesBits(seriesCount);
    const add = (series: number) => bits.add(series);
    for (let i = 0; i < pairs.length; i++) lists.forEach(listOf(i), seriesCount, add);
    return bits.list(from);
  }

  /** Keeps, in place, those that pass. */
  #narrow(found: Uint32Array, entry: BoundTest): Uint32Array {
    const { test, exact, room } = entry;
    const [only] = exact ?? [];
    if (exact && !test.acceptsAbsent) {
      if (only === undefined) return found.subarray(0, 0);
      if (exact.length === 1 && room <= found.length * WALK_RATIO) {
        const list = this.#index.columns.pairs.get(only * PAIR_WORDS + PAIR_LIST);
        return found.subarray(0, this.#index.lists.intersect(list, found));
      }
    }
    let kept = 0;
    for (let i = 0; i < found.length; i++) {
      const series = found[i]!;
      if (this.#passes(series, entry)) found[kept++] = series;
    }
    return found.subarray(0, kept);
  }

  #bind(test: ValueTest): BoundTest {
    const name = this.#index.nameNumber(test.name);
    const exact = test.values && !test.acceptsAbsent ? this.#pairsOf(name, test.values) : undefined;
    const { columns, lists } = this.#index;
    const room = (exact ?? []).reduce(
      (sum, pair) => sum + lists.roomOf(columns.pairs.get(pair * PAIR_WORDS + PAIR_LIST)),
      0,
    );
    return { test, name, exact, room, verdicts: undefined };
  }

  #pairsOf(name: number, values: readonly string[]): readonly number[] {
    if (name < 0) return [];
    const { columns, pairCount } = this.#index;
    const pairs = new Set<number>();
    for (const value of values) {
      const text = encoder.encode(value);
      const hash = columns.pairHash(name, text, text.length);
      const pair = columns.findPair(name, text, text.length, hash, pairCount);
      if (pair >= 0) pairs.add(pair);
    }
    return [...pairs];
  }

  /** The label's pairs that pass, or those that do not. */
  #pairsThat(entry: BoundTest, isAccepted: boolean): readonly number[] | Uint32Array {
    const { test, name } = entry;
    if (name < 0) return [];
    if (test.refused && !isAccepted) return this.#pairsOf(name, test.refused);
    const key = `${isAccepted} ${name} ${test.key}`;
    const known = test.key === undefined ? undefined : this.#remembered.get(key);
    const result = known ?? { accepted: new EntryList(), testedPairs: 0 };
    const tested = this.#testNew(entry, isAccepted, result);
    if (test.key !== undefined && (known || tested >= REMEMBERED_VALUES_MIN)) {
      this.#remember(key, result);
    }
    return result.accepted.taken();
  }

  /** Pairs only come: what was tested once stays. Answers how many were tested now. */
  #testNew({ test, name }: BoundTest, isAccepted: boolean, result: Remembered): number {
    const { columns, lists, pairCount } = this.#index;
    const pairs = new EntryList();
    lists.collect(this.#listOfName(name), result.testedPairs, pairCount, pairs);
    const texts = test.refused ?? test.values;
    const named = texts && new Set(this.#pairsOf(name, texts));
    const prefix = encoder.encode(test.prefix);
    const { accepted } = result;
    accepted.reserve(pairs.count);
    for (const pair of pairs.taken()) {
      const passes = named
        ? named.has(pair) === (test.refused === undefined)
        : this.#hasPrefix(columns, pair, prefix) &&
          test.accepts(this.#index.valueText(pair, pairs.count >= REMEMBERED_VALUES_MIN));
      if (passes === isAccepted) accepted.entries[accepted.count++] = pair;
    }
    result.testedPairs = pairCount;
    return pairs.count;
  }

  #hasPrefix({ pairs, text }: IndexColumns, pair: number, prefix: Uint8Array): boolean {
    if (prefix.length === 0) return true;
    const at = pair * PAIR_WORDS;
    if (pairs.get(at + PAIR_TEXT_LENGTH) < prefix.length) return false;
    return text.equals(pairs.get(at + PAIR_TEXT_PLACE), prefix, 0, prefix.length);
  }

  #remember(key: string, result: Remembered): void {
    this.#remembered.delete(key);
    this.#remembered.set(key, result);
    if (this.#remembered.size <= REMEMBERED_MAX) return;
    for (const oldest of this.#remembered.keys()) {
      this.#remembered.delete(oldest);
      return;
    }
  }

  #listOfName(name: number): number {
    return this.#index.columns.names.get(name * NAME_WORDS + NAME_LIST);
  }

  #passes(series: number, entry: BoundTest): boolean {
    const { test, name, exact } = entry;
    const pair = name < 0 ? -1 : this.pairOf(series, name);
    if (pair < 0) return test.acceptsAbsent;
    return exact ? exact.includes(pair) : this.#accepts(entry, pair);
  }

  #accepts(entry: BoundTest, pair: number): boolean {
    entry.verdicts ??= new Uint8Array(this.#index.pairCount);
    const { verdicts } = entry;
    const known = verdicts[pair] ?? UNTESTED;
    if (known !== UNTESTED) return known === ACCEPTED;
    const accepted = entry.test.accepts(this.#index.valueText(pair, false));
    verdicts[pair] = accepted ? ACCEPTED : REFUSED;
    return accepted;
  }

  /** The pair that a series has of a label; −1 if none. */
  pairOf(series: number, name: number): number {
    const { starts, references, pairs } = this.#index.columns;
    const end = starts.get(series + 1);
    for (let i = starts.get(series); i < end; i++) {
      const pair = references.get(i);
      if (pairs.get(pair * PAIR_WORDS + PAIR_NAME) === name) return pair;
    }
    return -1;
  }
}
