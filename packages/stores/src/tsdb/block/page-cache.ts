interface Entry {
  readonly value: unknown;
  readonly bytes: number;
}

const PAGES_PER_SECTION = 2 ** 24;

/**
 * Unpacked pages of all blocks of one reader, at most so many bytes; those that were not used for
 * the longest time go first.
 */
export class PageCache {
  readonly #maxBytes: number;
  readonly #entries = new Map<number, Entry>();
  #bytes = 0;
  #sections = 0;
  hits = 0;
  misses = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get sizeBytes(): number {
    return this.#bytes;
  }

  /** A number for each section of each file, for `get`. */
  newSection(): number {
    return this.#sections++;
  }

  get<Value>(section: number, page: number, load: () => { value: Value; bytes: number }): Value {
    const key = section * PAGES_PER_SECTION + page;
    const known = this.#entries.get(key);
    if (known) {
      this.hits++;
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known.value as Value;
    }
    this.misses++;
    const loaded = load();
    this.#entries.set(key, loaded);
    this.#bytes += loaded.bytes;
    if (this.#bytes > this.#maxBytes) this.#shed(key);
    return loaded.value;
  }

  #shed(keep: number): void {
    for (const [key, { bytes }] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return;
      if (key === keep) continue;
      this.#entries.delete(key);
      this.#bytes -= bytes;
    }
  }
}
