import { PageRing } from "./page-ring.ts";
import type { PageShare } from "./page-share.ts";

/** A read of more series is a scan. */
const KEPT_SERIES_MAX = 1_000;
/** Part of all bytes that scans leave to the pages of smaller reads. */
const KEPT_SHARE = 1 / 4;

interface Entry {
  readonly section: number;
  readonly page: number;
  readonly value: unknown;
  readonly bytes: number;
  /** Asked for since the hand of its ring last came by. */
  isUsed: boolean;
  /** In the ring of pages that scans do not displace. */
  isKept: boolean;
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
  /** By section, by page. */
  readonly #sections: (Entry | undefined)[][] = [];
  /** By section. */
  readonly #giveBacks: (((value: unknown) => void) | undefined)[] = [];
  readonly #scanned = new PageRing<Entry>((entry) => !entry.isKept);
  readonly #kept = new PageRing<Entry>((entry) => entry.isKept);
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
  get<Value>(section: number, page: number, load: () => { value: Value; bytes: number }): Value {
    const pages = this.#sections[section]!;
    const known = pages[page];
    if (known) {
      this.hits++;
      known.isUsed = true;
      if (!known.isKept && !this.#isScan) this.#keep(known);
      return known.value as Value;
    }
    this.misses++;
    const loaded = load();
    const entry = { section, page, ...loaded, isUsed: true, isKept: false };
    pages[page] = entry;
    this.#bytes += loaded.bytes;
    this.#shed();
    if (this.#isScan) this.#scanned.add(entry);
    else this.#keep(entry);
    return loaded.value;
  }

  #keep(entry: Entry): void {
    entry.isKept = true;
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
      this.#bytes -= entry.bytes;
      if (entry.isKept) this.#keptBytes -= entry.bytes;
      this.#sections[entry.section]![entry.page] = undefined;
      this.#giveBacks[entry.section]?.(entry.value);
    }
  }
}
