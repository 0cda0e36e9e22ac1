import { PageRing, type RingEntry } from "./page-ring.ts";
import type { PageShare } from "./page-share.ts";

/** A read of more series is a scan. */
const KEPT_SERIES_MAX = 200;
/** Part of all bytes that scans leave to the pages of smaller reads. */
const KEPT_SHARE = 1 / 4;

interface Entry extends RingEntry {
  readonly section: PageSection<unknown>;
  readonly page: number;
  readonly value: unknown;
  readonly bytes: number;
}

/** The pages of one kind of a file, for `get`. */
export interface PageSection<Value> {
  /** Those that are kept. */
  readonly pages: (Entry | undefined)[];
  readonly giveBack: ((value: Value) => void) | undefined;
}

/**
 * Unpacked pages of all blocks of one reader, at most so many bytes: all readers that have a share
 * of them together, others alone. A hand goes round: what was not asked for since its last visit
 * goes (second chance), so that a hit costs no bookkeeping. A scan of very many series reads more
 * pages than there is room for, each once: it displaces those of other scans, and only beyond their
 * part those that smaller reads asked for.
 */
export class PageCache {
  #isScan = false;
  readonly #maxBytes: number;
  readonly #share: PageShare | undefined;
  readonly #scanned = new PageRing<Entry>();
  /** Scans do not displace these. */
  readonly #kept = new PageRing<Entry>();
  #bytes = 0;
  #keptBytes = 0;
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
   * Of so many pages. With `giveBack` a page's memory goes when the page does, and nobody may hold
   * one of them across the next `get`: the collector would mark the thread's whole heap for each
   * 64 MB of them.
   */
  newSection<Value>(pages: number, giveBack?: (value: Value) => void): PageSection<Value> {
    // An array that grew by its high places would be a hash table.
    return { pages: new Array<Entry | undefined>(pages).fill(undefined), giveBack };
  }

  /** Its pages go; nobody may ask for them any more. */
  closeSection<Value>({ pages }: PageSection<Value>): void {
    for (const entry of pages) if (entry) this.#forget(entry);
    this.#scanned.sweep();
    this.#kept.sweep();
  }

  /** Runs a read of so many series. */
  reading<Result>(seriesCount: number, read: () => Result): Result {
    this.#isScan = seriesCount > KEPT_SERIES_MAX;
    try {
      return read();
    } finally {
      this.#isScan = false;
    }
  }

  /** Hot. */
  get<Value>(
    section: PageSection<Value>,
    page: number,
    load: () => { value: Value; bytes: number },
  ): Value {
    const known = section.pages[page];
    if (known) {
      this.hits++;
      known.isUsed = true;
      if (!this.#isScan && known.ring !== this.#kept) this.#keep(known);
      return known.value as Value;
    }
    this.misses++;
    const loaded = load();
    this.#bytes += loaded.bytes;
    this.#shed();
    const owner = section as PageSection<unknown>;
    const entry: Entry = { section: owner, page, ...loaded, isUsed: true, ring: undefined };
    section.pages[page] = entry;
    if (this.#isScan) this.#scanned.add(entry);
    else this.#keep(entry);
    return loaded.value;
  }

  #keep(entry: Entry): void {
    this.#keptBytes += entry.bytes;
    this.#kept.add(entry);
  }

  #shed(): void {
    const most = this.#share?.mayKeep(this.#bytes, this.#maxBytes) ?? this.#maxBytes;
    while (this.#bytes > most) {
      const isKeptOver = this.#keptBytes > most * KEPT_SHARE;
      const entry = isKeptOver
        ? (this.#kept.take() ?? this.#scanned.take())
        : (this.#scanned.take() ?? this.#kept.take());
      if (!entry) return;
      this.#forget(entry);
    }
  }

  #forget(entry: Entry): void {
    const { section, page, value, bytes } = entry;
    this.#bytes -= bytes;
    if (entry.ring === this.#kept) this.#keptBytes -= bytes;
    entry.ring = undefined;
    section.pages[page] = undefined;
    section.giveBack?.(value);
  }
}
