import { type Slabs, type SlabView, TextColumn, WordColumn } from "../memory/slabs.ts";
import { hashBytes } from "./hash.ts";

/**
 * The shared index. All of it only grows, and cells are written once, so any thread reads it up to
 * the counts that were published to it.
 *
 *   names       4 words each: text place, text length, list of its pairs, spare
 *   pairs       8 words each: name, text place, text length, hash, list of its series, spare × 3
 *   references  the pairs of series after series, in the order of their names
 *   starts      where each series' references begin; one more than there are series
 *   table       | mask | spare × 15 | pair + 1 … : open addressing by the pair's hash; grown by a
 *               new slab, the last one counts
 */
export const NAME_WORDS = 4;
export const PAIR_WORDS = 8;
export const TEXT_PLACE = 0;
export const TEXT_LENGTH = 1;
export const NAME_LIST = 2;
export const PAIR_NAME = 0;
export const PAIR_TEXT_PLACE = 1;
export const PAIR_TEXT_LENGTH = 2;
export const PAIR_HASH = 3;
export const PAIR_LIST = 4;

const TABLE_HEADER_WORDS = 16;
const FIRST_TABLE_SLOTS = 1 << 12;

export class IndexColumns {
  readonly text: TextColumn;
  readonly names: WordColumn;
  readonly pairs: WordColumn;
  readonly starts: WordColumn;
  readonly references: WordColumn;
  readonly #tables: readonly SlabView[];
  readonly #slabs: Slabs;
  readonly #seed: number;

  constructor(slabs: Slabs, seed: number) {
    this.#slabs = slabs;
    this.#seed = seed;
    this.text = new TextColumn(slabs);
    this.names = new WordColumn(slabs, "names");
    this.pairs = new WordColumn(slabs, "pairs");
    this.starts = new WordColumn(slabs, "starts");
    this.references = new WordColumn(slabs, "references");
    this.#tables = slabs.views("table");
  }

  /** Values are the first `length` bytes. */
  pairHash(name: number, value: Uint8Array, length: number): number {
    return hashBytes(value, 0, length, this.#seed ^ Math.imul(name + 1, 0x9e3779b1));
  }

  /** The pair with this hash, name and value; −1 if there is none among the first `pairCount`. */
  findPair(
    name: number,
    value: Uint8Array,
    length: number,
    hash: number,
    pairCount: number,
  ): number {
    const table = this.#tables.at(-1)?.words;
    if (!table) return -1;
    const mask = table[0]!;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const pair = table[TABLE_HEADER_WORDS + slot]! - 1;
      if (pair < 0) return -1;
      if (pair < pairCount && this.#isPair(pair, name, value, length, hash)) return pair;
    }
  }

  /** Writer only. The pair's record must stand. */
  enterPair(pair: number, hash: number): void {
    const slots = (this.#tables.at(-1)?.words[0] ?? -1) + 1;
    if ((pair + 1) * 2 > slots) this.#growTable(pair, Math.max(FIRST_TABLE_SLOTS, slots * 2));
    this.#enter(this.#tables.at(-1)!.words, pair, hash);
  }

  #growTable(pairCount: number, slots: number): void {
    const { words } = this.#slabs.allocate("table", (TABLE_HEADER_WORDS + slots) * 4);
    words[0] = slots - 1;
    for (let pair = 0; pair < pairCount; pair++) {
      this.#enter(words, pair, this.pairs.get(pair * PAIR_WORDS + PAIR_HASH));
    }
  }

  #enter(table: Uint32Array, pair: number, hash: number): void {
    const mask = table[0]!;
    let slot = hash & mask;
    while (table[TABLE_HEADER_WORDS + slot] !== 0) slot = (slot + 1) & mask;
    table[TABLE_HEADER_WORDS + slot] = pair + 1;
  }

  #isPair(pair: number, name: number, value: Uint8Array, length: number, hash: number): boolean {
    const at = pair * PAIR_WORDS;
    const { pairs } = this;
    return (
      pairs.get(at + PAIR_HASH) === hash &&
      pairs.get(at + PAIR_NAME) === name &&
      pairs.get(at + PAIR_TEXT_LENGTH) === length &&
      this.text.equals(pairs.get(at + PAIR_TEXT_PLACE), value, 0, length)
    );
  }
}
