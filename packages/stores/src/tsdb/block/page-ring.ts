export interface RingEntry {
  /** Asked for since the hand last came by. */
  isUsed: boolean;
  /** The one that it is in; one that it was in before forgets it when the hand comes by. */
  ring: PageRing<RingEntry> | undefined;
}

/** Entries in a ring; a hand goes round and takes what was not asked for since its last visit. */
export class PageRing<Entry extends RingEntry = RingEntry> {
  #entries: Entry[] = [];
  #hand = 0;

  add(entry: Entry): void {
    entry.ring = this;
    this.#entries.push(entry);
  }

  /** It leaves the ring; undefined if there is none. */
  take(): Entry | undefined {
    const entries = this.#entries;
    while (entries.length > 0) {
      if (this.#hand >= entries.length) this.#hand = 0;
      const entry = entries[this.#hand]!;
      const isHere = entry.ring === this;
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

  /** Forgets those that are elsewhere by now. */
  sweep(): void {
    this.#entries = this.#entries.filter(({ ring }) => ring === this);
  }
}
