interface Entry {
  isUsed: boolean;
}

/** Entries in a ring; a hand goes round and takes what was not asked for since its last visit. */
export class PageRing<Page extends Entry> {
  readonly #entries: Page[] = [];
  /** An entry that belongs elsewhere by now leaves the ring when the hand comes by. */
  readonly #belongs: (entry: Page) => boolean;
  #hand = 0;

  constructor(belongs: (entry: Page) => boolean) {
    this.#belongs = belongs;
  }

  add(entry: Page): void {
    this.#entries.push(entry);
  }

  /** It leaves the ring; undefined if there is none. */
  take(): Page | undefined {
    const entries = this.#entries;
    while (entries.length > 0) {
      if (this.#hand >= entries.length) this.#hand = 0;
      const entry = entries[this.#hand]!;
      const isHere = this.#belongs(entry);
      if (isHere && entry.isUsed) {
        entry.isUsed = false;
        this.#hand++;
        continue;
      }
      const last = entries.pop()!;
      if (last !== entry) entries[this.#hand] = last;
      if (isHere) return entry;
    }
    return undefined;
  }
}
