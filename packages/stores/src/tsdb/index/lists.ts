import { type Slabs, WordColumn } from "../memory/slabs.ts";

/**
 * Lists of rising numbers that only grow, read while they grow. A list is a chain of blocks:
 *   | next block | entry + 1 | entry + 1 | …
 * of 3, 7, 15 … 1,023 entries. Every cell is written once, from 0, so a reader meets either nothing
 * or the final word ([PIN2]); it stops at the first entry that is not published to it. A chain may
 * lead into a slab that the reader was not told of: nothing there is published to it either.
 */
const FIRST_CAPACITY = 3;
const CAPACITY_MAX = 1_023;

/** Block 0 is no block. */
const NO_LIST = 0;

export class ListReader {
  readonly #cells: WordColumn;

  constructor(slabs: Slabs) {
    this.#cells = new WordColumn(slabs, "lists");
  }

  /** Adds the entries in [from, end) to `into`. */
  collect(list: number, from: number, end: number, into: EntryList): void {
    let capacity = FIRST_CAPACITY;
    for (let block = list; block !== NO_LIST; block = this.#cells.peek(block)) {
      if (!this.#endsBefore(block, capacity, from)) {
        into.reserve(capacity);
        for (let i = 1; i <= capacity; i++) {
          const cell = this.#cells.peek(block + i);
          if (cell === 0 || cell > end) return;
          if (cell > from) into.entries[into.count++] = cell - 1;
        }
      }
      capacity = Math.min(capacity * 2 + 1, CAPACITY_MAX);
    }
  }

  /** Calls with every entry below `end`. */
  forEach(list: number, end: number, call: (entry: number) => void): void {
    let capacity = FIRST_CAPACITY;
    for (let block = list; block !== NO_LIST; block = this.#cells.peek(block)) {
      for (let i = 1; i <= capacity; i++) {
        const cell = this.#cells.peek(block + i);
        if (cell === 0 || cell > end) return;
        call(cell - 1);
      }
      capacity = Math.min(capacity * 2 + 1, CAPACITY_MAX);
    }
  }

  /** Keeps of rising entries, in place, those that the list has; answers how many. */
  intersect(list: number, entries: Uint32Array): number {
    let kept = 0;
    let next = 0;
    let capacity = FIRST_CAPACITY;
    for (let block = list; block !== NO_LIST; block = this.#cells.peek(block)) {
      if (next === entries.length) break;
      if (!this.#endsBefore(block, capacity, entries[next]!)) {
        for (let i = 1; i <= capacity && next < entries.length; i++) {
          const cell = this.#cells.peek(block + i);
          if (cell === 0) return kept;
          while (next < entries.length && entries[next]! < cell - 1) next++;
          if (entries[next] === cell - 1) {
            entries[kept++] = cell - 1;
            next++;
          }
        }
      }
      capacity = Math.min(capacity * 2 + 1, CAPACITY_MAX);
    }
    return kept;
  }

  /** How many entries its blocks have room for: no more are in it. */
  roomOf(list: number): number {
    let room = 0;
    let capacity = FIRST_CAPACITY;
    for (let block = list; block !== NO_LIST; block = this.#cells.peek(block)) {
      room += capacity;
      capacity = Math.min(capacity * 2 + 1, CAPACITY_MAX);
    }
    return room;
  }

  /** Whether the block is full and all of it is below an entry. */
  #endsBefore(block: number, capacity: number, entry: number): boolean {
    const last = this.#cells.peek(block + capacity);
    return last !== 0 && last <= entry;
  }
}

/** Entries as they are collected. */
export class EntryList {
  entries = new Uint32Array(64);
  count = 0;

  reserve(more: number): void {
    const needed = this.count + more;
    if (needed <= this.entries.length) return;
    const entries = new Uint32Array(Math.max(needed, 2 * this.entries.length));
    entries.set(this.entries);
    this.entries = entries;
  }

  /** Its own memory: valid until more is collected. */
  taken(): Uint32Array<ArrayBuffer> {
    return this.entries.subarray(0, this.count);
  }
}

/** All entries of rising lists; rising, none twice. The only one itself, not a copy. */
export function unionOf(lists: readonly Uint32Array[]): Uint32Array {
  const [only] = lists;
  if (only && lists.length === 1) return only;
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const list of lists) {
    all.set(list, end);
    end += list.length;
  }
  all.sort();
  return all.filter((entry, i) => i === 0 || entry !== all[i - 1]);
}

/** Where each list ends, for the one who appends. */
export class ListWriter {
  readonly #cells: WordColumn;
  #nextCell = 1;

  constructor(slabs: Slabs) {
    this.#cells = new WordColumn(slabs, "lists");
  }

  get sizeBytes(): number {
    return this.#nextCell * 4;
  }

  /** A new empty list; its first block. */
  create(): number {
    return this.#block(FIRST_CAPACITY);
  }

  append(tails: ListTails, list: number, entry: number): void {
    const { words } = tails;
    const tail = list * TAIL_WORDS;
    if (words[tail + USED] === words[tail + CAPACITY]) {
      const capacity = Math.min(words[tail + CAPACITY]! * 2 + 1, CAPACITY_MAX);
      const block = this.#block(capacity);
      this.#cells.set(words[tail]!, block);
      words[tail] = block;
      words[tail + USED] = 0;
      words[tail + CAPACITY] = capacity;
    }
    const used = words[tail + USED]! + 1;
    this.#cells.set(words[tail]! + used, entry + 1);
    words[tail + USED] = used;
  }

  #block(capacity: number): number {
    const block = this.#nextCell;
    this.#nextCell += capacity + 1;
    return block;
  }
}

const USED = 1;
const CAPACITY = 2;
const TAIL_WORDS = 3;

/** The last block of each of many lists, by number. Writer only. */
export class ListTails {
  words = new Uint32Array(TAIL_WORDS * 256);

  get sizeBytes(): number {
    return this.words.byteLength;
  }

  add(list: number, block: number): void {
    if ((list + 1) * TAIL_WORDS > this.words.length) {
      const words = new Uint32Array(this.words.length * 2);
      words.set(this.words);
      this.words = words;
    }
    this.words[list * TAIL_WORDS] = block;
    this.words[list * TAIL_WORDS + USED] = 0;
    this.words[list * TAIL_WORDS + CAPACITY] = FIRST_CAPACITY;
  }
}
