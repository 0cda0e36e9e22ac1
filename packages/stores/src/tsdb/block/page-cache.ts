import type { PageShare } from "./page-share.ts";

interface Entry {
  readonly section: number;
  readonly page: number;
  readonly value: unknown;
  readonly bytes: number;
  /** Asked for since the hand last came by. */
  isUsed: boolean;
}

/**
 * Unpacked pages of all blocks of one reader, at most so many bytes: all readers that have a share
 * of them together, others alone. A hand goes round: what was
 * not asked for since its last visit goes (second chance), so that a hit costs no bookkeeping.
 */
export class PageCache {
  readonly #maxBytes: number;
  readonly #share: PageShare | undefined;
  /** By section, by page. */
  readonly #sections: (Entry | undefined)[][] = [];
  /** By section. */
  readonly #giveBacks: (((value: unknown) => void) | undefined)[] = [];
  readonly #ring: Entry[] = [];
  #hand = 0;
  #bytes = 0;
  hits = 0;
  misses = 0;

  constructor(maxBytes: number, share?: PageShare) {
    this.#maxBytes = maxBytes;
    this.#share = share;
  }

  get sizeBytes(): number {
    return this.#bytes;
  }

  /**
   * A number for each section of each file, for `get`: of so many pages. With `giveBack` a page's
   * memory goes when the page does, and nobody may hold one of them across the next `get`. (The
   * collector would free thousands at once, and malloc, whose lists all threads share, would make
   * the next small question wait while it sorts them: 1 ms.)
   */
  newSection<Value>(pages: number, giveBack?: (value: Value) => void): number {
    this.#giveBacks.push(giveBack as ((value: unknown) => void) | undefined);
    // An array that grew by its high places would be a hash table.
    return this.#sections.push(new Array<Entry | undefined>(pages).fill(undefined)) - 1;
  }

  /** Hot. */
  get<Value>(section: number, page: number, load: () => { value: Value; bytes: number }): Value {
    const pages = this.#sections[section]!;
    const known = pages[page];
    if (known) {
      this.hits++;
      known.isUsed = true;
      return known.value as Value;
    }
    this.misses++;
    const loaded = load();
    const entry = { section, page, ...loaded, isUsed: true };
    pages[page] = entry;
    this.#bytes += loaded.bytes;
    this.#shed();
    this.#ring.push(entry);
    return loaded.value;
  }

  #shed(): void {
    const ring = this.#ring;
    const most = this.#share?.mayKeep(this.#bytes, this.#maxBytes) ?? this.#maxBytes;
    while (this.#bytes > most && ring.length > 0) {
      if (this.#hand >= ring.length) this.#hand = 0;
      const entry = ring[this.#hand]!;
      if (entry.isUsed) {
        entry.isUsed = false;
        this.#hand++;
        continue;
      }
      this.#bytes -= entry.bytes;
      this.#sections[entry.section]![entry.page] = undefined;
      this.#giveBacks[entry.section]?.(entry.value);
      const last = ring.pop()!;
      if (last !== entry) ring[this.#hand] = last;
    }
  }
}
