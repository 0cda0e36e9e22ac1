import { compareText, type Labels } from "@hms-ops/model";
import { WordList } from "../memory/word-list.ts";
import { ByteWriter } from "./byte-writer.ts";
import {
  type BlockDirectory,
  PAIRS_PER_PAGE,
  POSTINGS_PER_PAGE,
  SERIES_HEADER_WORDS,
  SERIES_PER_PAGE,
} from "./layout.ts";
import type { PageFile } from "./pages.ts";

const timeCell = new Float64Array(1);
const timeWords = new Uint32Array(timeCell.buffer);

/**
 * Collects the series of a block, then writes the pages of its index. Label pairs get numbers as
 * they come and their final ones, in the order of name and value, at the end.
 */
export class IndexBuilder {
  readonly #pairs = new Map<string, Map<string, number>>();
  #pairCount = 0;
  /** Of each series: | chunks | pairs | from, 2 words | to, 2 words | pairs … | chunks … | */
  readonly #records = new WordList();
  readonly #starts = new WordList();

  get seriesCount(): number {
    return this.#starts.length;
  }

  addSeries(labels: Labels, fromMs: number, toMs: number, chunkWords: readonly number[]): void {
    const records = this.#records;
    this.#starts.push(records.length);
    records.push(chunkWords.length);
    records.push(labels.length / 2);
    this.#pushTime(fromMs);
    this.#pushTime(toMs);
    for (let i = 0; i < labels.length; i += 2) records.push(this.#pair(labels[i]!, labels[i + 1]!));
    for (const word of chunkWords) records.push(word);
  }

  /** The directory but for the tables of `chunks`. */
  async write(file: PageFile): Promise<Omit<BlockDirectory, "timePages" | "valuePages">> {
    const { names, order, ranks } = this.#sorted();
    const seriesPages = await this.#writeSeries(file, ranks);
    const { counts, places, postings } = this.#postings(ranks);
    const postingPages: number[] = [];
    for (let from = 0; from < postings.length; from += POSTINGS_PER_PAGE) {
      await file.write(bytesOf(postings.subarray(from, from + POSTINGS_PER_PAGE)), postingPages);
    }
    const pairPages = await writePairs(file, order, counts, places);
    return {
      seriesCount: this.seriesCount,
      pairCount: this.#pairCount,
      seriesPages,
      pairPages,
      postingPages,
      names,
    };
  }

  #pair(name: string, value: string): number {
    let values = this.#pairs.get(name);
    if (!values) {
      values = new Map();
      this.#pairs.set(name, values);
    }
    let pair = values.get(value);
    if (pair === undefined) {
      pair = this.#pairCount++;
      values.set(value, pair);
    }
    return pair;
  }

  #pushTime(timeMs: number): void {
    timeCell[0] = timeMs;
    this.#records.push(timeWords[0]!);
    this.#records.push(timeWords[1]!);
  }

  #sorted() {
    const names: { name: string; first: number; end: number }[] = [];
    const order: string[] = [];
    const ranks = new Uint32Array(this.#pairCount);
    for (const name of [...this.#pairs.keys()].sort(compareText)) {
      const first = order.length;
      const values = [...this.#pairs.get(name)!].sort(([a], [b]) => compareText(a, b));
      for (const [value, pair] of values) {
        ranks[pair] = order.length;
        order.push(value);
      }
      names.push({ name, first, end: order.length });
    }
    return { names, order, ranks };
  }

  async #writeSeries(file: PageFile, ranks: Uint32Array): Promise<number[]> {
    const table: number[] = [];
    const starts = this.#starts;
    for (let first = 0; first < this.seriesCount; first += SERIES_PER_PAGE) {
      const end = Math.min(first + SERIES_PER_PAGE, this.seriesCount);
      const from = starts.at(first);
      const to = end < this.seriesCount ? starts.at(end) : this.#records.length;
      const base = 1 + (end - first);
      const page = new Uint32Array(base + to - from);
      page[0] = end - first;
      this.#records.copyTo(page, base, from, to);
      for (let series = first; series < end; series++) {
        const at = base + starts.at(series) - from;
        page[1 + series - first] = at;
        const pairs = at + SERIES_HEADER_WORDS;
        for (let i = 0; i < page[at + 1]!; i++) page[pairs + i] = ranks[page[pairs + i]!]!;
      }
      await file.write(bytesOf(page), table);
    }
    return table;
  }

  /** Ordinals by pair, each list as differences; a list of one stands in its pair's `place`. */
  #postings(ranks: Uint32Array) {
    const counts = new Uint32Array(this.#pairCount);
    this.#eachPair(ranks, (pair) => {
      counts[pair]!++;
    });
    const places = new Uint32Array(this.#pairCount);
    let length = 0;
    for (let pair = 0; pair < counts.length; pair++) {
      if (counts[pair]! < 2) continue;
      places[pair] = length;
      length += counts[pair]!;
    }
    const postings = new Uint32Array(length);
    const filled = new Uint32Array(this.#pairCount);
    const latest = new Uint32Array(this.#pairCount);
    this.#eachPair(ranks, (pair, ordinal) => {
      if (counts[pair] === 1) {
        places[pair] = ordinal;
        return;
      }
      postings[places[pair]! + filled[pair]!++] = ordinal - latest[pair]!;
      latest[pair] = ordinal;
    });
    return { counts, places, postings };
  }

  #eachPair(ranks: Uint32Array, visit: (pair: number, ordinal: number) => void): void {
    const records = this.#records;
    for (let ordinal = 0; ordinal < this.seriesCount; ordinal++) {
      const at = this.#starts.at(ordinal);
      const pairs = at + SERIES_HEADER_WORDS;
      const end = pairs + records.at(at + 1);
      for (let i = pairs; i < end; i++) visit(ranks[records.at(i)]!, ordinal);
    }
  }
}

/** | n | count of each | place of each | length of each text | texts | */
async function writePairs(
  file: PageFile,
  values: readonly string[],
  counts: Uint32Array,
  places: Uint32Array,
): Promise<number[]> {
  const table: number[] = [];
  const encoder = new TextEncoder();
  const page = new ByteWriter();
  for (let first = 0; first < values.length; first += PAIRS_PER_PAGE) {
    const end = Math.min(first + PAIRS_PER_PAGE, values.length);
    const texts = values.slice(first, end).map((value) => encoder.encode(value));
    page.clear();
    page.u32(end - first);
    for (let pair = first; pair < end; pair++) page.u32(counts[pair]!);
    for (let pair = first; pair < end; pair++) page.u32(places[pair]!);
    for (const text of texts) page.u32(text.length);
    for (const text of texts) page.bytes(text);
    await file.write(page.take(), table);
  }
  return table;
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
