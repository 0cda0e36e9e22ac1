import { compareText, type Labels, type QueryBudget, type TimeRange } from "@hms-ops/model";
import type { DiskReader } from "../../disk/index.ts";
import type { ValueTest } from "../../matching.ts";
import {
  type BlockDirectory,
  CHUNK_WORDS,
  INDEX_MAGIC,
  PAIRS_PER_PAGE,
  POSTINGS_PER_PAGE,
  SERIES_HEADER_WORDS,
  SERIES_PER_PAGE,
} from "./layout.ts";
import { allOrdinals, intersect, OrdinalBits } from "./ordinals.ts";
import type { PageCache, PageSection } from "./page-cache.ts";
import { type PageTable, readPage } from "./pages.ts";
import { readDirectory } from "./trailer.ts";

const decoder = new TextDecoder();
const times = new Float64Array(2);
const timeWords = new Uint32Array(times.buffer);
/** A text in memory beside its characters. */
const TEXT_BYTES = 32;
/** How many values or series are looked at between two questions to the budget. */
const SPEND_EVERY = 1_000;

interface PairPage {
  readonly values: readonly string[];
  readonly counts: Uint32Array;
  readonly places: Uint32Array;
}

/** A series' record: words of its page, from `at` on. */
export interface SeriesRecord {
  readonly words: Uint32Array;
  readonly at: number;
}

/** The `index` file of a block: pages are read as they are needed. */
export class BlockIndex {
  readonly directory: BlockDirectory;
  readonly #file: DiskReader;
  readonly #name: string;
  readonly #cache: PageCache;
  readonly #sections: {
    readonly series: PageSection<Uint32Array>;
    readonly pairs: PageSection<PairPage>;
    readonly postings: PageSection<Uint32Array>;
  };
  readonly #names: ReadonlyMap<string, { readonly first: number; readonly end: number }>;
  /** The name of each pair, by search. */
  readonly #firsts: Uint32Array;

  constructor(file: DiskReader, name: string, cache: PageCache) {
    this.#file = file;
    this.#name = name;
    this.#cache = cache;
    this.directory = readDirectory(file, name, INDEX_MAGIC) as BlockDirectory;
    const { names, seriesPages, pairPages, postingPages } = this.directory;
    this.#sections = {
      series: cache.newSection(seriesPages.length / 2),
      pairs: cache.newSection(pairPages.length / 2),
      postings: cache.newSection(postingPages.length / 2),
    };
    this.#names = new Map(names.map((entry) => [entry.name, entry]));
    this.#firsts = Uint32Array.from(names, ({ first }) => first);
  }

  /** Its pages go; the file is its owner's. */
  close(): void {
    const { series, pairs, postings } = this.#sections;
    this.#cache.closeSection(series);
    this.#cache.closeSection(pairs);
    this.#cache.closeSection(postings);
  }

  get labelNames(): readonly string[] {
    return this.directory.names.map(({ name }) => name);
  }

  labelValues(name: string): readonly string[] {
    const range = this.#names.get(name);
    if (!range) return [];
    const values: string[] = [];
    for (let pair = range.first; pair < range.end; pair++) values.push(this.#value(pair));
    return values;
  }

  labelsOf(ordinal: number): Labels {
    const { words, at } = this.record(ordinal);
    const labels: string[] = [];
    const pairs = at + SERIES_HEADER_WORDS;
    for (let i = 0; i < words[at + 1]!; i++) {
      const pair = words[pairs + i]!;
      labels.push(this.#nameOf(pair), this.#value(pair));
    }
    return labels;
  }

  pairsOf(ordinal: number, into: Uint32Array): number {
    const { words, at } = this.record(ordinal);
    const count = words[at + 1]!;
    for (let i = 0; i < count; i++) into[i] = words[at + SERIES_HEADER_WORDS + i]!;
    return count;
  }

  pairText(pair: number): readonly [name: string, value: string] {
    return [this.#nameOf(pair), this.#value(pair)];
  }

  timesOf(ordinal: number): TimeRange {
    const { words, at } = this.record(ordinal);
    for (let i = 0; i < 4; i++) timeWords[i] = words[at + 2 + i]!;
    return { fromMs: times[0]!, toMs: times[1]! };
  }

  /** Where a series' chunk references begin, and how many there are. */
  chunksOf({ words, at }: SeriesRecord): { readonly from: number; readonly count: number } {
    const from = at + SERIES_HEADER_WORDS + words[at + 1]!;
    return { from, count: words[at]! / CHUNK_WORDS };
  }

  record(ordinal: number): SeriesRecord {
    const words = this.#words(this.#sections.series, this.directory.seriesPages, ordinal);
    return { words, at: words[1 + (ordinal % SERIES_PER_PAGE)]! };
  }

  /** Ordinals of the series that pass all tests, rising. */
  match(tests: readonly ValueTest[], budget: QueryBudget): Uint32Array {
    const { seriesCount } = this.directory;
    let found: Uint32Array | undefined;
    const bits: { readonly set: OrdinalBits; readonly isIn: boolean }[] = [];
    for (const test of tests) {
      const pairs = this.#pairsFor(test, budget);
      const [only] = pairs;
      if (!test.acceptsAbsent && only === undefined) return new Uint32Array(0);
      if (!test.acceptsAbsent && only !== undefined && pairs.length === 1) {
        const list = this.#posting(only);
        found = found ? intersect(found, list) : list;
        continue;
      }
      if (pairs.length === 0) continue;
      const set = new OrdinalBits(seriesCount);
      for (const pair of pairs) for (const ordinal of this.#posting(pair)) set.add(ordinal);
      bits.push({ set, isIn: !test.acceptsAbsent });
    }
    const [first] = bits;
    if (!found && first) found = first.set.list(first.isIn);
    found ??= allOrdinals(seriesCount);
    budget.spend(0, found.length * 4);
    for (const { set, isIn } of bits) found = found.filter((ordinal) => set.has(ordinal) === isIn);
    return found;
  }

  /**
   * The label's pairs that pass; of a test that a series without the label passes, those that do
   * not.
   */
  #pairsFor(test: ValueTest, budget: QueryBudget): readonly number[] {
    const range = this.#names.get(test.name);
    if (!range) return [];
    if (!test.acceptsAbsent && test.values) {
      return test.values.map((value) => this.#find(range, value)).filter((pair) => pair >= 0);
    }
    const pairs: number[] = [];
    for (let pair = range.first; pair < range.end; pair++) {
      if ((pair - range.first) % SPEND_EVERY === 0) budget.spend(0, 0);
      if (test.accepts(this.#value(pair)) !== test.acceptsAbsent) pairs.push(pair);
    }
    return pairs;
  }

  /** −1 if no series has it. */
  #find({ first, end }: { readonly first: number; readonly end: number }, value: string): number {
    let low = first;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareText(this.#value(middle), value) < 0) low = middle + 1;
      else high = middle;
    }
    return low < end && this.#value(low) === value ? low : -1;
  }

  #posting(pair: number): Uint32Array {
    const page = this.#pairPage(pair);
    const count = page.counts[pair % PAIRS_PER_PAGE]!;
    const place = page.places[pair % PAIRS_PER_PAGE]!;
    if (count === 1) return Uint32Array.of(place);
    const list = new Uint32Array(count);
    let ordinal = 0;
    let i = 0;
    while (i < count) {
      const number = Math.floor((place + i) / POSTINGS_PER_PAGE);
      const words = this.#pageWords(this.#sections.postings, this.directory.postingPages, number);
      for (let at = (place + i) % POSTINGS_PER_PAGE; at < words.length && i < count; at++, i++) {
        ordinal += words[at]!;
        list[i] = ordinal;
      }
    }
    return list;
  }

  #nameOf(pair: number): string {
    let low = 0;
    let high = this.#firsts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#firsts[middle]! <= pair) low = middle + 1;
      else high = middle;
    }
    return this.directory.names[low - 1]!.name;
  }

  #value(pair: number): string {
    return this.#pairPage(pair).values[pair % PAIRS_PER_PAGE]!;
  }

  #pairPage(pair: number): PairPage {
    const number = Math.floor(pair / PAIRS_PER_PAGE);
    return this.#cache.get(this.#sections.pairs, number, () => {
      const page = readPairPage(this.#read(this.directory.pairPages, number));
      return { value: page, bytes: pageBytes(page) };
    });
  }

  #words(section: PageSection<Uint32Array>, table: PageTable, ordinal: number): Uint32Array {
    return this.#pageWords(section, table, Math.floor(ordinal / SERIES_PER_PAGE));
  }

  #pageWords(section: PageSection<Uint32Array>, table: PageTable, number: number): Uint32Array {
    return this.#cache.get(section, number, () => {
      const bytes = this.#read(table, number);
      return { value: wordsOf(bytes), bytes: bytes.length };
    });
  }

  #read(table: PageTable, page: number): Uint8Array<ArrayBuffer> {
    return readPage(this.#file, this.#name, table, page);
  }
}

function readPairPage(bytes: Uint8Array<ArrayBuffer>): PairPage {
  const words = wordsOf(bytes.subarray(0, bytes.length - (bytes.length % 4)));
  const count = words[0]!;
  const lengths = words.subarray(1 + 2 * count, 1 + 3 * count);
  let at = 4 * (1 + 3 * count);
  const values = Array.from(lengths, (length) => {
    const text = decoder.decode(bytes.subarray(at, at + length));
    at += length;
    return text;
  });
  return {
    values,
    counts: words.slice(1, 1 + count),
    places: words.slice(1 + count, 1 + 2 * count),
  };
}

function pageBytes({ values, counts }: PairPage): number {
  const texts = values.reduce((sum, value) => sum + TEXT_BYTES + value.length, 0);
  return texts + 8 * counts.length;
}

function wordsOf(bytes: Uint8Array<ArrayBuffer>): Uint32Array {
  return bytes.byteOffset % 4 === 0
    ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2)
    : new Uint32Array(bytes.slice().buffer);
}
